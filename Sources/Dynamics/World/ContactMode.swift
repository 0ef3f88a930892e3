import ConstraintSystem

/// What a contact does in a solution.
public enum ContactMode: UInt8, Sendable, CaseIterable {
  /// No normal impulse: the surfaces part.
  case open
  /// The friction impulse is inside its cone.
  case sticking
  /// The friction impulse is at the edge of its cone.
  case sliding

  /// The mode of an impulse: `normal` λ_n ≥ 0, the length `tangential` of λ_t (both N·s), `friction` μ. `scale` (N·s) says
  /// what is nothing: the largest impulse of the problem, say.
  public init(normal: Double, tangential: Double, friction: Double, scale: Double) {
    // Solvers leave the cone's edge by their tolerance.
    if normal <= 1e-6 * scale {
      self = .open
    } else {
      self = tangential >= 0.9999 * friction * normal && friction > 0 ? .sliding : .sticking
    }
  }
}

extension Simulation {
  /// Friction coefficient of every contact of the last substep, in the order of `appendContacts`.
  public func contactFriction(_ index: Int) -> Double {
    problem.blocks.pointer[problem.blocks.count - contacts.records.count + index].friction
  }
}
