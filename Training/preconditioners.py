"""Trains the preconditioners `learned` (factor-correction) and `deflation` (coarse-space).

    python Training/preconditioners.py factor-correction --delassus .build/release/delassus

What counts is the number of conjugate-gradient iterations, and losses that are easy to differentiate do not follow it
(Trifonov et al. 2024 select by iterations for that reason). So the real solver is in the loop: an evolution strategy
(Salimans et al. 2017: antithetic pairs, ranks, Adam-free) lowers the mean logarithm of the iterations against `ic0`'s
on captured matrices of nets of at most 20 balls a side. The file with the best validation score is kept; zero outputs,
which are `ic0` itself, are the start, so the result is never worse than that on the validation set.
"""
import argparse
import json
import pathlib
import subprocess
import time

import numpy as np
from safetensors.numpy import save_file

# Inputs, hidden and outputs of every network of a model; the schema is that of Swift's `Model.Schema`.
ARCHITECTURES = {
    "factor-correction": ("factor-correction-1", {"node": (5, 8, 1), "edge": (11, 8, 1)}),
    "coarse-space": ("coarse-space-1", {"steps": (5, 16, 4)}),
}
PRECONDITIONER = {"factor-correction": "learned", "coarse-space": "deflation"}
# σ = C / h² is 1e-4 of A's diagonal at 1/240 s, the stiffness at which ic0 needs hundreds of iterations.
COMPLIANCE = "1.4e-8"
TRAINING_SIZES, VALIDATION_SIZES = (6, 8, 10, 12), (7, 16, 20)


def tensors(networks, weights):
    """The flat vector `weights` as the named tensors of a file."""
    named, start = {}, 0
    for name, widths in networks.items():
        for layer, (inputs, outputs) in enumerate(zip(widths[:-1], widths[1:])):
            for kind, shape in (("weight", (outputs, inputs)), ("bias", (outputs,))):
                size = int(np.prod(shape))
                named[f"{name}.{layer}.{kind}"] = weights[start:start + size].reshape(shape).astype(np.float32)
                start += size
    return named


def start(networks, rng):
    """Random first layers, last layers of zeros."""
    parts = []
    for widths in networks.values():
        for layer, (inputs, outputs) in enumerate(zip(widths[:-1], widths[1:])):
            scale = 1 / np.sqrt(inputs) if layer < len(widths) - 2 else 0
            parts += [rng.normal(size=inputs * outputs) * scale, np.zeros(outputs)]
    return np.concatenate(parts)


def capture(delassus, sizes, folder, seed):
    """Matrices of falling nets, two steps a size."""
    files = []
    for size in sizes:
        target = folder / f"net{size}"
        subprocess.run(
            [delassus, "capture", "net", "--set", f"size={size}", "--set", f"compliance={COMPLIANCE}", "--solver", "ldl",
             "--steps", "61", "--every", "30", "--format", "matrixmarket", "--noise", "0.05", "--seed", str(seed),
             "--output", str(target)], check=True, capture_output=True)
        files += [str(target / f"net-0000{step}.mtx") for step in (30, 60)]
    return files


def iterations(delassus, files, solvers):
    """Iterations of every solver on every file, files × solvers."""
    out = subprocess.run(
        [delassus, "solve", *files, "--solvers", " ".join(solvers), "--tolerance", "1e-6", "--measure", "relative",
         "--repeats", "1", "--json"], check=True, capture_output=True, text=True).stdout
    problems = json.loads(out)
    problems = problems.get("problems", [problems])
    return np.array([[r["iterations"] if r["stopReason"] == "converged" else 100000 for r in p["results"]]
                     for p in problems], dtype=float)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", choices=ARCHITECTURES)
    parser.add_argument("--delassus", default=".build/release/delassus")
    parser.add_argument("--output", default="Assets/Models")
    parser.add_argument("--work", default=".build/training")
    parser.add_argument("--generations", type=int, default=60)
    parser.add_argument("--pairs", type=int, default=8)
    parser.add_argument("--deviation", type=float, default=0.3)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()

    began = time.time()
    rng = np.random.default_rng(options.seed)
    schema, networks = ARCHITECTURES[options.model]
    folder = pathlib.Path(options.work) / options.model
    folder.mkdir(parents=True, exist_ok=True)
    training = capture(options.delassus, TRAINING_SIZES, folder / "training", options.seed)
    validation = capture(options.delassus, VALIDATION_SIZES, folder / "validation", options.seed + 1)
    metadata = {"schema": schema, "architecture": json.dumps(networks), "largestBlockCount": "1000"}

    def solver(weights, name):
        path = folder / f"{name}.safetensors"
        save_file(tensors(networks, weights), path, metadata)
        return f"pcg:preconditioner={PRECONDITIONER[options.model]},preconditioner-weights={path}"

    classical = "pcg:preconditioner=ic0"
    base = iterations(options.delassus, training, [classical])
    base_validation = iterations(options.delassus, validation, [classical])

    def score(candidates, files, base):
        texts = [solver(candidate, f"candidate{index}") for index, candidate in enumerate(candidates)]
        return np.log(iterations(options.delassus, files, texts) / base).mean(axis=0)

    center = start(networks, rng)
    best, best_score = center, score([center], validation, base_validation)[0]
    first = best_score
    for generation in range(options.generations):
        noise = rng.normal(size=(options.pairs, center.size)) * options.deviation
        scores = score([center + n for n in noise] + [center - n for n in noise], training, base)
        ranks = np.argsort(np.argsort(scores)) / (len(scores) - 1) - 0.5
        weight = ranks[:options.pairs] - ranks[options.pairs:]
        center = center - 1.0 / options.pairs * weight @ noise
        if generation % 5 == 4:
            found = score([center], validation, base_validation)[0]
            print(f"generation {generation + 1}: training {np.exp(scores.min()):.3f} of ic0's iterations at best, "
                  f"validation {np.exp(found):.3f}", flush=True)
            if found < best_score:
                best, best_score = center, found

    output = pathlib.Path(options.output)
    output.mkdir(parents=True, exist_ok=True)
    save_file(tensors(networks, best), output / f"{options.model}.safetensors", metadata)
    metrics = {
        "model": options.model, "weights": int(best.size), "seed": options.seed, "seconds": round(time.time() - began),
        "command": f"python Training/preconditioners.py {options.model} --generations {options.generations} "
                   f"--pairs {options.pairs} --deviation {options.deviation} --seed {options.seed}",
        "training": f"nets of {TRAINING_SIZES} balls a side, compliance {COMPLIANCE} m/N, steps 30 and 60",
        "validation": f"nets of {VALIDATION_SIZES} balls a side, another seed",
        "iterationsAgainstIC0": {"untrained": float(np.exp(first)), "validation": float(np.exp(best_score))},
    }
    (output / f"{options.model}.json").write_text(json.dumps(metrics, indent=2) + "\n")
    print(json.dumps(metrics["iterationsAgainstIC0"]))


if __name__ == "__main__":
    main()
