import ConstraintSystem
import LinearAlgebra

// Angular errors and their exact Jacobians. ω = ω_b − ω_a throughout, world axes; every error has the sign of the
// rotation that made it up to half a turn, so that a joint that was torn far apart still closes the short way.

/// All three rotations locked: q_a* q_b = q₀.
///
///     q = q_a* q_b q₀*,  C = 4 v/(1 + w)  for q = (w, v), w ≥ 0      (modified Rodrigues parameters, |C| = 4 tan(θ/4))
///     Ċ = ((1 − s²) 1 + 2 [·]×σ + 2 σσᵀ) R_aᵀ ω,  σ = C/4
///
/// (Schaub, Junkins, "Stereographic orientation parameters", J. Astronautical Sciences 44, 1996, eq. 28.) Beside the
/// usual C = 2 v its Jacobian does not fade at half a turn, and Newton's step −4 tan(θ/4) cos²(θ/4) never overshoots.
struct RotationLock {
  /// C (rad) in axes of body a.
  let error: Vector3
  private let axesA: Matrix3
  private let sigma: Vector3

  @inline(__always)
  init(_ orientationA: Quaternion, _ orientationB: Quaternion, rest: Quaternion) {
    let q = orientationA.conjugate * orientationB * rest.conjugate
    let s = q.w < 0 ? 1 / (q.w - 1) : 1 / (q.w + 1)
    sigma = s * q.imaginary
    error = 4 * sigma
    axesA = orientationA.matrix
  }

  /// Direction of row 0, 1 or 2: Ċ_i = direction · ω.
  @inline(__always)
  func direction(_ index: Int) -> Vector3 {
    let e = index == 0 ? Vector3.unitX : (index == 1 ? .unitY : .unitZ)
    let row = (1 - sigma.lengthSquared) * e + 2 * sigma.cross(e) + (2 * sigma[index]) * sigma
    return axesA * row
  }

  @inline(__always)
  func addRows(_ rows: ConstraintAssembler, compliance: Double = 0) {
    rows.equalityRow(.rotation(direction(0)), error: error.x, compliance: compliance)
    rows.equalityRow(.rotation(direction(1)), error: error.y, compliance: compliance)
    rows.equalityRow(.rotation(direction(2)), error: error.z, compliance: compliance)
  }
}

/// Two axes kept parallel, z_a fixed in body a and z_b in body b; t₁, t₂ complete z_a to a basis of body a.
///
///     C_i = 2 t_i·z_b / (1 + z_a·z_b)                              (|C| = 2 tan(θ/2), a stereographic projection)
///     Ċ_i = 2/(1 + z_a·z_b) · (z_b × t_i + (t_i·z_b)/(1 + z_a·z_b) · z_a × z_b) · ω
///
/// Beside the usual C_i = t_i·z_b it does not turn back beyond a quarter turn.
struct AxisAlignment {
  /// C (rad).
  let error: (Double, Double)
  /// Ċ_i = direction · ω.
  let direction: (Vector3, Vector3)

  @inline(__always)
  init(axisA z: Vector3, axisB: Vector3, tangents t: (Vector3, Vector3)) {
    // Antiparallel axes have no short way; the bound keeps the numbers finite there.
    let factor = 1 / max(1 + z.dot(axisB), 1e-4)
    let x = t.0.dot(axisB)
    let y = t.1.dot(axisB)
    let turn = factor * z.cross(axisB)
    error = (2 * factor * x, 2 * factor * y)
    direction = (2 * factor * (axisB.cross(t.0) + x * turn), 2 * factor * (axisB.cross(t.1) + y * turn))
  }

  @inline(__always)
  func addRows(_ rows: ConstraintAssembler) {
    rows.rigidRow(.rotation(direction.0), error: error.0)
    rows.rigidRow(.rotation(direction.1), error: error.1)
  }
}

/// The angle by which body b has turned about an axis z fixed in body a, whatever it did about others.
///
///     q = q_a* q_b q₀*,  φ = 2 atan2(v·z, w)  in (−π, π]                              (the twist of swing and twist)
///     φ̇ = (w² z + w v × z + (v·z) v) · R_aᵀ ω / (w² + (v·z)²)                         (= z·ω while the axes agree)
struct TwistAngle {
  /// φ (rad).
  let angle: Double
  /// φ̇ = direction · ω.
  let direction: Vector3

  @inline(__always)
  init(_ orientationA: Quaternion, _ orientationB: Quaternion, rest: Quaternion, axis z: Vector3) {
    let q = orientationA.conjugate * orientationB * rest.conjugate
    let v = q.imaginary
    let along = v.dot(z)
    angle = q.twist(about: z)
    // A swing by half a turn has no twist; the bound keeps the numbers finite there.
    let scale = 1 / max(q.w * q.w + along * along, 1e-8)
    direction = orientationA.rotate(scale * ((q.w * q.w) * z + q.w * v.cross(z) + along * v))
  }
}
