import Dynamics
import LinearAlgebra
import Testing

private let ball = Sphere(radius: 0.5)

@Suite struct CollisionDetectorPairTests {
  @Test func filtersAndStaticBodies() {
    let stage = CollisionStage()
    stage.add(ball, at: .zero, isStatic: true)
    stage.add(ball, at: .zero, isStatic: true)
    stage.add(ball, at: .zero, filter: CollisionFilter(group: 2, mask: ~4))
    stage.add(ball, at: .zero, filter: CollisionFilter(group: 4))
    stage.add(ball, at: .zero, filter: CollisionFilter(family: 7))
    stage.add(ball, at: .zero, filter: CollisionFilter(family: 7))
    stage.add(ball, at: .zero, filter: CollisionFilter(family: 8))
    stage.add(ball, at: .zero, filter: CollisionFilter(group: 0))
    stage.add(ball, at: Vector3(50, 0, 0))
    stage.update()
    // 0–1 are static, 2–3 masked one way only, 4–5 a family, 7 belongs to no group, 8 is far away.
    let expected = [
      [0, 2], [0, 3], [0, 4], [0, 5], [0, 6], [1, 2], [1, 3], [1, 4], [1, 5], [1, 6], [2, 4], [2, 5], [2, 6], [3, 4],
      [3, 5], [3, 6], [4, 6], [5, 6],
    ]
    #expect(stage.pairs == expected)
  }

  @Test func jointsAreCounted() {
    let stage = CollisionStage()
    let a = stage.add(ball, at: .zero)
    let b = stage.add(ball, at: .zero)
    let c = stage.add(ball, at: .zero)
    stage.update()
    #expect(stage.pairs == [[a, b], [a, c], [b, c]])
    stage.detector.setJoined(a, b, true)
    stage.detector.setJoined(b, a, true)
    stage.update()
    #expect(stage.pairs == [[a, c], [b, c]])
    stage.detector.setJoined(a, b, false)
    stage.update()
    #expect(stage.pairs == [[a, c], [b, c]])
    stage.detector.setJoined(a, b, false)
    stage.update()
    #expect(stage.pairs == [[a, b], [a, c], [b, c]])
    stage.detector.setJoined(a, b, false)
    stage.detector.setJoined(a, b, true)
    stage.update()
    #expect(stage.pairs == [[a, c], [b, c]])
  }

  /// Balls, boxes, planes and compounds that move, spin, stop and jump. Every pair whose surfaces come within the
  /// margin in the coming step, by the distance of centres and by the plane's equation, must be there.
  @Test func noPairIsMissedWhateverMoves() throws {
    var random = CollisionRandom(seed: 77)
    let stage = CollisionStage()
    for i in 0..<120 {
      stage.add(
        ball, at: random.vector(6), isStatic: i % 6 == 0, velocity: Vector6(linear: random.vector(3), angular: .zero))
    }
    let floor = stage.add(Plane(), at: Vector3(0, -5, 0), isStatic: true)
    let wall = stage.add(
      Plane(), at: Vector3(-5, 0, 0), isStatic: true, orientation: Quaternion(angle: -Double.pi / 2, axis: .unitZ))
    var seen = 0
    for step in 0..<200 {
      for i in 0..<120 where step % 40 != 0 {
        let moves = i % 6 != 0 || i % 12 == 0
        if !moves { continue }
        stage.poses[i].position += 1.0 / 60 * stage.velocities[i].linear
        if random.index(below: 50) == 0 { stage.velocities[i].linear = random.vector(step % 3 == 0 ? 100 : 2) }
        if random.index(below: 100) == 0 { stage.velocities[i].linear = .zero }
        if stage.poses[i].position.magnitudes.maximum > 8 { stage.poses[i].position = random.vector(6) }
      }
      stage.update()
      let pairs = Set(stage.pairs)
      #expect(pairs.count == stage.pairs.count)
      #expect(stage.pairs.sorted { $0.lexicographicallyPrecedes($1) } == stage.pairs)
      for i in 0..<120 {
        for j in i + 1..<120 where i % 6 != 0 || j % 6 != 0 {
          let now = stage.poses[j].position - stage.poses[i].position
          let then = now + 1.0 / 60 * (stage.velocities[j].linear - stage.velocities[i].linear)
          if min(now.length, then.length) - 1 < 0.01 {
            #expect(pairs.contains([i, j]))
            seen += 1
          }
        }
        guard i % 6 != 0 else { continue }
        let now = stage.poses[i].position
        let then = now + 1.0 / 60 * stage.velocities[i].linear
        if min(now.y, then.y) + 5 - 0.5 < 0.01 { #expect(pairs.contains([i, floor])) }
        if min(now.x, then.x) + 5 - 0.5 < 0.01 { #expect(pairs.contains([i, wall])) }
      }
    }
    #expect(seen > 1000)
  }

  /// The same scene with bodies that came by different ways and trees that grew differently has the same pairs where
  /// boxes overlap; resting bodies far apart have none.
  @Test func pairsDoNotDependOnTheOrderOfInsertion() {
    var random = CollisionRandom(seed: 4)
    let positions = (0..<150).map { _ in random.vector(4) }
    let forward = CollisionStage()
    for position in positions { forward.add(ball, at: position) }
    forward.update()
    let backward = CollisionStage()
    for position in positions.reversed() { backward.add(ball, at: position) }
    backward.update()
    let mirrored = backward.pairs.map { [149 - $0[1], 149 - $0[0]] }.sorted { $0.lexicographicallyPrecedes($1) }
    #expect(forward.pairs == mirrored)
    #expect(forward.pairs.count > 50)
  }

  /// A jump forward and back leaves the list as it was.
  @Test func pairsGoWhenBodiesPart() {
    let stage = CollisionStage()
    let a = stage.add(ball, at: .zero)
    let b = stage.add(ball, at: Vector3(1, 0, 0))
    let floor = stage.add(Plane(), at: Vector3(0, -0.5, 0), isStatic: true)
    stage.update()
    #expect(stage.pairs == [[a, b], [a, floor], [b, floor]])
    stage.poses[b].position = Vector3(1, 5, 0)
    stage.update()
    #expect(stage.pairs == [[a, floor]])
    stage.poses[b].position = Vector3(0, 1, 0)
    stage.update()
    #expect(stage.pairs == [[a, b], [a, floor]])
    // The floor itself comes: no static body is thought to stand still for ever.
    stage.poses[floor].position = Vector3(0, 0.6, 0)
    stage.update()
    #expect(stage.pairs == [[a, b], [a, floor], [b, floor]])
  }

  /// A body that was fast has a long fat box; once it rests the box shrinks again and with it the list.
  @Test func fatBoxesShrinkAfterFastMotion() {
    let stage = CollisionStage()
    let fast = stage.add(ball, at: .zero, velocity: Vector6(linear: Vector3(600, 0, 0), angular: .zero))
    let ahead = stage.add(ball, at: Vector3(15, 0, 0))
    stage.update()
    #expect(stage.pairs == [[fast, ahead]])
    stage.velocities[fast] = .zero
    stage.update()
    #expect(stage.pairs == [])
  }
}
