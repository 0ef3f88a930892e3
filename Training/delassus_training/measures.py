"""How well λ solves A λ = b, and what it is worth as a guess."""

from __future__ import annotations

import numpy as np


def relative_error(A: np.ndarray, x: np.ndarray, solution: np.ndarray) -> np.ndarray:
    """‖λ − λ*‖_A / ‖λ*‖_A of every system."""
    error = x - solution
    square = np.einsum("si,sij,sj->s", error, A, error)
    return np.sqrt(square / np.einsum("si,sij,sj->s", solution, A, solution))


def relative_residual(A: np.ndarray, b: np.ndarray, x: np.ndarray) -> np.ndarray:
    """‖Aλ − b‖ / ‖b‖ of every system."""
    return np.linalg.norm(np.einsum("sij,sj->si", A, x) - b, axis=1) / np.linalg.norm(b, axis=1)


def sweeps(A: np.ndarray, b: np.ndarray, start: np.ndarray, tolerance: float, block: int = 3, limit: int = 5000) -> np.ndarray:
    """Block Gauss–Seidel sweeps from `start` to ‖Aλ − b‖ ≤ tolerance ‖b‖."""
    systems, rows = b.shape
    lower = np.zeros_like(A)
    for i in range(0, rows, block):
        lower[:, i : i + block, : i + block] = A[:, i : i + block, : i + block]
    change = np.linalg.inv(lower)
    count = np.full(systems, limit)
    x = start.copy()
    active = np.arange(systems)
    for iteration in range(limit):
        r = b[active] - np.einsum("sij,sj->si", A[active], x)
        done = np.linalg.norm(r, axis=1) <= tolerance * np.linalg.norm(b[active], axis=1)
        count[active[done]] = iteration
        active, x, r = active[~done], x[~done], r[~done]
        if len(active) == 0:
            break
        x = x + np.einsum("sij,sj->si", change[active], r)
    return count


def ray_scaled(A: np.ndarray, b: np.ndarray, x: np.ndarray) -> np.ndarray:
    """α λ with the α that minimises ½ α² λᵀAλ − α bᵀλ; no worse than λ or 0 in the norm of A."""
    curvature = np.einsum("si,sij,sj->s", x, A, x)
    alpha = np.einsum("si,si->s", b, x) / np.where(curvature > 0, curvature, 1)
    return alpha[:, None] * x


def previous(solution: np.ndarray, run: np.ndarray, step: np.ndarray, order: int) -> tuple[np.ndarray, np.ndarray]:
    """Guesses from the steps before, λ⁻ (order 1) or 2λ⁻ − λ⁼ (order 2), and which systems have them."""
    index = np.arange(len(run))
    back = [np.roll(index, shift) for shift in range(1, order + 1)]
    known = np.all([(run[b] == run) & (step[b] == step - s - 1) for s, b in enumerate(back)], axis=0)
    guess = solution[back[0]] if order == 1 else 2 * solution[back[0]] - solution[back[1]]
    return guess, known
