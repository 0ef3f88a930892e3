import Dynamics
import LinearAlgebra
import Testing

/// Properties of all pairs: exchange, rigid motion, hints, small motions, degenerate input.
@Suite struct NarrowphaseInvarianceTests {
  static var cases: [NarrowphaseFuzzTests.Case] { NarrowphaseFuzzTests.cases }

  static func shapes(_ pair: NarrowphaseFuzzTests.Case) -> (Geometry, Geometry) {
    let shapes = NarrowphaseFuzzTests.shapes
    return (shapes[pair.a], pair.b == shapes.count ? plane : shapes[pair.b])
  }

  /// Exchanged pieces: the same gap, the normal turned around. Pairs of one kind run the same code from the other
  /// side, which may prefer another of two faces that are equally good; pairs of two kinds give the same bits.
  @Test(arguments: cases)
  func exchangeTurnsTheNormalAround(_ pair: NarrowphaseFuzzTests.Case) {
    let (a, b) = Self.shapes(pair)
    var random = SplitMix(UInt64(7 + pair.a * 100 + pair.b))
    for _ in 0..<20 {
      let (poseA, poseB) = NarrowphaseFuzzTests.place(a, b, &random)
      let forward = contacts(a, poseA, b, poseB, margin: 0.02)
      let backward = contacts(b, poseB, a, poseA, margin: 0.02)
      if a.kind != b.kind {
        #expect(forward.normal == -backward.normal || forward.count == 0)
        #expect(forward.points.map(\.position) == backward.points.map(\.position))
        #expect(forward.features == backward.features)
      } else if forward.count > 0 && backward.count > 0 && a.kind != .triangle {
        let error =
          2 * NarrowphaseFuzzTests.preference(a, poseA, b, poseB, forward.deepest, forward.normal) + 1e-6
        #expect((forward.deepest - backward.deepest).magnitude < error)
      }
    }
  }

  /// Both pieces moved together, near the origin: the same contacts to 1e-10, round-off and what an iteration that
  /// stops at another step makes of it. EPA ends on cylinders with 1e-6 of the size in depth, so with its root, 1e-3, in
  /// direction.
  @Test(arguments: cases)
  func rigidMotionMovesTheContacts(_ pair: NarrowphaseFuzzTests.Case) {
    let (a, b) = Self.shapes(pair)
    let isIterated = a.kind == .cylinder || b.kind == .cylinder
    var random = SplitMix(UInt64(11 + pair.a * 100 + pair.b))
    for trial in 0..<20 {
      let (poseA, poseB) = NarrowphaseFuzzTests.place(a, b, &random)
      let motion = random.pose(1)
      let before = contacts(a, poseA, b, poseB, margin: 0.02)
      let after = contacts(a, motion * poseA, b, motion * poseB, margin: 0.02)
      // A point on the edge of a tolerance may come or go with what the iteration leaves.
      #expect(before.count == after.count || isIterated && min(before.count, after.count) > 0, "\(trial)")
      if before.count != after.count || before.count == 0 { continue }
      let tolerance = isIterated ? 1e-3 : 1e-10
      #expect((motion.orientation.rotate(before.normal) - after.normal).length < tolerance, "\(trial)")
      #expect((before.deepest - after.deepest).magnitude < (isIterated ? 1e-6 : 1e-10), "\(trial)")
      if isIterated { continue }
      #expect(before.features == after.features, "\(trial)")
      for point in before.points {
        #expect(after.hasPoint(at: motion.apply(point.position), tolerance: tolerance), "\(trial)")
      }
    }
  }

  /// A hint is where to start, not what to find: after any other placement the gap is the same but for preferences.
  @Test(arguments: cases)
  func hintChangesNothingButTies(_ pair: NarrowphaseFuzzTests.Case) {
    let (a, b) = Self.shapes(pair)
    var random = SplitMix(UInt64(13 + pair.a * 100 + pair.b))
    var hint = PairHint()
    for trial in 0..<20 {
      let (poseA, poseB) = NarrowphaseFuzzTests.place(a, b, &random)
      let fresh = contacts(a, poseA, b, poseB, margin: 0.02)
      let hinted = contacts(a, poseA, b, poseB, margin: 0.02, hint: &hint)
      if fresh.count == 0 || hinted.count == 0 {
        #expect(min(fresh.deepest, hinted.deepest) > 0.02 * 0.97 - 1e-3, "\(trial)")
        continue
      }
      let error = 2 * NarrowphaseFuzzTests.preference(a, poseA, b, poseB, fresh.deepest, fresh.normal) + 1e-6
      #expect((fresh.deepest - hinted.deepest).magnitude < error, "\(trial)")
    }
  }

  /// Deterministic: the same bits twice.
  @Test(arguments: cases)
  func sameInputSameBits(_ pair: NarrowphaseFuzzTests.Case) {
    let (a, b) = Self.shapes(pair)
    var random = SplitMix(UInt64(17 + pair.a * 100 + pair.b))
    let (poseA, poseB) = NarrowphaseFuzzTests.place(a, b, &random)
    let first = contacts(a, poseA, b, poseB, margin: 0.02)
    let second = contacts(a, poseA, b, poseB, margin: 0.02)
    #expect(first.normal == second.normal)
    #expect(first.points.map(\.position) == second.points.map(\.position))
    #expect(first.points.map(\.separation) == second.points.map(\.separation))
    #expect(first.points.map(\.feature) == second.points.map(\.feature))
  }

  /// Resting shapes that jitter by a hundredth of a millimetre keep normal and names.
  @Test func restingPairsKeepTheirFeatures() {
    let side = Quaternion(angle: .pi / 2, axis: .unitZ)
    let floor = box(2, 0.5, 2)
    let floors: [(Geometry, RigidTransform)] = [
      (floor, at(0, -0.5, 0)), (HullLibrary.box(2, 0.5, 2), at(0, -0.5, 0)), (plane, .identity),
      (triangle(Vector3(-6, 0, -4), Vector3(0, 0, 8), Vector3(6, 0, -4)), .identity),
    ]
    let resting: [(Geometry, RigidTransform)] = [
      (box(0.5, 0.4, 0.3), at(0, 0.399, 0)), (cylinder(0.5, 0.4), at(0, 0.399, 0)),
      (cylinder(0.5, 0.4), RigidTransform(position: Vector3(0, 0.499, 0), orientation: side)),
      (capsule(0.5, 0.4), RigidTransform(position: Vector3(0, 0.499, 0), orientation: side)),
      (HullLibrary.prism(sides: 6, radius: 0.5, halfHeight: 0.4), at(0, 0.399, 0)),
      (HullLibrary.box(0.5, 0.4, 0.3), at(0, 0.399, 0)), (sphere(0.5), at(0, 0.499, 0)),
    ]
    var random = SplitMix(23)
    for (below, poseBelow) in floors {
      for (above, poseAbove) in resting {
        var hint = PairHint()
        let first = contacts(above, poseAbove, below, poseBelow, margin: 0.01, hint: &hint)
        for _ in 0..<100 {
          let jitter = RigidTransform(
            position: poseAbove.position + random.vector(1e-5),
            orientation: Quaternion(rotationVector: random.vector(1e-5)) * poseAbove.orientation)
          let next = contacts(above, jitter, below, poseBelow, margin: 0.01, hint: &hint)
          #expect(next.features == first.features, "\(above.kind) on \(below.kind)")
          #expect(next.normal.y < -0.999999, "\(above.kind) on \(below.kind)")
        }
      }
    }
  }

  /// Coincident centres, zero sizes, points as triangles, sizes a million apart, poses far away or not finite: finite
  /// unit normals or no contact.
  @Test func degenerateInputStaysFinite() {
    let p = Vector3(0.1, 0.2, 0.3)
    let odd: [Geometry] = [
      sphere(0), capsule(0.1, 0), capsule(0, 0.5), capsule(0, 0), cylinder(0, 0), cylinder(0.5, 0), cylinder(0, 0.5),
      box(0, 0, 0), box(1, 0, 1), box(1, 0, 0), box(1000, 1000, 1000), box(1e-3, 1e-3, 1e-3), sphere(1000),
      triangle(p, p, p), triangle(.zero, p, 2 * p), triangle(.zero, p, p),
      triangle(.zero, Vector3(1, 0, 0), Vector3(0.5, 1e-13, 0)),
      triangle(Vector3(-1e3, 0, -1e3), Vector3(0, 0, 1e3), Vector3(1e3, 0, -1e3)), HullLibrary.box(0.5, 0.5, 0),
    ]
    let all = odd + NarrowphaseFuzzTests.shapes + [plane]
    var random = SplitMix(29)
    var poses: [RigidTransform] = [.identity, at(0, 1e-300, 0), at(1e-12, -1e-12, 1e-13), at(0, 0.5, 0), at(1, 0, 0)]
    poses.append(RigidTransform(orientation: NarrowphaseShapeTests.sideways))
    for _ in 0..<4 { poses.append(random.pose(0.5)) }
    poses += [at(.nan, 0, 0), at(.infinity, 0, 0), at(1e200, 0, 0)]
    poses.append(RigidTransform(orientation: Quaternion(.nan, 0, 0, 0)))
    for a in all {
      for b in all {
        for pose in poses {
          var hint = PairHint()
          for _ in 0..<2 {
            let manifold = contacts(a, .identity, b, pose, margin: 0.01, hint: &hint)
            #expect(manifold.count >= 0 && manifold.count <= 4)
            if manifold.count == 0 { continue }
            #expect((manifold.normal.length - 1).magnitude < 1e-9, "\(a.kind) \(a.size) \(b.kind) \(b.size) \(pose)")
            for point in manifold.points {
              #expect(
                point.position.isFinite && point.separation.isFinite,
                "\(a.kind) \(a.size) \(b.kind) \(b.size) \(pose)")
            }
          }
        }
      }
    }
  }

  /// Far from the origin the answer is that of the origin, up to the spacing of numbers there (1e5: 1.5e-11).
  @Test func farFromTheOrigin() {
    let cube = box(0.5, 0.5, 0.5)
    let far = contacts(cube, at(1e5, -1e5, 1e5), cube, at(1e5, -1e5 + 0.999, 1e5), margin: 0.01)
    #expect(far.count == 4)
    #expect(far.points.allSatisfy { ($0.separation + 0.001).magnitude < 1e-10 })
  }
}
