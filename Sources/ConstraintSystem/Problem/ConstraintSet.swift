/// The set that a block's impulses λ must stay in.
public enum ConstraintSet: UInt8, Sendable, BitwiseCopyable, CaseIterable {
  /// λ ∈ ℝⁿ: joints (equality rows).
  case free
  /// lo ≤ λ ≤ hi row by row: limits, motors, one-sided contact without friction.
  case box
  /// Rows (n, t₁, t₂), optionally τ, optionally (r₁, r₂): a contact point under the problem's friction law.
  case cone
}

/// How normal and friction impulses of a contact point belong together; a property of the problem, not of the solver.
public enum FrictionLaw: String, Sendable, CaseIterable, Codable {
  /// λ_n alone; the assembler emits one box row a contact.
  case frictionless
  /// Complementarity over the cone, K ∋ λ ⟂ w ∈ K*: a convex programme (Anitescu 2006); sliding contacts lift off.
  case convex
  /// Exact Coulomb friction, by the de Saxcé correction w_n + μ‖w_t‖ (de Saxcé, Feng 1998).
  case coulomb
  /// |λ_ti| ≤ μ λ_n for each tangent by itself, box-complementary to w_ti.
  case pyramid
}
