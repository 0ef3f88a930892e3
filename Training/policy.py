"""Trains the policy of `learned-update`: which arm needs the fewest sweeps.

    python Training/policy.py --table training-warm.csv training-warm-features.csv ... --validation ...

The tables come from `delassus evaluate` under `pgs` and every fixed arm, with `--csv` and `--features`, the arms beginning
after 3, 6, 12 and 24 sweeps of the fallback, as the policy is asked (`make train MODEL=sweep-policy` does it all). The network
predicts for every arm log₂(sweeps to go under the arm / sweeps to go under `pgs`); what it promises too much costs three
times what it promises too little. The margin that an arm must promise is chosen on the validation tables, together with
the training's best step.
"""
import argparse
import csv
import json
import pathlib
import time

import numpy as np
import torch
from safetensors.torch import save_file

INPUTS, HIDDEN, ARMS = 15, 16, 8
# Sweeps that count for a solve that did not get there.
UNREACHED = 8000
# `SweepArm.caution`.
CAUTION = np.array([1, 3, 3, 1, 3, 3, 3, 3])
# Increments a pass; arms from the top.
INCREMENTS = np.array([0, 0, 0, 1, 1, 1, 1, 0.5])
TOP_DOWN = np.array([0, 0, 1, 0, 1, 0, 1, 0])
# `SweepArm.isSafest`; the fewest sweeps to go, and the largest ratio of masses, that the other arms are open for here. The
# solver opens them later (`SweepPolicy.firstBold`) and not for contacts beyond the largest stacks and piles of training.
SAFEST, SHORTEST_BOLD_REST, LARGEST_MASS_RATIO = [3], 20, 200
# `SweepPolicy.shortestSolve`.
SHORTEST_SOLVE = 17
# One solve in a hundred may cost more than this (log₂ of the ratio of times to `pgs`): 1.05.
TAIL, TAIL_QUANTILE = 0.07, 0.99
# What an arm may have to promise (log₂). Systems larger than those of training and validation are foretold worse: 0.05,
# which validation allows, loses on them.
MARGINS = (0.3, 0.4, 0.5, 0.7, 1.0)


def read(results, features):
    """Features, sweeps to go per arm (systems × arms, arm 0 is `pgs`) of the systems that the first sweeps do not solve."""
    seen = {}
    with open(features) as file:
        for row in csv.DictReader(file):
            if row["feature0"]:
                seen[row["system"], float(row["tolerance"])] = [float(row[f"feature{k}"]) for k in range(INPUTS)]
    sweeps = {}
    with open(results) as file:
        for row in csv.DictReader(file):
            key = row["system"], float(row["tolerance"])
            if key not in seen:
                continue
            arm = 0 if row["solver"] == "pgs" else int(row["solver"].split("arm=")[1].split(",")[0])
            passes = float(row["constraintPasses"])
            sweeps.setdefault(key, np.full(ARMS, np.nan))[arm] = passes if row["reached"] == "1" else max(UNREACHED, passes)
    keys = [key for key in seen if key in sweeps and np.isfinite(sweeps[key]).all()]
    x = np.array([seen[k] for k in keys], np.float32)
    return x, np.array([sweeps[k] for k in keys]) - first(x)[:, None]


def read_all(paths):
    parts = [read(*pair) for pair in zip(paths[::2], paths[1::2])]
    return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])


def first(x):
    """Sweeps so far: the inverse of `SweepHistory.logarithm`."""
    exponent = np.floor(8 * x[:, 14])
    return np.rint(2**exponent * (1 + 8 * x[:, 14] - exponent))


def remaining(x):
    """Sweeps to go at the rate of the last ones, as `SweepHistory.remaining`."""
    return np.minimum(16 * x[:, 0] / np.maximum(-(x[:, 1] + x[:, 2]) / 2, 1e-4), 2000)


def overhead(x):
    """log₂ of what a pass of every arm costs against one of the fallback, as `SweepPolicy.overhead`."""
    blocks = 2 ** (12 * x[:, 8])
    bodies = blocks * np.maximum(1 - x[:, 9], 1e-6) / np.maximum(4 * x[:, 9], 1e-6)
    rows = 6 * x[:, 3] * blocks
    increment = (11 * bodies + 1.5 * rows + 40) / (10 * rows + 30 * x[:, 4] * blocks)
    return np.log2(1 + np.outer(increment, INCREMENTS) + np.outer(1.5 / np.maximum(remaining(x), 1), TOP_DOWN))


def choose(promised, x, margin):
    """The arm of every system under a margin, as `SweepPolicy.choose`; x are the features."""
    promised = promised + overhead(x)
    few = (remaining(x) < SHORTEST_BOLD_REST) | (16 * x[:, 10] > np.log2(LARGEST_MASS_RATIO))
    offered = np.where(promised < -margin * CAUTION, promised, np.inf)
    bold = np.setdiff1d(np.arange(ARMS), SAFEST)
    offered[np.ix_(few, bold)] = np.inf
    offered[:, 0] = 1e9
    # `SweepPolicy.isWorthAsking`.
    offered[first(x) + remaining(x) < SHORTEST_SOLVE + 300 / 2 ** (12 * x[:, 8]), 1:] = np.inf
    return offered.argmin(1)


def judge(sweeps, x, arms):
    """Mean log₂ of all sweeps against `pgs`, and upper quantile of that of the time: sweeps and what one costs."""
    at, begun = np.arange(len(arms)), first(x)
    all_of_pgs, own = begun + sweeps[:, 0], sweeps[at, arms]
    ratio = np.log2((begun + own) / all_of_pgs)
    time = np.log2((begun + own * 2 ** overhead(x)[at, arms]) / all_of_pgs)
    return ratio.mean(), np.quantile(time, TAIL_QUANTILE)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--table", nargs="+", required=True, help="pairs: results features …")
    parser.add_argument("--validation", nargs="+", required=True)
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--output", default="Assets/Models")
    parser.add_argument("--golden", default="Tests/LearnedSolverTests/Golden")
    options = parser.parse_args()
    began = time.time()
    torch.manual_seed(options.seed)
    torch.set_num_threads(1)
    x, sweeps = read_all(options.table)
    vx, vsweeps = read_all(options.validation)
    target = torch.tensor(np.clip(np.log2(sweeps / sweeps[:, :1]), -6, 6), dtype=torch.float32)
    x, vx = torch.tensor(x), torch.tensor(vx)
    network = torch.nn.Sequential(torch.nn.Linear(INPUTS, HIDDEN), torch.nn.ReLU(), torch.nn.Linear(HIDDEN, ARMS))
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-2, weight_decay=1e-5)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, options.steps)
    best = (np.inf, None, None)
    for step in range(options.steps):
        batch = torch.randint(len(x), (512,))
        error = network(x[batch]) - target[batch]
        # error < 0: the arm was promised to be better than it is.
        weight = torch.where(error < 0, 3.0, 1.0)
        loss = (weight * torch.nn.functional.huber_loss(error, torch.zeros_like(error), reduction="none")).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        if step % 200 == 199 or step == options.steps - 1:
            with torch.no_grad():
                promised = network(vx).numpy()
            for margin in MARGINS:
                mean, tail = judge(vsweeps, vx.numpy(), choose(promised, vx.numpy(), margin))
                # The largest margin is kept where none is safe enough.
                if (tail <= TAIL or best[1] is None and margin == MARGINS[-1]) and mean < best[0]:
                    best = mean, margin, {k: v.clone() for k, v in network.state_dict().items()}
    _, margin, state = best
    network.load_state_dict(state)
    with torch.no_grad():
        promised = network(vx).numpy()
    mean, tail = judge(vsweeps, vx.numpy(), choose(promised, vx.numpy(), margin))
    fixed = [judge(vsweeps, vx.numpy(), np.full(len(vsweeps), arm))[0] for arm in range(ARMS)]
    hindsight = judge(vsweeps, vx.numpy(), vsweeps.argmin(1))[0]
    output, golden = pathlib.Path(options.output), pathlib.Path(options.golden)
    output.mkdir(parents=True, exist_ok=True)
    golden.mkdir(parents=True, exist_ok=True)
    tensors = {f"policy.{name.replace('2.', '1.')}": value.contiguous() for name, value in state.items()}
    save_file(tensors, output / "sweep-policy.safetensors", {
        "schema": "policy-3", "architecture": f"{INPUTS}-{HIDDEN}-{ARMS}", "margin": str(margin),
        "largestBodyCount": "400", "largestContactBodyCount": "20", "largestMassRatio": str(LARGEST_MASS_RATIO), "jointRows": "1,3"})
    metrics = {
        "model": "sweep-policy", "weights": sum(t.numel() for t in tensors.values()), "seed": options.seed,
        "seconds": round(time.time() - began), "command": "make train MODEL=sweep-policy", "margin": margin,
        "trainingSolves": len(x),
        "validation": {
            "sweepsAgainstPGS": float(2**mean), f"p{100 * TAIL_QUANTILE:g}": float(2**tail), "bestInHindsight": float(2**hindsight),
            "fixedArms": [float(2**f) for f in fixed]}}
    (output / "sweep-policy.json").write_text(json.dumps(metrics, indent=2) + "\n")
    pairs = vx[:: max(1, len(vx) // 8)][:8]
    with torch.no_grad():
        answers = network(pairs)
    (golden / "sweep-policy.json").write_text(json.dumps(
        {"network": "policy", "inputs": pairs.tolist(), "outputs": answers.tolist()}) + "\n")
    print(json.dumps(metrics["validation"], indent=1))


if __name__ == "__main__":
    main()
