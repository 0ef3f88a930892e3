import LinearAlgebra

extension Narrowphase {
  static func convexConvex(
    _ a: Geometry, _ b: Geometry, _ frame: PairFrame, _ hint: inout PairHint, _ manifold: inout ContactManifold
  ) {}
}
