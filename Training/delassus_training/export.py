"""What training leaves for the simulator: weights, metrics, golden pairs.

    Assets/Models/NAME.safetensors               weights (float32), with what they are in the file's metadata
    Assets/Models/NAME.json                      metrics by split, seed, command, number of weights, seconds of training
    Tests/LearnedSolverTests/Golden/NAME.json    a few systems with the λ of the whole method
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from .networks import Scaling

LARGEST_WEIGHT_COUNT = 7500
LARGEST_FILE = 32 * 1024


def _perceptron(tensors: dict[str, np.ndarray], name: str, x: np.ndarray) -> np.ndarray:
    index = 0
    while f"{name}.{index}.weight" in tensors:
        if index > 0:
            x = np.maximum(x, 0)
        x = x @ tensors[f"{name}.{index}.weight"].T.astype(float) + tensors[f"{name}.{index}.bias"].astype(float)
        index += 1
    return x


def evaluate(tensors: dict[str, np.ndarray], metadata: dict[str, str], scaling: Scaling) -> np.ndarray:
    """λ̂ of a mechanism model as it is in its file, in double precision: what inference in Swift is held to."""
    rows = scaling.b.shape[1]
    matrix, vector = scaling.features[:, :-rows], scaling.features[:, -rows:]
    if metadata["form"] == "direct":
        return _perceptron(tensors, "network", scaling.features)
    if metadata["form"] == "galerkin":
        Z = tensors["basis"].astype(float)
        z = np.linalg.solve(Z.T @ scaling.A @ Z, (scaling.b @ Z)[..., None])[..., 0]
        return z @ Z.T
    k = int(metadata["latent"])
    T = np.zeros((len(matrix), k, k))
    T[:, *np.tril_indices(k)] = _perceptron(tensors, "matrix", matrix)
    reduced = T @ T.transpose(0, 2, 1) + float(metadata["shift"]) * np.eye(k)
    z = np.linalg.solve(reduced, _perceptron(tensors, "vector", vector)[..., None])[..., 0]
    return _perceptron(tensors, "decoder", z)


def rounded(tensors) -> dict[str, np.ndarray]:
    """Tensors of PyTorch as a file holds them."""
    return {name: np.ascontiguousarray(tensor.detach().numpy().astype(np.float32)) for name, tensor in tensors.items()}


def weight_count(tensors: dict[str, np.ndarray]) -> int:
    return sum(tensor.size for tensor in tensors.values())


def write(
    root: Path, name: str, tensors: dict[str, np.ndarray], metadata: dict[str, str], metrics: dict, golden: list[dict]
) -> None:
    """Writes the three files below `root`. Raises ValueError where the model breaks its budget or is not finite."""
    count = weight_count(tensors)
    if count > LARGEST_WEIGHT_COUNT:
        raise ValueError(f"{name} has {count} weights, expected at most {LARGEST_WEIGHT_COUNT}")
    if not all(np.isfinite(tensor).all() for tensor in tensors.values()):
        raise ValueError(f"{name} has weights that are not finite")
    models = root / "Assets" / "Models"
    pairs = root / "Tests" / "LearnedSolverTests" / "Golden"
    models.mkdir(parents=True, exist_ok=True)
    pairs.mkdir(parents=True, exist_ok=True)
    path = models / f"{name}.safetensors"
    save_file(tensors, path, metadata=metadata)
    if path.stat().st_size > LARGEST_FILE:
        raise ValueError(f"{path} has {path.stat().st_size} bytes, expected at most {LARGEST_FILE}")
    summary = {"model": name, "weights": count, "bytes": path.stat().st_size, **metadata, **metrics}
    (models / f"{name}.json").write_text(json.dumps(summary, indent=2) + "\n")
    (pairs / f"{name}.json").write_text(json.dumps({"model": name, "pairs": golden}) + "\n")


def golden_pairs(A: np.ndarray, b: np.ndarray, solution: np.ndarray, indices: list[int]) -> list[dict]:
    """Systems and answers: A by rows."""
    return [
        {"rows": int(b.shape[1]), "A": A[i].ravel().tolist(), "b": b[i].tolist(), "lambda": solution[i].tolist()}
        for i in indices
    ]
