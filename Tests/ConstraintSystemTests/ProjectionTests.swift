import ConstraintSystem
import LinearAlgebra
import Testing

@Suite struct ProjectionTests {
  static func block(rows: Int, friction: Double, torsional: Double = 0, rolling: Double = 0) -> ConstraintBlock {
    ConstraintBlock(
      firstRow: 0, rowCount: rows, bodyA: -1, bodyB: 0, set: .cone, friction: friction, torsionalFriction: torsional,
      rollingFriction: rolling)
  }

  static func isInside(_ x: [Double], _ block: ConstraintBlock, _ slack: Double) -> Bool {
    var copy = x
    Projection.cone(&copy, block)
    return zip(x, copy).allSatisfy { ($0 - $1).magnitude <= slack }
  }

  /// The obtuse-angle criterion: p is the projection of x exactly if (x − p)·(z − p) ≤ 0 for every z of the set.
  /// Round-off of sums of a few products of size ≤ 10: 1e-12.
  @Test(arguments: [(3, 0.0), (3, 0.5), (4, 0.7), (5, 0.3), (6, 1.2)])
  func isTheNearestPoint(rows: Int, friction: Double) {
    var state: UInt64 = 42
    func random() -> Double {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 11) / Double(1 << 53) * 4 - 2
    }
    let block = Self.block(rows: rows, friction: friction, torsional: 0.2, rolling: 0.4)
    for _ in 0..<500 {
      let x = (0..<rows).map { _ in random() }
      var p = x
      Projection.cone(&p, block)
      #expect(Self.isInside(p, block, 1e-12))
      for _ in 0..<20 {
        var z = (0..<rows).map { _ in 2 * random() }
        Projection.cone(&z, block)
        let product = (0..<rows).map { (x[$0] - p[$0]) * (z[$0] - p[$0]) }.reduce(0, +)
        #expect(product <= 1e-12)
      }
    }
  }

  @Test func coneOfNoFrictionIsTheHalfLine() {
    var x = [2.0, 3, 4]
    Projection.cone(&x, Self.block(rows: 3, friction: 0))
    #expect(x == [2, 0, 0])
    x = [-2, 3, 4]
    Projection.cone(&x, Self.block(rows: 3, friction: 0))
    #expect(x == [0, 0, 0])
  }
}
