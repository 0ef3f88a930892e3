import Dynamics
import LinearAlgebra
import Testing

/// Every pair of kinds at random poses against `NarrowphaseReference`.
@Suite struct NarrowphaseFuzzTests {
  /// A few of every kind, ordinary, thin and long; about 1 m.
  static let shapes: [Geometry] = [
    sphere(0.5), sphere(0.05), capsule(0.2, 0.6), capsule(0.5, 0.05), cylinder(0.5, 0.4), cylinder(0.6, 0.02),
    cylinder(0.05, 0.8), box(0.5, 0.4, 0.3), box(0.0005, 0.1, 0.05), box(1, 0.05, 0.05),
    HullLibrary.box(0.4, 0.3, 0.5), HullLibrary.prism(sides: 6, radius: 0.5, halfHeight: 0.2),
    HullLibrary.pebble(corners: 20, size: Vector3(0.6, 0.4, 0.3), seed: 1),
    HullLibrary.simplicial([Vector3(-0.3, -0.3, -0.3), Vector3(0.7, 0, 0), Vector3(0, 0.6, 0), Vector3(0, 0, 0.5)]),
    triangle(Vector3(-0.5, 0, -0.4), Vector3(0.6, 0, -0.3), Vector3(0, 0, 0.7)),
    triangle(Vector3(0, 0, 0), Vector3(0.02, 0, 0), Vector3(0.5, 0.3, 0.01)),
  ]

  /// Half the width along `n` (own frame).
  static func halfWidth(_ g: Geometry, _ n: Vector3) -> Double {
    0.5 * (NarrowphaseReference.height(g, n) + NarrowphaseReference.height(g, -n))
  }

  /// What preferring faces may cost at a normal (see `Narrowphase`): 2 % of the gap there, not of the best, so 2.05 %.
  static func preference(
    _ a: Geometry, _ poseA: RigidTransform, _ b: Geometry, _ poseB: RigidTransform, _ gap: Double, _ n: Vector3
  ) -> Double {
    let widths = [(a, poseA), (b, poseB)].filter { $0.0.kind != .plane && $0.0.kind != .triangle }
      .map { halfWidth($0.0, $0.1.orientation.inverseRotate(n)) }
    return 0.0205 * gap.magnitude + 1e-3 * (widths.min() ?? 0)
  }

  struct Case: CustomTestStringConvertible {
    var a: Int
    var b: Int
    var testDescription: String { "\(shapes[a].kind) \(a) on \(b == shapes.count ? .plane : shapes[b].kind) \(b)" }
  }

  static let cases: [Case] = shapes.indices.flatMap { a in
    (a...shapes.count).map { Case(a: a, b: $0) }
  }

  /// Places b so that the shapes overlap or are a little apart, from all sides.
  static func place(
    _ a: Geometry, _ b: Geometry, _ random: inout SplitMix
  ) -> (RigidTransform, RigidTransform) {
    let poseA = random.pose(2)
    var poseB = RigidTransform(position: poseA.position, orientation: random.rotation())
    if b.kind == .plane {
      let up = poseB.orientation.rotate(.unitY)
      let low = NarrowphaseReference.height(a, poseA.orientation.inverseRotate(-up))
      poseB.position = poseA.position - (low + random.uniform(-0.3, 0.02)) * up
      return (poseA, poseB)
    }
    let extent = { (g: Geometry) in max(halfWidth(g, .unitX), max(halfWidth(g, .unitY), halfWidth(g, .unitZ))) }
    let beside = 0.6 * min(extent(a), extent(b))
    // Thin shapes miss each other most of the time: again, until no direction of a coarse net parts them widely.
    for _ in 0..<40 {
      let n = random.direction()
      let touching =
        NarrowphaseReference.height(a, poseA.orientation.inverseRotate(n))
        + NarrowphaseReference.height(b, poseB.orientation.inverseRotate(-n))
      // Beside the line of centres as well, to meet edges and corners.
      let aside = random.vector(beside)
      let scale = random.next() & 1 == 0 ? random.uniform(0.8, 1.02) : random.uniform(0, 1)
      poseB.position = poseA.position + touching * scale * n + (aside - n.dot(aside) * n)
      let parted = NarrowphaseReference.directions.contains {
        NarrowphaseReference.gap(a, poseA, b, poseB, along: $0) > 0.025
      }
      if !parted { break }
    }
    return (poseA, poseB)
  }

  @Test(arguments: cases)
  func agreesWithSearchOverDirections(_ pair: Case) {
    let a = Self.shapes[pair.a]
    let b = pair.b == Self.shapes.count ? plane : Self.shapes[pair.b]
    let margin = 0.02
    var random = SplitMix(UInt64(1 + pair.a * 100 + pair.b))
    var touching = 0
    for trial in 0..<30 {
      let (poseA, poseB) = Self.place(a, b, &random)
      let manifold = contacts(a, poseA, b, poseB, margin: margin)
      let searched =
        b.kind == .plane
        ? NarrowphaseReference.gap(a, poseA, b, poseB, along: .unitY)
        : NarrowphaseReference.gap(a, poseA, b, poseB)
      // The search may stop short on a ridge: the gap along the normal that is found for a wide margin is a gap too.
      let wide = contacts(a, poseA, b, poseB, margin: 10)
      let gap = max(searched, NarrowphaseReference.gap(a, poseA, b, poseB, along: wide.normal))
      // 1e-6: EPA on curved cores.
      if manifold.count == 0 {
        #expect(gap > margin - 1e-6, "\(trial): no contact at gap \(gap)")
        continue
      }
      touching += 1
      let n = manifold.normal
      #expect((n.length - 1).magnitude < 1e-12)
      let alongNormal = NarrowphaseReference.gap(a, poseA, b, poseB, along: n)
      let error = Self.preference(a, poseA, b, poseB, gap, n) + 1e-6
      #expect(gap <= margin + error, "\(trial): contact at gap \(gap)")
      // A triangle pushes to the side of the other's centre, be it the longer way.
      let isTurned = gap < 0 && alongNormal < gap - error && (a.kind == .triangle || b.kind == .triangle)
      if !isTurned {
        #expect(alongNormal >= gap - error, "\(trial): gap \(gap), along the normal \(alongNormal)")
        #expect((manifold.deepest - alongNormal).magnitude < error, "\(trial): \(manifold.deepest), \(alongNormal)")
      }
      #expect(Set(manifold.features).count == Int(manifold.count))
      for point in manifold.points {
        #expect(point.separation <= margin)
        let onA = poseA.applyInverse(point.position - 0.5 * point.separation * n)
        let onB = poseB.applyInverse(point.position + 0.5 * point.separation * n)
        // Clipping leaves corners outside by 1/2000 of a side; a leaning capsule's second end is 2 % inside.
        let slack = { (g: Geometry) in g.kind == .capsule || g.kind == .cylinder ? 0.021 * g.size.x : 6e-4 }
        let offA = NarrowphaseReference.distance(a, onA).magnitude
        let offB = NarrowphaseReference.distance(b, onB).magnitude
        if !isTurned {
          #expect(offA < slack(a) + error, "\(trial): \(offA) off a")
          #expect(offB < slack(b) + error, "\(trial): \(offB) off b")
        }
      }
    }
    #expect(touching > 10)
  }
}
