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

  /// Smallest dimension, for the tolerance that prefers faces.
  static func thickness(_ g: Geometry) -> Double {
    switch g.kind {
    case .sphere, .capsule: g.size.x
    case .cylinder: min(g.size.x, g.size.y)
    case .box: min(g.size.x, min(g.size.y, g.size.z))
    default: 0.6
    }
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
    let n = random.direction()
    let touching =
      NarrowphaseReference.height(a, poseA.orientation.inverseRotate(n))
      + NarrowphaseReference.height(b, poseB.orientation.inverseRotate(-n))
    // Beside the line of centres as well, to meet edges and corners.
    let aside = random.vector(0.3)
    let scale = random.next() & 1 == 0 ? random.uniform(0.8, 1.02) : random.uniform(0, 1)
    poseB.position = poseA.position + touching * scale * n + (aside - n.dot(aside) * n)
    return (poseA, poseB)
  }

  @Test(arguments: cases)
  func agreesWithSearchOverDirections(_ pair: Case) {
    let a = Self.shapes[pair.a]
    let b = pair.b == Self.shapes.count ? plane : Self.shapes[pair.b]
    let margin = 0.02
    var random = SplitMix(UInt64(1 + pair.a * 100 + pair.b))
    var touching = 0
    for trial in 0..<60 {
      let (poseA, poseB) = Self.place(a, b, &random)
      let manifold = contacts(a, poseA, b, poseB, margin: margin)
      let gap =
        b.kind == .plane
        ? NarrowphaseReference.gap(a, poseA, b, poseB, along: .unitY)
        : NarrowphaseReference.gap(a, poseA, b, poseB)
      // What preferring faces may cost (see `Narrowphase`) and what the search misses.
      let preference = 0.021 * gap.magnitude + 1e-3 * min(Self.thickness(a), Self.thickness(b))
      let error = preference + 1e-6
      if manifold.count == 0 {
        #expect(gap > margin - error, "\(trial): no contact at gap \(gap)")
        continue
      }
      touching += 1
      #expect(gap <= margin + error, "\(trial): contact at gap \(gap)")
      let n = manifold.normal
      #expect((n.length - 1).magnitude < 1e-12)
      let alongNormal = NarrowphaseReference.gap(a, poseA, b, poseB, along: n)
      let isTriangleOverlap = gap < 0 && (a.kind == .triangle || b.kind == .triangle)
      if !isTriangleOverlap {
        #expect(alongNormal >= gap - error, "\(trial): gap \(gap), along the normal \(alongNormal)")
      }
      #expect((manifold.deepest - alongNormal).magnitude < error, "\(trial): \(manifold.deepest) for \(alongNormal)")
      #expect(Set(manifold.features).count == Int(manifold.count))
      for point in manifold.points {
        #expect(point.separation <= margin)
        let onA = poseA.applyInverse(point.position - 0.5 * point.separation * n)
        let onB = poseB.applyInverse(point.position + 0.5 * point.separation * n)
        // Clipping moves no corner by less than 1/2000 of a side; a leaning capsule's second end is 2 % inside.
        let slack = { (g: Geometry) in g.kind == .capsule || g.kind == .cylinder ? 0.021 * g.size.x : 6e-4 }
        let offA = NarrowphaseReference.distance(a, onA).magnitude
        let offB = NarrowphaseReference.distance(b, onB).magnitude
        #expect(offA < slack(a) + preference, "\(trial): \(offA) off a")
        #expect(offB < slack(b) + preference, "\(trial): \(offB) off b")
      }
    }
    #expect(touching > 20)
  }
}
