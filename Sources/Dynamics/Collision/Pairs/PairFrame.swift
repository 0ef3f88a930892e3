import LinearAlgebra

/// Where b is, seen from a: x_a = R x_b + t.
struct PairFrame {
  /// R: b's axes are its columns.
  let rotation: Matrix3
  /// t (m): b's origin.
  let translation: Vector3
  /// Gap up to which contact points are wanted (m).
  let margin: Double

  /// b in a's frame; `axesA` is the matrix of a's orientation.
  @inline(__always)
  init(_ axesA: Matrix3, _ poseA: RigidTransform, _ poseB: RigidTransform, margin: Double) {
    let b = poseB.orientation.matrix
    rotation = Matrix3(
      rows: b.transposeTimes(axesA.column(0)), b.transposeTimes(axesA.column(1)), b.transposeTimes(axesA.column(2)))
    translation = axesA.transposeTimes(poseB.position - poseA.position)
    self.margin = margin
  }

  @inline(__always)
  init(rotation: Matrix3, translation: Vector3, margin: Double) {
    self.rotation = rotation
    self.translation = translation
    self.margin = margin
  }

  /// Whether b is at a finite place, near enough for its square to be a number too.
  @inline(__always) var isFinite: Bool {
    (translation.lengthSquared + rotation.row0.lengthSquared + rotation.row1.lengthSquared).isFinite
  }

  /// Where a is, seen from b.
  @inline(__always) var inverse: PairFrame {
    PairFrame(rotation: rotation.transpose, translation: -rotation.transposeTimes(translation), margin: margin)
  }

  /// A point of b in a's frame.
  @inline(__always) func toA(_ point: Vector3) -> Vector3 { rotation * point + translation }
  /// A point of a in b's frame.
  @inline(__always) func toB(_ point: Vector3) -> Vector3 { rotation.transposeTimes(point - translation) }
}

extension ContactManifold {
  /// Makes the manifold the contact of two balls around `a` and `b` (a's frame, m), the nearest points of two cores;
  /// `fallback` is the normal where they coincide. No contact beyond the margin.
  @inline(__always)
  mutating func setRounded(
    _ a: Vector3, _ radiusA: Double, _ b: Vector3, _ radiusB: Double, fallback: Vector3, feature: UInt32,
    margin: Double
  ) {
    let delta = b - a
    let distance = delta.length
    let separation = distance - radiusA - radiusB
    if separation > margin { return }
    normal = distance > 0 ? delta / distance : fallback
    append(
      ContactPoint(
        position: a + (radiusA + 0.5 * separation) * normal, separation: separation, feature: feature))
  }
}
