import Dynamics
import LinearAlgebra
import Testing

/// Boxes on boxes and planes. Coordinates are binary fractions or a few roundings away from them: 1e-12 m is ample.
@Suite struct NarrowphaseBoxTests {
  @Test func boxRestsOnPlaneWithFourCorners() {
    let manifold = contacts(box(0.5, 0.25, 1), at(3, 0.25, -2), plane, .identity, margin: 0.01)
    #expect(manifold.count == 4)
    #expect((manifold.normal - Vector3(0, -1, 0)).length < 1e-15)
    for x in [2.5, 3.5] { for z in [-3.0, -1.0] { #expect(manifold.hasPoint(at: Vector3(x, 0, z))) } }
    #expect(manifold.points.allSatisfy { $0.separation.magnitude < 1e-15 })
    #expect(Set(manifold.features).count == 4)
  }

  @Test func boxAbovePlaneKeepsWhatIsWithinTheMargin() {
    let gap = 0.004
    #expect(contacts(box(1, 1, 1), at(0, 1 + gap, 0), plane, .identity, margin: 0.0039).count == 0)
    let manifold = contacts(box(1, 1, 1), at(0, 1 + gap, 0), plane, .identity, margin: 0.0041)
    #expect(manifold.count == 4)
    #expect(manifold.points.allSatisfy { ($0.separation - gap).magnitude < 1e-12 })
    #expect(manifold.points.allSatisfy { ($0.position.y - gap / 2).magnitude < 1e-12 })
  }

  /// A box on its edge and on its corner: the support of a cube of half extent h is √2 h and √3 h below its centre.
  @Test func tiltedBoxTouchesPlaneWithEdgeOrCorner() {
    let edge = Quaternion(angle: .pi / 4, axis: .unitZ)
    let onEdge = contacts(
      box(1, 1, 1), RigidTransform(position: Vector3(0, 2.0.squareRoot() - 0.01, 0), orientation: edge), plane,
      .identity)
    #expect(onEdge.count == 2)
    #expect(onEdge.points.allSatisfy { ($0.separation + 0.01).magnitude < 1e-12 })
    let corner = Quaternion(from: Vector3(1, 1, 1).normalized(), to: Vector3(0, -1, 0))
    let onCorner = contacts(
      box(1, 1, 1), RigidTransform(position: Vector3(0, 3.0.squareRoot() - 0.01, 0), orientation: corner), plane,
      .identity)
    #expect(onCorner.count == 1)
    #expect((onCorner.deepest + 0.01).magnitude < 1e-12)
    #expect(onCorner.hasPoint(at: Vector3(0, -0.005, 0)))
  }

  @Test(arguments: [-0.125, 0.0, 0.0078125])
  func shiftedBoxesMeetInTheOverlapRectangle(gap: Double) {
    let lower = box(1, 0.5, 1)
    let upper = box(0.75, 0.25, 0.5)
    let manifold = contacts(lower, .identity, upper, at(0.5, 0.75 + gap, -0.75), margin: 0.01)
    #expect(manifold.count == 4)
    #expect((manifold.normal - .unitY).length < 1e-15)
    for x in [-0.25, 1.0] {
      for z in [-1.0, -0.25] { #expect(manifold.hasPoint(at: Vector3(x, 0.5 + gap / 2, z))) }
    }
    #expect(manifold.points.allSatisfy { ($0.separation - gap).magnitude < 1e-12 })
    #expect(Set(manifold.features).count == 4)
  }

  /// Turned by 45° about the vertical, a square on an equal square overlaps in an octagon: four of its corners remain.
  @Test func octagonIsReducedToFourOfItsCorners() {
    let turned = RigidTransform(position: Vector3(0, 1.99, 0), orientation: Quaternion(angle: .pi / 4, axis: .unitY))
    let manifold = contacts(box(1, 1, 1), .identity, box(1, 1, 1), turned)
    #expect(manifold.count == 4)
    let reach = 2.0.squareRoot() - 1
    for point in manifold.points {
      let p = point.position.magnitudes
      #expect((max(p.x, p.z) - 1).magnitude < 1e-12)
      #expect((min(p.x, p.z) - reach).magnitude < 1e-12)
      #expect((point.separation + 0.01).magnitude < 1e-12)
    }
    // Spread all around: the centroid of any four that lie on one side is at least 0.4 away.
    let centroid = manifold.points.reduce(Vector3.zero) { $0 + 0.25 * $1.position }
    #expect(Vector3(centroid.x, 0, centroid.z).length < 0.4)
  }

  /// Two bars crossed at right angles, each turned by 45° about its own axis: edge on edge.
  @Test func crossedEdgesTouchInOnePoint() {
    let alongX = RigidTransform(orientation: Quaternion(angle: .pi / 4, axis: .unitX))
    let reach = 0.1 * 2.0.squareRoot()
    let alongZ = RigidTransform(
      position: Vector3(0.3, 2 * reach - 0.01, -0.2), orientation: Quaternion(angle: .pi / 4, axis: .unitZ))
    let manifold = contacts(box(1, 0.1, 0.1), alongX, box(0.1, 0.1, 1), alongZ)
    #expect(manifold.count == 1)
    #expect((manifold.normal - .unitY).length < 1e-12)
    #expect((manifold.deepest + 0.01).magnitude < 1e-12)
    #expect(manifold.hasPoint(at: Vector3(0.3, reach - 0.005, 0)))
  }

  /// Corner next to corner: the gap is along the diagonal, which no face and no product of edges has.
  @Test func cornersThatAreApartHaveTheTrueGap() {
    let manifold = contacts(box(1, 1, 1), .identity, box(1, 1, 1), at(2.01, 2.01, 2.01), margin: 0.02)
    #expect(manifold.count == 1)
    #expect((manifold.deepest - 0.01 * 3.0.squareRoot()).magnitude < 1e-12)
    #expect((manifold.normal - Vector3(1, 1, 1).normalized()).length < 1e-9)
    #expect(manifold.hasPoint(at: Vector3(1.005, 1.005, 1.005)))
  }

  /// The cards of a card house: 1 mm thick.
  @Test func thinCardsMeetInFourCorners() {
    let card = box(0.0005, 0.1, 0.05)
    let flat = contacts(card, .identity, card, at(0.00099, 0.02, 0.01), margin: 0.0005)
    #expect(flat.count == 4)
    #expect((flat.normal - .unitX).length < 1e-15)
    #expect(flat.points.allSatisfy { ($0.separation + 0.00001).magnitude < 1e-12 })
    let crossed = contacts(
      card, .identity, card,
      RigidTransform(position: Vector3(0, 0.1004, 0), orientation: Quaternion(angle: .pi / 2, axis: .unitZ)))
    #expect(crossed.count == 4)
    #expect((crossed.deepest + 0.0001).magnitude < 1e-12)
  }

  /// Round-off and solver noise on a resting stack must change neither the normal nor any name.
  @Test func restingContactKeepsItsFeatures() {
    var random = SplitMix(7)
    var hint = PairHint()
    let cube = box(0.5, 0.5, 0.5)
    let first = contacts(cube, .identity, cube, at(0, 0.999, 0), margin: 0.01, hint: &hint)
    #expect(first.count == 4)
    for _ in 0..<500 {
      let lower = RigidTransform(
        position: random.vector(1e-5), orientation: Quaternion(rotationVector: random.vector(1e-5)))
      let upper = RigidTransform(
        position: Vector3(0, 0.999, 0) + random.vector(1e-5),
        orientation: Quaternion(rotationVector: random.vector(1e-5)))
      let next = contacts(cube, lower, cube, upper, margin: 0.01, hint: &hint)
      #expect(next.features == first.features)
      #expect(next.normal.y > 0.999999)
    }
  }
}
