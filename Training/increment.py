"""Trains the increment of `learned-update` (sweep-increment): the weight of every constraint's step.

    python Training/increment.py training.h5 validation.h5 --delassus .build/release/delassus

An evolution strategy (Salimans et al. 2017) with the real solver in the loop lowers the mean logarithm of the sweeps to
1e-3 m/s under the cautious increment, against those without the network. Zero weights, which are that, are the start;
the weights with the best validation score are kept.
"""
import argparse
import csv
import json
import pathlib
import subprocess
import time

import numpy as np
from safetensors.numpy import save_file

from delassus_training.evolution import evolve, start, tensors

NETWORKS = {"increment": (8, 8, 1)}
ARM = "learned-update:policy=fixed,arm=4"
LIMIT = 4000


def sweeps(delassus, dataset, systems, solvers, work):
    """Sweeps of every solver from both starts, (systems and starts) × solvers; LIMIT where the tolerance is not reached."""
    found = []
    for begin in ("warm", "zero"):
        path = work / "increment.csv"
        subprocess.run(
            [delassus, "evaluate", dataset, "--limit", str(systems), "--start", begin, "--repeats", "1", "--iterations",
             str(LIMIT), "--time-limit", "0.1", "--tolerances", "1e-3", "--solvers", " ".join(solvers), "--csv", str(path)],
            check=True, capture_output=True)
        table = {}
        with open(path) as file:
            for row in csv.DictReader(file):
                passes = int(row["constraintPasses"]) if row["reached"] == "1" else LIMIT
                table.setdefault(row["system"], []).append(max(passes, 1))
        found += list(table.values())
    return np.array(found, dtype=float)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("training")
    parser.add_argument("validation")
    parser.add_argument("--delassus", default=".build/release/delassus")
    parser.add_argument("--output", default="Assets/Models")
    parser.add_argument("--work", default=".build/training")
    parser.add_argument("--generations", type=int, default=40)
    parser.add_argument("--pairs", type=int, default=8)
    parser.add_argument("--systems", type=int, default=240)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()

    began = time.time()
    rng = np.random.default_rng(options.seed)
    work = pathlib.Path(options.work) / "sweep-increment"
    work.mkdir(parents=True, exist_ok=True)
    metadata = {"schema": "increment-1", "architecture": json.dumps(NETWORKS), "largestBodyCount": "400",
                "largestMassRatio": "200", "jointRows": "1,3"}

    def score(candidates, dataset):
        texts = []
        for index, weights in enumerate(candidates):
            path = work / f"candidate{index}.safetensors"
            save_file(tensors(NETWORKS, weights), path, metadata)
            texts.append(f"{ARM},increment=network,increment-weights={path}")
        found = sweeps(options.delassus, dataset, options.systems, [ARM, *texts], work)
        return np.log(found[:, 1:] / found[:, :1]).mean(axis=0)

    best, value, first = evolve(
        start(NETWORKS, rng), lambda c: score(c, options.training), lambda c: score([c], options.validation)[0],
        options.generations, options.pairs, 0.2, rng)
    output = pathlib.Path(options.output)
    output.mkdir(parents=True, exist_ok=True)
    save_file(tensors(NETWORKS, best), output / "sweep-increment.safetensors", metadata)
    metrics = {
        "model": "sweep-increment", "weights": int(best.size), "seed": options.seed, "seconds": round(time.time() - began),
        "command": "make train MODEL=sweep-increment", "training": f"{options.systems} systems, warm and from zero",
        "sweepsAgainstPlainIncrement": {"untrained": float(np.exp(first)), "validation": float(np.exp(value))}}
    (output / "sweep-increment.json").write_text(json.dumps(metrics, indent=2) + "\n")
    print(json.dumps(metrics, indent=1))


if __name__ == "__main__":
    main()
