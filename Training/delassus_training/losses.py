"""Losses for λ ≈ f_θ(A, b), supervised and physics-informed, each free of units.

Shapes: A is systems × n × n, b and λ are systems × n; a loss is one number per system, and training takes the mean.
Every loss is unchanged when A ← αA, b ← βb, λ ← (β/α) λ. w = Aλ − b is the velocity that is left (m/s); D is A's diagonal.
"""

from __future__ import annotations

import torch
from torch import Tensor

TINY = 1e-30


def _product(A: Tensor, x: Tensor) -> Tensor:
    return (A @ x.unsqueeze(-1)).squeeze(-1)


def _square(x: Tensor) -> Tensor:
    return (x * x).sum(-1)


def _diagonal(A: Tensor) -> Tensor:
    return A.diagonal(dim1=-2, dim2=-1)


def supervised(A: Tensor, b: Tensor, x: Tensor, solution: Tensor) -> Tensor:
    """‖λ − λ*‖² / ‖λ*‖². Of use only where λ* is unique: A regular."""
    return _square(x - solution) / (_square(solution) + TINY)


def residual(A: Tensor, b: Tensor, x: Tensor) -> Tensor:
    """‖Aλ − b‖² / ‖b‖²: the article's loss. Needs no solution; weighs an error by A², so soft directions hardly count."""
    return _square(_product(A, x) - b) / (_square(b) + TINY)


def energy(A: Tensor, b: Tensor, x: Tensor) -> Tensor:
    """(½ λᵀAλ − bᵀλ) / ½ bᵀD⁻¹b: the kinetic energy that the impulses add, without a solution.

    Its minimum over λ is −bᵀA⁻¹b / bᵀD⁻¹b; the distance to it is ‖λ − λ*‖²_A / bᵀD⁻¹b.
    """
    value = 0.5 * (x * _product(A, x)).sum(-1) - (b * x).sum(-1)
    return value / (0.5 * (b * b / _diagonal(A)).sum(-1) + TINY)


def energy_gap(A: Tensor, b: Tensor, x: Tensor, solution: Tensor) -> Tensor:
    """‖λ − λ*‖²_A / ‖λ*‖²_A = (E(λ) − E(λ*)) / −E(λ*): `energy` measured from its minimum. Fine with a singular A."""
    error = x - solution
    return (error * _product(A, error)).sum(-1) / ((solution * _product(A, solution)).sum(-1) + TINY)


def project_boxes(x: Tensor, low: Tensor, high: Tensor) -> Tensor:
    """P(λ) on lo ≤ λ ≤ hi, row by row; infinite bounds are free rows."""
    return torch.minimum(torch.maximum(x, low), high)


def project_cones(x: Tensor, friction: Tensor) -> Tensor:
    """P(λ) on ‖λ_t‖ ≤ μ λ_n for contacts of rows (n, t₁, t₂); `friction` is systems × contacts."""
    contacts = x.unflatten(-1, (-1, 3))
    normal, tangent = contacts[..., 0], contacts[..., 1:]
    length = torch.sqrt(_square(tangent) + TINY)
    # The nearest point of the cone's surface, or the apex.
    onto = torch.clamp((normal + friction * length) / (1 + friction * friction), min=0)
    scaled = tangent * (friction * onto / length).unsqueeze(-1)
    inside = length <= friction * normal
    projected = torch.cat([torch.where(inside, normal, onto).unsqueeze(-1), torch.where(inside.unsqueeze(-1), tangent, scaled)], -1)
    return projected.flatten(-2)


def natural_map(A: Tensor, b: Tensor, x: Tensor, project, scale: Tensor | None = None) -> Tensor:
    """‖s (λ − P_K(λ − w/s))‖² / ‖b‖²: the residual by which the laboratory judges every solver.

    s is D, or for cones the mean of D over a contact's rows (`scale`): otherwise K would not stay a cone. On free rows
    P is the identity, and this is `residual`.
    """
    s = _diagonal(A) if scale is None else scale
    w = _product(A, x) - b
    return _square(s * (x - project(x - w / s))) / (_square(b) + TINY)


def fischer_burmeister(A: Tensor, b: Tensor, x: Tensor, unilateral: Tensor) -> Tensor:
    """‖φ‖² / ‖b‖², φ = a + w − √(a² + w²) with a = Dλ where 0 ≤ λ ⟂ w ≥ 0 (`unilateral`), φ = w on free rows.

    φ(a, w) = 0 holds exactly for a ≥ 0, w ≥ 0, aw = 0; unlike the natural map it is smooth but at the origin.
    """
    a = _diagonal(A) * x
    w = _product(A, x) - b
    phi = a + w - torch.sqrt(a * a + w * w + TINY)
    return _square(torch.where(unilateral, phi, w)) / (_square(b) + TINY)


def dissipation(A: Tensor, b: Tensor, x: Tensor) -> Tensor:
    """max(0, ½ λᵀAλ − bᵀλ) / ½ bᵀD⁻¹b: impulses at rest joints and contacts may take energy, never give it.

    A penalty beside another loss: λ = 0 meets it.
    """
    return torch.clamp(energy(A, b, x), min=0)


def sweep(A: Tensor, b: Tensor, x: Tensor) -> Tensor:
    """One forward Gauss–Seidel sweep, λ + (D + L)⁻¹ (b − Aλ)."""
    change = torch.linalg.solve_triangular(torch.tril(A), (b - _product(A, x)).unsqueeze(-1), upper=False)
    return x + change.squeeze(-1)


def unrolled(A: Tensor, b: Tensor, x: Tensor, solution: Tensor, sweeps: int = 5) -> Tensor:
    """`energy_gap` after k Gauss–Seidel sweeps from λ: what sweeps remove by themselves is not the network's work."""
    for _ in range(sweeps):
        x = sweep(A, b, x)
    return energy_gap(A, b, x, solution)


def informed(A: Tensor, b: Tensor, x: Tensor, solution: Tensor) -> Tensor:
    """Physics and data, as in the article: `residual` + `supervised`."""
    return residual(A, b, x) + supervised(A, b, x, solution)


# What a model of equality rows alone can be trained by, as f(A, b, λ, λ*).
EQUALITY_LOSSES = {
    "supervised": supervised,
    "residual": lambda A, b, x, solution: residual(A, b, x),
    "energy": lambda A, b, x, solution: energy(A, b, x),
    "energy-gap": energy_gap,
    "unrolled": unrolled,
    "informed": informed,
}
