"""Trains the article's direct approximation or autoencoder on a chain of six ball joints.

    python train_mechanism.py mechanism-network          one model: weights, metrics, golden pairs
    python train_mechanism.py --losses                   every model with every loss: Documentation/Measurements/losses.json
    python train_mechanism.py mechanism-network --smoke  a minute, into a temporary folder
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path

import numpy as np
import torch

from delassus_training import data, export, losses, measures
from delassus_training.networks import BLOCK, Direct, Galerkin, Latent, Scaling, pattern

ROOT = Path(__file__).resolve().parent.parent
TESTS = ("inside", "ratio-1e3", "ratio-1e4", "released")
SEED = 1
# Per model: how it is made, and the loss that the comparison of losses (`--losses`) found best on validation runs.
MODELS = {
    "mechanism-network": (lambda f, m, s, k: Direct(f, m), (0,), "energy-gap"),
    "mechanism-latent": (lambda f, m, s, k: Latent(f, m, k), (4, 8, 12), "energy-gap"),
    "mechanism-galerkin": (lambda f, m, s, k: Galerkin(f, m, k, s), (4, 8, 12), "energy-gap"),
}


class Systems:
    """A split, scaled, as float64 arrays and float32 tensors."""

    def __init__(self, columns: dict[str, np.ndarray], pairs: list[tuple[int, int]]):
        self.columns = columns
        self.scaling = Scaling(columns["A"], columns["b"], pairs)
        self.solution = self.scaling.scaled(columns["solution"])
        values = (self.scaling.features, self.scaling.A, self.scaling.b, self.solution)
        self.features, self.A, self.b, self.target = (torch.from_numpy(value).float() for value in values)


def train(model: torch.nn.Module, loss, training: Systems, validation: Systems, epochs: int, rate: float = 2e-3) -> float:
    """Adam with a cosine schedule; keeps the weights of the best validation epoch. Returns that epoch's mean
    ‖λ − λ*‖_A / ‖λ*‖_A, the same measure for every loss."""
    optimizer = torch.optim.Adam(model.parameters(), rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs, rate / 50)
    best, kept = np.inf, None
    for epoch in range(epochs):
        order = torch.randperm(len(training.b))
        for batch in order.split(256):
            A, b, target = training.A[batch], training.b[batch], training.target[batch]
            value = loss(A, b, model(training.features[batch], A, b), target).mean()
            optimizer.zero_grad()
            value.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
        schedule.step()
        if epoch % 5 == 4 or epoch == epochs - 1:
            with torch.no_grad():
                x = model(validation.features, validation.A, validation.b)
                error = losses.energy_gap(validation.A, validation.b, x, validation.target).sqrt().mean().item()
            if error < best:
                best, kept = error, {name: value.clone() for name, value in model.state_dict().items()}
    if kept is None:
        raise RuntimeError("training gave no finite validation error")
    model.load_state_dict(kept)
    return best


def fit(
    name: str, loss: str, training: Systems, validation: Systems, matrix_inputs: int, epochs: int, sizes: tuple = ()
):
    """The model of every latent size (default: the model's own list); the best on validation runs, and all errors."""
    make = MODELS[name][0]
    errors, best = {}, None
    for k in sizes or MODELS[name][1]:
        torch.manual_seed(SEED)
        model = make(training.features, matrix_inputs, training.target, k)
        errors[k] = train(model, losses.EQUALITY_LOSSES[loss], training, validation, epochs)
        if best is None or errors[k] < errors[best[0]]:
            best = (k, model)
    return best[1], best[0], errors


def metadata(model, pairs: list[tuple[int, int]], rows: int, k: int, training: Systems) -> dict[str, str]:
    """What the file says of itself."""
    ratio = training.columns["massRatio"]
    result = {
        "schema": "mechanism-1",
        "form": model.form,
        "mechanism": "chain of six ball joints",
        "blocks": " ".join([str(BLOCK)] * (rows // BLOCK)),
        "pattern": " ".join(f"{i}-{j}" for i, j in pairs),
        "scaling": "cholesky",
        "largestBodyCount": str(data.JOINTS),
        "largestMassRatio": str(round(float(max(ratio.max(), 1 / ratio[ratio > 0].min())))),
    }
    if k:
        result["latent"] = str(k)
    if model.form == "latent":
        result["shift"] = str(model.shift)
    layers = model.tensors()
    result["architecture"] = ", ".join(
        f"{name[:-7]} {tensor.shape[1]}→{tensor.shape[0]}" for name, tensor in layers.items() if name.endswith("weight")
    ) or f"basis {rows}×{k}"
    return result


def tensors(model, training: Systems) -> dict[str, np.ndarray]:
    """The model's tensors, and the range of its features: systems outside of it are reported by the solver."""
    features = training.scaling.features
    margin = 0.1 * (features.max(0) - features.min(0))
    result = export.rounded(model.tensors())
    result["low"] = (features.min(0) - margin).astype(np.float32)
    result["high"] = (features.max(0) + margin).astype(np.float32)
    return result


def measure(weights: dict[str, np.ndarray], about: dict[str, str], systems: Systems) -> dict:
    """What a model's file is worth on a split, beside zero, the step before and the extrapolation."""
    columns, scaling = systems.columns, systems.scaling
    A, b, solution = columns["A"], columns["b"], columns["solution"]
    x = scaling.unscaled(export.evaluate(weights, about, scaling))
    error, residual = measures.relative_error(A, x, solution), measures.relative_residual(A, b, x)
    result = {
        "systems": len(b),
        "relativeError": {"median": float(np.median(error)), "p95": float(np.quantile(error, 0.95)), "worst": float(error.max())},
        "relativeResidual": {"median": float(np.median(residual)), "p95": float(np.quantile(residual, 0.95))},
    }
    rows = np.arange(len(b))
    starts = {"zero": np.zeros_like(b), "network": x, "networkRayScaled": measures.ray_scaled(A, b, x)}
    for name, order in (("previous", 1), ("extrapolated", 2)):
        guess, known = measures.previous(solution, columns["run"], columns["step"], order)
        starts[name] = guess
        rows = np.intersect1d(rows, np.flatnonzero(known)) if known.any() else rows
    if len(rows) > 400:
        rows = rows[:: len(rows) // 400]
    result["sweeps"] = {
        f"{tolerance:.0e}".replace("e-0", "e-"): {
            name: float(np.mean(measures.sweeps(A[rows], b[rows], start[rows], tolerance))) for name, start in starts.items()
        }
        for tolerance in (1e-2, 1e-3)
    }
    return result


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="?", choices=sorted(MODELS), help="the model to train")
    parser.add_argument("--losses", action="store_true", help="compare all losses on all models")
    parser.add_argument("--smoke", action="store_true", help="few runs and epochs, nothing into Assets")
    parser.add_argument("--delassus", default=str(ROOT / ".build/release/delassus"), help="the simulator")
    parser.add_argument("--data", type=Path, help="folder of the data sets (default: made anew, and removed)")
    parser.add_argument("--epochs", type=int, default=300)
    arguments = parser.parse_args()
    if not arguments.losses and arguments.model is None:
        parser.error("expected a model or --losses")
    return arguments


def main() -> None:
    arguments = parse()
    # Threads cost more than they bring in layers of 64: with two cores in use elsewhere, a hundred times as much.
    torch.set_num_threads(1)
    epochs = 5 if arguments.smoke else arguments.epochs
    with tempfile.TemporaryDirectory() as scratch:
        folder = arguments.data or Path(scratch) / "data"
        if not (folder / "released.hdf5").exists():
            data.generate(arguments.delassus, folder, scale=0.03 if arguments.smoke else 1.0)
        columns = {name: data.load(folder, name) for name in data.SPLITS}
        pairs = pattern(columns["train"]["A"])
        splits = {name: Systems(value, pairs) for name, value in columns.items()}
        output = Path(scratch) / "output" if arguments.smoke else ROOT
        if arguments.losses:
            compare(splits, pairs, epochs, output)
        else:
            ship(arguments.model, splits, pairs, epochs, output)


def ship(name: str, splits: dict[str, Systems], pairs: list[tuple[int, int]], epochs: int, output: Path) -> None:
    """Trains and writes one model."""
    training, validation = splits["train"], splits["validation"]
    rows = training.b.shape[1]
    loss = MODELS[name][2]
    begin = time.monotonic()
    model, k, errors = fit(name, loss, training, validation, training.features.shape[1] - rows, epochs)
    seconds = time.monotonic() - begin
    about = metadata(model, pairs, rows, k, training)
    weights = tensors(model, training)
    metrics = {
        "loss": loss, "seed": SEED, "epochs": epochs, "secondsOfTraining": round(seconds, 1),
        "command": f"make train MODEL={name}", "trainingSystems": len(training.b),
        "validationErrors": {str(size): error for size, error in errors.items()},
        "splits": {split: measure(weights, about, splits[split]) for split in TESTS},
    }
    inside = splits["inside"]
    solution = inside.scaling.unscaled(export.evaluate(weights, about, inside.scaling))
    indices = np.linspace(0, len(solution) - 1, 6).astype(int).tolist()
    golden = export.golden_pairs(inside.columns["A"], inside.columns["b"], solution, indices)
    export.write(output, name, weights, about, metrics, golden)
    print(f"{name}: {export.weight_count(weights)} weights, {seconds:.0f} s")
    for split, value in metrics["splits"].items():
        print(f"  {split}: relative error {value['relativeError']['median']:.3g}, sweeps to 1e-2 {value['sweeps']['1e-2']}")


def compare(splits: dict[str, Systems], pairs: list[tuple[int, int]], epochs: int, output: Path) -> None:
    """Trains every model with every loss and writes a row for each on each split. The latent size is chosen by the
    model's own loss, in a quarter of the epochs: the same size for all losses."""
    training, validation = splits["train"], splits["validation"]
    inputs = training.features.shape[1] - training.b.shape[1]
    table = []
    for name, (_, sizes, own) in MODELS.items():
        k = sizes[0] if len(sizes) == 1 else fit(name, own, training, validation, inputs, max(1, epochs // 4))[1]
        for loss in losses.EQUALITY_LOSSES:
            begin = time.monotonic()
            model, _, errors = fit(name, loss, training, validation, inputs, epochs, (k,))
            seconds = round(time.monotonic() - begin, 1)
            weights, about = tensors(model, training), metadata(model, pairs, training.b.shape[1], k, training)
            for split in TESTS:
                table.append(row(name, loss, split, k, measure(weights, about, splits[split])))
            print(f"{name} {loss}: validation error {errors[k]:.4f}, latent size {k}, {seconds} s", flush=True)
    path = output / "Documentation" / "Measurements" / "losses.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(table, indent=1, ensure_ascii=False) + "\n")


def row(name: str, loss: str, split: str, k: int, found: dict) -> dict:
    """What `measure` found as a flat row of a table: errors in the norm of A and residuals relative, sweeps as means."""
    result = {
        "model": name, "loss": loss, "split": split, "latent": k or "–",
        "error, median": found["relativeError"]["median"], "error, p95": found["relativeError"]["p95"],
        "residual, median": found["relativeResidual"]["median"],
    }
    for tolerance, starts in found["sweeps"].items():
        result[f"sweeps to {tolerance}"] = starts["network"]
        result[f"ray-scaled, to {tolerance}"] = starts["networkRayScaled"]
        result[f"from zero, to {tolerance}"] = starts["zero"]
        result[f"from the step before, to {tolerance}"] = starts["previous"]
        result[f"extrapolated, to {tolerance}"] = starts["extrapolated"]
    return result


if __name__ == "__main__":
    main()
