"""Trains the preconditioners `learned` (preconditioner-policy), `learned-factor` (factor-correction) and `deflation`
(coarse-space).

    python Training/preconditioners.py preconditioner-policy --delassus .build/release/delassus

What counts is how long conjugate gradients take, and losses that are easy to differentiate do not follow that. So the
real solver is in the loop: an evolution strategy (Salimans et al. 2017: antithetic pairs, ranks) lowers the mean
logarithm of its iterations against `ic0`'s. The weights with the best validation score are kept; nets have at most 20
balls a side. `preconditioner-policy` is trained in three steps: the interval of the polynomial by evolution; the one
interval for all matrices that `preconditioner-output=mean` takes, likewise; the choice between polynomial and `ic0` by
regression on their times.
"""
import argparse
import json
import pathlib
import subprocess
import time

import numpy as np
from safetensors.numpy import save_file

from delassus_training.evolution import evolve, start, tensors

# Inputs, hidden and outputs of every network of a model; the schema is that of Swift's `Model.Schema`.
MODELS = {
    "preconditioner-policy": {
        "schema": "preconditioner-policy-1", "networks": {"interval": (10, 16, 2)}, "preconditioner": "learned",
        "deviation": 0.06},
    "factor-correction": {
        "schema": "factor-correction-1", "networks": {"node": (5, 8, 1), "edge": (11, 8, 1)},
        "preconditioner": "learned-factor", "deviation": 0.3},
    "coarse-space": {
        "schema": "coarse-space-1", "networks": {"steps": (5, 16, 4)}, "preconditioner": "deflation", "deviation": 0.3},
}
# (α, β) where the policy begins: an interval that is somewhat too long.
INTERVAL_START = (0.0, 0.3)
CHOICE_INPUTS = 7
# What a solve costs that does not converge, in either.
UNREACHED = 1e6
NET = ["net", "--substeps", "1", "--set"]


def net(size, compliance):
    return [*NET, f"size={size}", "--set", f"compliance={compliance}"], "pcg", "ldl"


def contacts(*scene):
    return list(scene), "newton:linear=pcg", "newton"


def joints(*scene):
    return list(scene), "pcg", "ldl"


# Scene, solver whose linear systems are preconditioned, solver that runs the scene. 2.2e-7 m/N is 1e-4 of A's diagonal
# with one substep of 1/60 s, where ic0 needs hundreds of iterations.
TRAINING = [
    *(net(size, compliance) for size in (6, 9, 12, 16, 20) for compliance in ("2.2e-7", "1e-5")),
    joints("chain", "--set", "count=40"), joints("chain", "--set", "count=12", "--set", "massRatio=50"),
    joints("bridge"), contacts("wall", "--set", "width=5", "--set", "height=6"), contacts("stack", "--set", "count=8"),
    contacts("stack", "--set", "count=20"), contacts("arch"), contacts("dominoes"), contacts("pile", "--set", "count=30"),
    contacts("pyramid", "--set", "base=10"),
]
VALIDATION = [
    *(net(size, compliance) for size in (7, 14, 18) for compliance in ("2.2e-7", "3e-6")),
    joints("chain", "--set", "count=70"), joints("bridge", "--set", "planks=30"),
    contacts("wall", "--set", "width=7", "--set", "height=4"), contacts("stack", "--set", "count=14"),
    contacts("pile", "--set", "count=45"), contacts("pyramid", "--set", "base=8"),
]
SMOKE = [net(6, "2.2e-7"), joints("chain", "--set", "count=12"), contacts("stack", "--set", "count=5")]


def record(delassus, scenes, folder, seed):
    """Problems of recorded scenes, two steps a scene: (RECORDING@STEP, solver whose linear systems are preconditioned)."""
    folder.mkdir(parents=True, exist_ok=True)
    problems = []
    for index, (scene, base, driver) in enumerate(scenes):
        path = folder / f"{index}.sqlite"
        steps = (4, 15) if base == "pcg" else (40, 80)
        path.unlink(missing_ok=True)
        subprocess.run([delassus, "run", *scene, "--solver", driver, "--steps", str(steps[1] + 1), "--noise", "0.02", "--seed",
                        str(seed), "--record", path], check=True, capture_output=True)
        problems += [(f"{path}@{step}", base) for step in steps]
    return problems


def solve(delassus, problems, preconditioners, repeats):
    """What `delassus solve --json` says of conjugate gradients with every preconditioner: problems × preconditioners."""
    table = [None] * len(problems)
    for base in sorted({base for _, base in problems}):
        rows = [index for index, problem in enumerate(problems) if problem[1] == base]
        separator = "," if ":" in base else ":"
        solvers = [f"{base}{separator}preconditioner={text}" for text in preconditioners]
        out = subprocess.run(
            [delassus, "solve", *(problems[row][0] for row in rows), "--solvers", " ".join(solvers), "--tolerance", "1e-6",
             "--measure", "relative" if base == "pcg" else "residual", "--repeats", str(repeats), "--iterations", "3000",
             "--json"], capture_output=True, text=True).stdout
        found = json.loads(out)
        for row, problem in zip(rows, found.get("problems", [found])):
            table[row] = problem["results"]
    return table


def costs(table, measure):
    """Iterations or microseconds, problems × preconditioners."""
    return np.array([[r[measure] if r["stopReason"] == "converged" else UNREACHED for r in row] for row in table])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", choices=MODELS)
    parser.add_argument("--delassus", default=".build/release/delassus")
    parser.add_argument("--output", default="Assets/Models")
    parser.add_argument("--work", default=".build/training")
    parser.add_argument("--generations", type=int, default=60)
    parser.add_argument("--pairs", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--smoke", action="store_true", help="a few small problems")
    options = parser.parse_args()

    began = time.time()
    rng = np.random.default_rng(options.seed)
    model = MODELS[options.model]
    networks = model["networks"]
    folder = pathlib.Path(options.work) / options.model
    sets = (SMOKE, SMOKE) if options.smoke else (TRAINING, VALIDATION)
    if options.model != "preconditioner-policy":
        # Corrections of ic0 are trained where it struggles.
        sets = tuple([scene for scene in scenes if scene[0][0] == "net"] for scenes in sets)
    training = record(options.delassus, sets[0], folder / "training", options.seed)
    validation = record(options.delassus, sets[1], folder / "validation", options.seed + 1)
    metadata = {"schema": model["schema"], "architecture": json.dumps(networks), "largestBlockCount": "1200"}

    def texts(files, output="network"):
        """The preconditioners of files of these tensors."""
        for index, named in enumerate(files):
            save_file(named, folder / f"candidate{index}.safetensors", metadata)
        return [f"{model['preconditioner']},preconditioner-weights={folder}/candidate{index}.safetensors,"
                f"preconditioner-output={output}" for index in range(len(files))]

    def score(files, problems, output="network"):
        """Mean logarithm of the products with A or H, which iterations are but for Newton's steps, against ic0's."""
        found = costs(solve(options.delassus, problems, ["ic0", *texts(files, output)], 1), "operatorApplications")
        return np.log(found[:, 1:] / found[:, :1]).mean(axis=0)

    def file(weights, constant=np.zeros(2)):
        named = tensors(networks, weights)
        if options.model == "preconditioner-policy":
            # The polynomial always.
            named["choice.0.weight"] = np.zeros((1, CHOICE_INPUTS), np.float32)
            named["choice.0.bias"] = np.array([-1], np.float32)
            named["constant"] = np.array([-1, *constant], np.float32)
        return named

    # On trees ic0 is exact, whatever the interval.
    looped = [[problem for problem, scene in zip(problems, [s for s in scenes for _ in range(2)])
               if scene[0][0] not in ("chain", "bridge")] for problems, scenes in zip((training, validation), sets)]
    center = start(networks, rng)
    if options.model == "preconditioner-policy":
        center[-2:] = INTERVAL_START
    best, value, first = evolve(
        center, lambda c: score([file(x) for x in c], looped[0]), lambda c: score([file(c)], looped[1])[0],
        options.generations, options.pairs, model["deviation"], rng)
    results = {"untrained": float(np.exp(first)), "validation": float(np.exp(value))}
    named = file(best)
    if options.model == "preconditioner-policy":
        constant, constant_value, _ = evolve(
            np.array(INTERVAL_START), lambda c: score([file(best, x) for x in c], looped[0], "mean"),
            lambda c: score([file(best, c)], looped[1], "mean")[0], options.generations // 2, options.pairs, 0.1, rng)
        named = file(best, constant)
        results["oneIntervalForAll"] = float(np.exp(constant_value))
        results |= choose(named, options.delassus, training, validation, texts)

    output = pathlib.Path(options.output)
    output.mkdir(parents=True, exist_ok=True)
    save_file(named, output / f"{options.model}.safetensors", metadata)
    metrics = {
        "model": options.model, "weights": int(sum(t.size for t in named.values())), "seed": options.seed,
        "seconds": round(time.time() - began), "command": f"make train MODEL={options.model}",
        "training": f"{len(training)} problems, nets of at most 20 balls a side", "validation": f"{len(validation)} problems",
        "productsAgainstIC0": results}
    (output / f"{options.model}.json").write_text(json.dumps(metrics, indent=2) + "\n")
    print(json.dumps(metrics, indent=1))


def choose(named, delassus, training, validation, texts):
    """Fits the choice between ic0 and the polynomial to the binary logarithm of their times; gives what it is worth."""
    def measured(problems, output="network"):
        table = solve(delassus, problems, ["ic0", *texts([named], output)], 5)
        x = np.array([row[1]["networkInput"] for row in table])
        # As `LearnedPreconditioner.decide`.
        x = np.hstack([x[:, [0, 3, 9]], x[:, [0, 3, 9]] * x[:, 8:9], x[:, 8:9]])
        return x, np.clip(np.log2(np.divide(*costs(table, "time").T[::-1])), -4, 4)

    # Ridge regression about the means; the strength is chosen on the validation set.
    (x, y), (vx, vy) = measured(training), measured(validation)
    mean, spread = x.mean(0), x.std(0) + 0.02
    z = (x - mean) / spread

    def fit(strength):
        return np.linalg.solve(z.T @ z + strength * np.eye(z.shape[1]), z.T @ (y - y.mean())) / spread
    w = min(map(fit, (0.01, 0.03, 0.1, 0.3, 1.0)), key=lambda w: np.square((vx - mean) @ w + y.mean() - vy).sum())
    named["choice.0.weight"] = w[None].astype(np.float32)
    named["choice.0.bias"] = np.array([y.mean() - w @ mean], np.float32)
    gamma = vx @ w + named["choice.0.bias"][0]
    same = measured(training, "mean")[1]
    named["constant"][0] = same.mean()
    return {
        "timeAsChosen": float(2 ** np.where(gamma > 0, 0, vy).mean()), "timeOfTheBest": float(2 ** np.minimum(vy, 0).mean()),
        "errorOfLog2Time": float(np.abs(gamma - vy).mean()), "correctChoices": float(((gamma > 0) == (vy > 0)).mean())}


if __name__ == "__main__":
    main()
