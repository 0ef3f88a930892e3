import Dynamics
import LinearAlgebra
import Testing

/// Closed forms for round shapes, hulls and triangles: at rest, apart, overlapping. Lengths of about a metre and a few
/// operations: 1e-12 m, unless said.
@Suite struct NarrowphaseShapeTests {
  static let sideways = Quaternion(angle: .pi / 2, axis: .unitZ)

  @Test(arguments: [-0.3, -0.01, 0.0, 0.01])
  func spheresTouchOnTheLineOfCentres(gap: Double) {
    let n = Vector3(2, -3, 6) / 7
    let b = RigidTransform(position: (0.75 + gap) * n)
    let manifold = contacts(sphere(0.5), .identity, sphere(0.25), b, margin: 0.02)
    #expect(manifold.count == 1)
    #expect((manifold.normal - n).length < 1e-12)
    #expect((manifold.deepest - gap).magnitude < 1e-12)
    #expect(manifold.hasPoint(at: (0.5 + gap / 2) * n))
    #expect(contacts(sphere(0.5), .identity, sphere(0.25), at(0.78, 0, 0), margin: 0.02).count == 0)
  }

  /// One sphere r 0.5 against everything that has a flat or round top at y = 1.
  @Test(arguments: [-0.1, 0.0, 0.015])
  func sphereOnTopOfEverything(gap: Double) {
    let tops: [(Geometry, RigidTransform)] = [
      (sphere(0.4), at(0, 0.6, 0)), (capsule(0.4, 0.3), at(0, 0.3, 0)), (cylinder(0.5, 0.25), at(0, 0.75, 0)),
      (box(1, 0.5, 1), at(0, 0.5, 0)), (HullLibrary.box(1, 0.5, 1), at(0, 0.5, 0)),
      (triangle(Vector3(-1, 0, -1), Vector3(0, 0, 1), Vector3(1, 0, -1)), at(0, 1, 0)), (plane, at(7, 1, 3)),
    ]
    for (geometry, pose) in tops {
      let manifold = contacts(sphere(0.5), at(0, 1.5 + gap, 0), geometry, pose, margin: 0.02)
      #expect(manifold.count == 1, "\(geometry.kind)")
      #expect((manifold.normal + .unitY).length < 1e-12, "\(geometry.kind)")
      #expect((manifold.deepest - gap).magnitude < 1e-12, "\(geometry.kind)")
      #expect(manifold.hasPoint(at: Vector3(0, 1 + gap / 2, 0)), "\(geometry.kind)")
    }
  }

  /// The centre inside: the nearest face, its distance and the radius add up.
  @Test func sphereInsideLeavesByTheNearestFace() {
    for geometry in [box(1, 2, 3), HullLibrary.box(1, 2, 3)] {
      let manifold = contacts(sphere(0.25), at(0.875, 0.5, -1), geometry, .identity)
      #expect((manifold.normal + .unitX).length < 1e-12)
      #expect((manifold.deepest + 0.375).magnitude < 1e-12)
    }
    let side = contacts(sphere(0.25), at(0.3, 0.1, 0.4), cylinder(1, 2), .identity)
    #expect((side.normal + Vector3(0.6, 0, 0.8)).length < 1e-12)
    #expect((side.deepest + 0.75).magnitude < 1e-12)
    let cap = contacts(sphere(0.25), at(0.3, -0.4, 0.4), cylinder(1, 0.5), .identity)
    #expect((cap.normal - .unitY).length < 1e-12)
    #expect((cap.deepest + 0.35).magnitude < 1e-12)
  }

  @Test(arguments: [-0.05, 0.0, 0.01])
  func capsuleLiesWithTwoPoints(gap: Double) {
    let lying = RigidTransform(position: Vector3(0.1, 0.25 + gap, 0.2), orientation: Self.sideways)
    let floors: [(Geometry, RigidTransform)] = [
      (plane, .identity), (box(2, 0.5, 2), at(0, -0.5, 0)), (HullLibrary.box(2, 0.5, 2), at(0, -0.5, 0)),
      (cylinder(2, 0.5), at(0, -0.5, 0)),
      (triangle(Vector3(-3, 0, -2), Vector3(0, 0, 4), Vector3(3, 0, -2)), .identity),
    ]
    for (floor, pose) in floors {
      let manifold = contacts(capsule(0.25, 0.5), lying, floor, pose, margin: 0.02)
      #expect(manifold.count == 2, "\(floor.kind)")
      #expect((manifold.normal + .unitY).length < 1e-12, "\(floor.kind)")
      for x in [-0.4, 0.6] { #expect(manifold.hasPoint(at: Vector3(x, gap / 2, 0.2)), "\(floor.kind)") }
      #expect(manifold.points.allSatisfy { ($0.separation - gap).magnitude < 1e-12 }, "\(floor.kind)")
    }
  }

  @Test func capsuleStandsWithOnePoint() {
    for (floor, pose) in [(plane, at(0, 0, 0)), (box(1, 0.5, 1), at(0, -0.5, 0))] {
      let manifold = contacts(capsule(0.25, 0.5), at(0, 0.75, 0), floor, pose, margin: 0.02)
      #expect(manifold.count == 1)
      #expect(manifold.hasPoint(at: .zero))
    }
  }

  @Test func capsulesCrossInOnePointAndRunAlongInTwo() {
    let crossed = RigidTransform(position: Vector3(0.1, 0.2, 0.49), orientation: Self.sideways)
    let one = contacts(capsule(0.25, 1), .identity, capsule(0.25, 1), crossed)
    #expect(one.count == 1)
    #expect((one.normal - .unitZ).length < 1e-12)
    #expect(one.hasPoint(at: Vector3(0, 0.2, 0.245)))
    let two = contacts(capsule(0.25, 1), .identity, capsule(0.25, 1), at(0.49, 0.5, 0))
    #expect(two.count == 2)
    for y in [-0.5, 1.0] { #expect(two.hasPoint(at: Vector3(0.245, y, 0))) }
    let ends = contacts(capsule(0.25, 1), .identity, capsule(0.25, 1), at(0, 2.49, 0))
    #expect(ends.count == 1)
    #expect((ends.normal - .unitY).length < 1e-12)
    #expect((ends.deepest + 0.01).magnitude < 1e-12)
  }

  @Test(arguments: [-0.05, 0.0, 0.01])
  func cylinderStandsOnFourRimPoints(gap: Double) {
    let floors: [(Geometry, RigidTransform)] = [
      (plane, .identity), (box(2, 0.5, 2), at(0, -0.5, 0)), (HullLibrary.box(2, 0.5, 2), at(0, -0.5, 0)),
      (cylinder(2, 0.5), at(0, -0.5, 0)),
      (triangle(Vector3(-6, 0, -4), Vector3(0, 0, 8), Vector3(6, 0, -4)), .identity),
    ]
    for (floor, pose) in floors {
      let manifold = contacts(cylinder(0.5, 1), at(0.1, 1 + gap, 0.2), floor, pose, margin: 0.02)
      #expect(manifold.count == 4, "\(floor.kind)")
      #expect((manifold.normal + .unitY).length < 1e-12, "\(floor.kind)")
      for point in manifold.points {
        #expect((point.separation - gap).magnitude < 1e-12, "\(floor.kind)")
        #expect(((point.position - Vector3(0.1, gap / 2, 0.2)).length - 0.5).magnitude < 1e-12, "\(floor.kind)")
      }
      // Four points of a circle that hold its middle between them.
      let centroid = manifold.points.reduce(Vector3.zero) { $0 + 0.25 * $1.position }
      #expect((centroid - Vector3(0.1, gap / 2, 0.2)).length < 0.25, "\(floor.kind)")
    }
  }

  @Test(arguments: [-0.05, 0.0, 0.01])
  func cylinderLiesOnTwoPoints(gap: Double) {
    let lying = RigidTransform(position: Vector3(0.1, 0.5 + gap, 0.2), orientation: Self.sideways)
    let floors: [(Geometry, RigidTransform)] = [
      (plane, .identity), (box(2, 0.5, 2), at(0, -0.5, 0)), (HullLibrary.box(2, 0.5, 2), at(0, -0.5, 0)),
      (cylinder(2, 0.5), at(0, -0.5, 0)),
      (triangle(Vector3(-6, 0, -4), Vector3(0, 0, 8), Vector3(6, 0, -4)), .identity),
    ]
    for (floor, pose) in floors {
      let manifold = contacts(cylinder(0.5, 1), lying, floor, pose, margin: 0.02)
      #expect(manifold.count == 2, "\(floor.kind)")
      #expect((manifold.normal + .unitY).length < 1e-12, "\(floor.kind)")
      for x in [-0.9, 1.1] { #expect(manifold.hasPoint(at: Vector3(x, gap / 2, 0.2)), "\(floor.kind)") }
    }
  }

  /// Tilted by 30° on its rim: the lowest point is r sin 30° + h cos 30° below the centre.
  @Test func tiltedCylinderTouchesWithItsRim() {
    let tilt = Quaternion(angle: .pi / 6, axis: .unitZ)
    let low = 0.5 * 0.5 + 1 * 0.75.squareRoot()
    for (floor, pose) in [(plane, at(0, 0, 0)), (box(2, 0.5, 2), at(0, -0.5, 0))] {
      let manifold = contacts(
        cylinder(0.5, 1), RigidTransform(position: Vector3(0, low - 0.01, 0), orientation: tilt), floor, pose)
      #expect(manifold.count == 1)
      #expect((manifold.deepest + 0.01).magnitude < 1e-12)
    }
  }

  /// Rolling on a plane and on a box, the two ends of the line keep their names, and separation stays what it is.
  @Test func rollingCylinderKeepsItsFeatures() {
    for (floor, pose) in [(plane, at(0, 0, 0)), (box(20, 0.5, 20), at(0, -0.5, 0))] {
      var hint = PairHint()
      var names: Set<[UInt32]> = []
      for k in 0..<300 {
        let roll = Quaternion(angle: -0.05 * Double(k), axis: .unitX) * Self.sideways
        let manifold = contacts(
          cylinder(0.5, 1), RigidTransform(position: Vector3(0, 0.499, 0.025 * Double(k)), orientation: roll), floor,
          pose, margin: 0.01, hint: &hint)
        #expect(manifold.count == 2)
        #expect((manifold.normal + .unitY).length < 1e-9)
        #expect(manifold.points.allSatisfy { ($0.separation + 0.001).magnitude < 1e-9 })
        names.insert(manifold.features)
      }
      #expect(names.count == 1)
    }
  }

  @Test func cylindersTouchCrossedAlongAndStacked() {
    let bar = cylinder(0.25, 1)
    let crossed = contacts(
      bar, .identity, bar, RigidTransform(position: Vector3(0.1, 0.2, 0.49), orientation: Self.sideways))
    #expect(crossed.count == 1)
    #expect((crossed.normal - .unitZ).length < 1e-12)
    #expect((crossed.deepest + 0.01).magnitude < 1e-12)
    // The place along the axes comes from EPA's triangles, which are flat where the surfaces are round.
    #expect(crossed.hasPoint(at: Vector3(0, 0.2, 0.245), tolerance: 0.02))
    let along = contacts(bar, .identity, bar, at(0.49, 0.5, 0))
    #expect(along.count == 2)
    #expect((along.normal - .unitX).length < 1e-12)
    #expect((along.deepest + 0.01).magnitude < 1e-12)
    let stacked = contacts(bar, .identity, bar, at(0, 1.99, 0))
    #expect(stacked.count == 4)
    #expect((stacked.normal - .unitY).length < 1e-12)
    #expect(stacked.points.allSatisfy { ($0.separation + 0.01).magnitude < 1e-12 })
  }

  /// A box as a hull must behave as the box does.
  @Test(arguments: [-0.1, 0.0, 0.01])
  func hullsOfBoxesMeetInTheOverlapRectangle(gap: Double) {
    let pairs = [
      (HullLibrary.box(1, 0.5, 1), HullLibrary.box(0.75, 0.25, 0.5)),
      (box(1, 0.5, 1), HullLibrary.box(0.75, 0.25, 0.5)),
      (HullLibrary.box(1, 0.5, 1), box(0.75, 0.25, 0.5)),
    ]
    for (lower, upper) in pairs {
      let manifold = contacts(lower, .identity, upper, at(0.5, 0.75 + gap, -0.75), margin: 0.02)
      #expect(manifold.count == 4)
      #expect((manifold.normal - .unitY).length < 1e-12)
      for x in [-0.25, 1.0] {
        for z in [-1.0, -0.25] { #expect(manifold.hasPoint(at: Vector3(x, 0.5 + gap / 2, z))) }
      }
      #expect(Set(manifold.features).count == 4)
    }
  }

  @Test func hullRestsOnPlaneWithItsFace() {
    let prism = HullLibrary.prism(sides: 6, radius: 0.5, halfHeight: 0.25)
    let manifold = contacts(prism, at(1, 0.249, 2), plane, .identity, margin: 0.01)
    #expect(manifold.count == 4)
    #expect(manifold.points.allSatisfy { ($0.separation + 0.001).magnitude < 1e-12 })
    let corner = contacts(
      HullLibrary.box(1, 1, 1),
      RigidTransform(
        position: Vector3(0, 3.0.squareRoot() - 0.01, 0),
        orientation: Quaternion(from: Vector3(1, 1, 1).normalized(), to: Vector3(0, -1, 0))), plane, .identity)
    #expect(corner.count == 1)
    #expect((corner.deepest + 0.01).magnitude < 1e-12)
  }

  /// A box that has sunk into a triangle is pushed back to the side of its centre, from either side.
  @Test(arguments: [1.0, -1.0])
  func trianglePushesToTheSideOfTheCentre(side: Double) {
    let floor = triangle(Vector3(-6, 0, -4), Vector3(0, 0, 8), Vector3(6, 0, -4))
    for geometry in [box(0.5, 0.5, 0.5), HullLibrary.box(0.5, 0.5, 0.5), cylinder(0.5, 0.5), sphere(0.5)] {
      for height in [0.49, 0.25, 0.05] {
        let manifold = contacts(geometry, at(0, side * height, 0), floor, .identity)
        #expect((manifold.normal + side * .unitY).length < 1e-12, "\(geometry.kind)")
        #expect((manifold.deepest - (height - 0.5)).magnitude < 1e-12, "\(geometry.kind)")
      }
    }
  }

  /// Which corners of a triangle a sphere touches: a face, an edge, a corner.
  @Test func triangleContactsNameTheirCorners() {
    let t = triangle(.zero, Vector3(1, 0, 0), Vector3(0, 0, 1))
    func corners(_ x: Double, _ y: Double, _ z: Double) -> UInt32 {
      Narrowphase.triangleCorners(of: contacts(sphere(0.25), at(x, y, z), t, .identity)[0].feature)
    }
    #expect(corners(0.3, 0.2, 0.3) == 7)
    #expect(corners(0.3, -0.2, 0.3) == 7)
    #expect(corners(0.5, 0.1, -0.1) == 3)
    #expect(corners(-0.1, 0.1, 0.5) == 5)
    #expect(corners(0.6, 0.1, 0.6) == 6)
    #expect(corners(-0.1, 0.1, -0.1) == 1)
    #expect(corners(1.1, 0.1, -0.1) == 2)
    #expect(corners(-0.1, 0.1, 1.1) == 4)
    // A corner of a box pokes the face.
    let poke = RigidTransform(
      position: Vector3(0.3, 0.1 * 3.0.squareRoot() - 0.001, 0.3),
      orientation: Quaternion(from: Vector3(1, 1, 1).normalized(), to: Vector3(0, -1, 0)))
    let manifold = contacts(box(0.1, 0.1, 0.1), poke, t, .identity)
    #expect(manifold.count == 1)
    #expect(Narrowphase.triangleCorners(of: manifold[0].feature) == 7)
  }
}
