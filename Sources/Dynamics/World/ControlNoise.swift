import LinearAlgebra

/// Control noise: small random forces, the same for every solver, without which a warm start makes a scene at rest look
/// free.
///
/// Every dynamic body gets in every substep an acceleration of σ g ξ and an angular acceleration of σ (g/k) ξ, ξ uniform
/// in [−1, 1] by component, g = |gravity| (9.81 m/s² without gravity) and k = √(tr I/(2m)) the body's mean radius of
/// gyration. ξ is a hash of seed, substep, body and component: no state, so a run that starts from a checkpoint has the
/// same noise.
struct ControlNoise {
  private let size: Double
  private let seed: UInt64

  init(_ settings: StepSettings, gravity: Vector3) {
    let g = gravity.length
    size = settings.noise * (g > 0 ? g : 9.81)
    seed = settings.seed
  }

  /// Change of a body's velocity (m/s, rad/s) in a substep of length `h` (s).
  func impulse(on mass: BodyMass, body: Int, substep: Int, timestep h: Double) -> Vector6 {
    let inertia = mass.inertia
    let trace = inertia.row0.x + inertia.row1.y + inertia.row2.z
    let stream = Self.mix(Self.mix(seed &+ 0x9e37_79b9_7f4a_7c15) ^ UInt64(substep)) ^ UInt64(body)
    let linear = h * size * vector(stream, 0)
    guard trace > 0 else { return Vector6(linear: linear, angular: .zero) }
    let radius = (0.5 * trace / mass.mass).squareRoot()
    return Vector6(linear: linear, angular: (h * size / radius) * vector(stream, 3))
  }

  private func vector(_ stream: UInt64, _ first: UInt64) -> Vector3 {
    Vector3(uniform(stream, first), uniform(stream, first + 1), uniform(stream, first + 2))
  }

  private func uniform(_ stream: UInt64, _ component: UInt64) -> Double {
    Double(Self.mix(Self.mix(stream) &+ component) >> 11) / 4_503_599_627_370_496 - 1
  }

  /// The finaliser of SplitMix64 (Steele, Lea, Flood 2014).
  private static func mix(_ value: UInt64) -> UInt64 {
    var z = value &+ 0x9e37_79b9_7f4a_7c15
    z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
    return z ^ z >> 31
  }
}
