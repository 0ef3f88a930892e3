import LinearAlgebra

/// Torque-free rotation of an asymmetric body over one step.
///
///     I (ω₁ − ω₀) + h ω_m × I ω_m = 0,   ω_m = (ω₀ + ω₁)/2      (body axes)
///
/// The implicit midpoint rule keeps both quadratic invariants of Euler's equations, ½ ωᵀIω and |Iω|², so a tumbling
/// body neither gains energy nor blows up (Hairer, Lubich, Wanner, "Geometric Numerical Integration", IV.2.1). Newton
/// from ω₀; where it does not converge (h|ω| ≫ 1) ω is kept, which conserves the energy too.
enum Gyroscopic {
  /// World angular velocity after `h` seconds without torque.
  static func advance(_ omega: Vector3, _ rotation: Matrix3, _ mass: BodyMass, timestep h: Double) -> Vector3 {
    let inertia = mass.inertia
    let start = rotation.transposeTimes(omega)
    let momentum = inertia * start
    let torque = start.cross(momentum)
    // Nothing to do for spheres and for rotation about a principal axis, up to round-off.
    if torque.lengthSquared <= 1e-28 * momentum.lengthSquared * start.lengthSquared { return omega }
    var end = start
    for _ in 0..<8 {
      let middle = 0.5 * (start + end)
      let residual = inertia * (end - start) + h * middle.cross(inertia * middle)
      // d/dω₁ of ω_m × I ω_m is ½ ([ω_m]× I − [I ω_m]×).
      let jacobian =
        inertia + (0.5 * h)
        * (Matrix3(crossProductWith: middle) * inertia - Matrix3(crossProductWith: inertia * middle))
      guard let inverse = jacobian.inverse else { return omega }
      let step = inverse * residual
      end -= step
      if step.lengthSquared <= 1e-30 * end.lengthSquared { return rotation * end }
    }
    return end.isFinite && (end - start).lengthSquared <= 4 * start.lengthSquared ? rotation * end : omega
  }
}
