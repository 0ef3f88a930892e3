"""Networks of the mechanism, and the scaling around them, which is the same in Swift (`MechanismScaling.swift`).

With the diagonal blocks A_ii = L_i L_iᵀ (Cholesky),

    Â_ij = L_i⁻¹ A_ij L_j⁻ᵀ,   b̂_i = L_i⁻¹ b_i / ρ,   ρ = rms(L⁻¹ b),   λ_i = ρ L_i⁻ᵀ λ̂_i.

Units, masses and the time step cancel; Â_ii = 1, so a network sees the blocks below the diagonal and b̂.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

BLOCK = 3


class Scaling:
    """Scaled systems of one pattern, float64: `A`, `b`, `solution`, the features of a network, and the way back."""

    def __init__(self, A: np.ndarray, b: np.ndarray, pairs: list[tuple[int, int]]):
        systems, rows = b.shape
        blocks = rows // BLOCK
        whitening = np.zeros_like(A)
        for index in range(blocks):
            at = slice(BLOCK * index, BLOCK * (index + 1))
            whitening[:, at, at] = np.linalg.inv(np.linalg.cholesky(A[:, at, at]))
        self.whitening = whitening
        self.A = whitening @ A @ whitening.transpose(0, 2, 1)
        scaled = np.einsum("sij,sj->si", whitening, b)
        self.rms = np.sqrt((scaled**2).mean(1, keepdims=True))
        self.b = scaled / self.rms
        parts = [
            self.A[:, BLOCK * i : BLOCK * (i + 1), BLOCK * j : BLOCK * (j + 1)].reshape(systems, -1) for i, j in pairs
        ]
        self.features = np.concatenate([*parts, self.b], 1)

    def scaled(self, solution: np.ndarray) -> np.ndarray:
        """λ̂ of λ."""
        return np.linalg.solve(self.whitening.transpose(0, 2, 1), solution[..., None])[..., 0] / self.rms

    def unscaled(self, x: np.ndarray) -> np.ndarray:
        """λ of λ̂."""
        return np.einsum("sji,sj->si", self.whitening, x) * self.rms


def pattern(A: np.ndarray) -> list[tuple[int, int]]:
    """Blocks below the diagonal that are not zero in all systems, row by row."""
    present = (A != 0).any(0)
    blocks = present.shape[0] // BLOCK
    present = present.reshape(blocks, BLOCK, blocks, BLOCK).any((1, 3))
    return [(i, j) for i in range(blocks) for j in range(i) if present[i, j]]


def perceptron(widths: list[int]) -> nn.Sequential:
    """Linear layers with max(0, ·) between them."""
    layers: list[nn.Module] = []
    for index, (inputs, outputs) in enumerate(zip(widths, widths[1:])):
        layers.append(nn.Linear(inputs, outputs))
        if index < len(widths) - 2:
            layers.append(nn.ReLU())
    return nn.Sequential(*layers)


class Mechanism(nn.Module):
    """λ̂ = f_θ(Â, b̂) with tensors for the model file."""

    form = ""

    def __init__(self, features: Tensor, matrix_inputs: int):
        super().__init__()
        self.matrix_inputs = matrix_inputs
        self.register_buffer("mean", features.mean(0))
        self.register_buffer("deviation", features.std(0) + 1e-6)

    def inputs(self, features: Tensor) -> Tensor:
        """Features with mean 0 and deviation 1."""
        return (features - self.mean) / self.deviation

    def folded(self, network: nn.Sequential, name: str, part: slice | None) -> dict[str, Tensor]:
        """The layers as `NAME.K.weight`, `NAME.K.bias`, with the standardisation of `part` of the features inside."""
        tensors = {}
        layers = [layer for layer in network if isinstance(layer, nn.Linear)]
        for index, layer in enumerate(layers):
            weight, bias = layer.weight.detach().double(), layer.bias.detach().double()
            if index == 0 and part is not None:
                weight = weight / self.deviation[part].double()
                bias = bias - weight @ self.mean[part].double()
            tensors[f"{name}.{index}.weight"] = weight
            tensors[f"{name}.{index}.bias"] = bias
        return tensors


class Direct(Mechanism):
    """The article's direct approximation: one perceptron."""

    form = "direct"

    def __init__(self, features: Tensor, matrix_inputs: int, hidden: tuple[int, ...] = (56, 48)):
        super().__init__(features, matrix_inputs)
        rows = features.shape[1] - matrix_inputs
        self.network = perceptron([features.shape[1], *hidden, rows])

    def forward(self, features: Tensor, A: Tensor, b: Tensor) -> Tensor:
        return self.network(self.inputs(features))

    def tensors(self) -> dict[str, Tensor]:
        return self.folded(self.network, "network", slice(None))


class Latent(Mechanism):
    """The article's autoencoder: E_θ(A) z = E_θ(b), λ = D_φ(z), z ∈ Rᵏ.

    E_θ(A) = ε 1 + T Tᵀ with T lower triangular from a perceptron of Â's blocks: positive definite for any weights.
    E_θ(b) is a perceptron of b̂, D_φ a perceptron of z.
    """

    form = "latent"
    shift = 0.1

    def __init__(self, features: Tensor, matrix_inputs: int, k: int):
        super().__init__(features, matrix_inputs)
        rows = features.shape[1] - matrix_inputs
        self.k = k
        self.matrix = perceptron([matrix_inputs, 32, k * (k + 1) // 2])
        self.vector = perceptron([rows, 32, k])
        self.decoder = perceptron([k, 40, rows])
        self.lower = torch.tril_indices(k, k)

    def forward(self, features: Tensor, A: Tensor, b: Tensor) -> Tensor:
        inputs = self.inputs(features)
        T = features.new_zeros(len(features), self.k, self.k)
        T[:, self.lower[0], self.lower[1]] = self.matrix(inputs[:, : self.matrix_inputs])
        reduced = T @ T.transpose(1, 2) + self.shift * torch.eye(self.k, dtype=T.dtype)
        z = torch.linalg.solve(reduced, self.vector(inputs[:, self.matrix_inputs :]))
        return self.decoder(z)

    def tensors(self) -> dict[str, Tensor]:
        return {
            **self.folded(self.matrix, "matrix", slice(0, self.matrix_inputs)),
            **self.folded(self.vector, "vector", slice(self.matrix_inputs, None)),
            **self.folded(self.decoder, "decoder", None),
        }


class Galerkin(Mechanism):
    """A linear decoder: (ZᵀÂZ) z = Zᵀb̂, λ̂ = Z z, the best of its subspace in the norm of A. Z begins with the principal
    directions of λ̂."""

    form = "galerkin"

    def __init__(self, features: Tensor, matrix_inputs: int, k: int, solutions: Tensor):
        super().__init__(features, matrix_inputs)
        directions = solutions / solutions.norm(dim=1, keepdim=True)
        self.basis = nn.Parameter(torch.linalg.svd(directions, full_matrices=False)[2][:k].T.contiguous())

    def forward(self, features: Tensor, A: Tensor, b: Tensor) -> Tensor:
        Z = self.basis
        z = torch.linalg.solve(Z.T @ A @ Z, b @ Z)
        return z @ Z.T

    def tensors(self) -> dict[str, Tensor]:
        # Orthonormal columns span the same space, and the reduced matrix is no worse conditioned than Â.
        return {"basis": torch.linalg.qr(self.basis.detach().double())[0]}
