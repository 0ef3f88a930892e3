import ConstraintSystem
import LinearAlgebra

/// Small problems that every solver has to survive, made from rows alone.
enum ProblemLibrary {
  static func body(_ mass: Double, _ velocity: Vector3 = Vector3(0, -9.81 / 60, 0)) -> ProblemDescription.Body {
    ProblemDescription.Body(
      mass: mass, inertia: Matrix3(diagonal: mass / 6 * Vector3(1, 1.2, 0.9)),
      velocity: Vector6(linear: velocity, angular: .zero))
  }

  static func translation(_ d: Vector3, _ ra: Vector3, _ rb: Vector3, bias: Double = 0) -> ProblemDescription.Row {
    ProblemDescription.Row(
      a: Vector6(linear: -d, angular: -ra.cross(d)), b: Vector6(linear: d, angular: rb.cross(d)), bias: bias)
  }

  static func ball(_ a: Int, _ b: Int, _ ra: Vector3, _ rb: Vector3) -> ProblemDescription.Block {
    ProblemDescription.Block(
      a: a, b: b, rows: [Vector3.unitX, .unitY, .unitZ].map { translation($0, ra, rb) })
  }

  static func hinge(_ a: Int, _ b: Int, _ ra: Vector3, _ rb: Vector3, axis: Vector3) -> ProblemDescription.Block {
    var block = ball(a, b, ra, rb)
    let (t1, t2) = axis.tangents
    for t in [t1, t2] {
      block.rows.append(
        ProblemDescription.Row(a: Vector6(linear: .zero, angular: -t), b: Vector6(linear: .zero, angular: t)))
    }
    return block
  }

  static func contact(
    _ a: Int, _ b: Int, _ ra: Vector3, _ rb: Vector3, normal: Vector3 = .unitY, friction: Double = 0.6,
    bias: Double = 0, turn: Double = 0
  ) -> ProblemDescription.Block {
    let (t1, t2) = normal.tangents
    let (s, c) = Trigonometry.sineAndCosine(turn)
    return ProblemDescription.Block(
      a: a, b: b, set: .cone, friction: friction,
      rows: [
        translation(normal, ra, rb, bias: bias), translation(c * t1 + s * t2, ra, rb),
        translation(c * t2 - s * t1, ra, rb),
      ])
  }

  /// `count` links released from horizontal; the last `ratio` times as heavy.
  static func chain(_ count: Int, ratio: Double = 1) -> ProblemDescription {
    var result = ProblemDescription(name: "chain \(count), ratio \(ratio)")
    for index in 0..<count {
      result.bodies.append(body(index == count - 1 ? 40 * ratio : 40))
      result.blocks.append(ball(index - 1, index, Vector3(0.5, 0, 0), Vector3(-0.5, 0, 0)))
    }
    return result
  }

  /// A row of boxes of 1 m on each other; every second interface carries four contacts, as boxes do.
  static func stack(_ count: Int, topRatio: Double = 1, push: Double = 0, turn: Double = 0) -> ProblemDescription {
    var result = ProblemDescription(name: "stack \(count), top \(topRatio), push \(push)")
    for index in 0..<count {
      result.bodies.append(
        body(index == count - 1 ? 1000 * topRatio : 1000, Vector3(index == count - 1 ? push : 0, -9.81 / 60, 0)))
      for (x, z) in [(-0.5, -0.5), (-0.5, 0.5), (0.5, -0.5), (0.5, 0.5)] {
        result.blocks.append(
          contact(index - 1, index, Vector3(x, 0.5, z), Vector3(x, -0.5, z), turn: turn))
      }
    }
    return result
  }

  /// A closed loop of hinges with parallel axes: rank-deficient rows (planar four-bar).
  static func fourBar() -> ProblemDescription {
    var result = ProblemDescription(name: "four-bar")
    for _ in 0..<3 { result.bodies.append(body(1)) }
    let half = Vector3(0.5, 0, 0)
    let up = Vector3(0, 0.5, 0)
    result.blocks = [
      hinge(-1, 0, .zero, -up, axis: .unitZ), hinge(0, 1, up, -half, axis: .unitZ),
      hinge(1, 2, half, up, axis: .unitZ), hinge(2, -1, -up, .zero, axis: .unitZ),
    ]
    return result
  }

  /// Every kind of block together: joint, limit, motor, soft row, contact with moments.
  static func mixed() -> ProblemDescription {
    var result = ProblemDescription(name: "mixed")
    for index in 0..<4 { result.bodies.append(body(Double(1 + index), Vector3(0.3, -0.5, 0.1))) }
    result.blocks = [
      hinge(-1, 0, .zero, Vector3(0, 0.5, 0), axis: .unitZ), ball(0, 1, Vector3(0.5, 0, 0), Vector3(-0.5, 0, 0)),
    ]
    var limit = ProblemDescription.Row(
      a: Vector6(linear: .zero, angular: -.unitZ), b: Vector6(linear: .zero, angular: .unitZ), bias: -0.1)
    limit.lower = 0
    result.blocks.append(.init(a: 0, b: 1, set: .box, rows: [limit]))
    var motor = ProblemDescription.Row(b: Vector6(linear: .zero, angular: .unitZ), bias: -2)
    motor.lower = -0.01
    motor.upper = 0.01
    result.blocks.append(.init(a: -1, b: 0, set: .box, rows: [motor]))
    var spring = translation(.unitY, .zero, .zero, bias: 0.2)
    spring.compliance = 0.5
    result.blocks.append(.init(a: 1, b: 2, rows: [spring]))
    var rolling = contact(-1, 2, Vector3(0, 0, 0), Vector3(0, -0.5, 0), friction: 0.4)
    rolling.torsional = 0.02
    rolling.rolling = 0.01
    for axis in [Vector3.unitY, Vector3.unitY.tangents.0, Vector3.unitY.tangents.1] {
      rolling.rows.append(.init(b: Vector6(linear: .zero, angular: axis)))
    }
    result.blocks.append(rolling)
    result.blocks.append(contact(2, 3, Vector3(0.1, 0.5, 0), Vector3(0, -0.5, 0), friction: 0.3))
    return result
  }

  static func single(velocity: Vector3, friction: Double, law: FrictionLaw = .convex) -> ProblemDescription {
    var result = ProblemDescription(name: "single cone \(velocity.x) \(velocity.y) \(law)")
    result.law = law
    result.bodies = [body(2, velocity)]
    result.blocks = [contact(-1, 0, .zero, Vector3(0, -0.5, 0), friction: friction)]
    return result
  }

  /// A row between a body and the world, as small as a problem gets.
  static var oneRow: ProblemDescription {
    var result = ProblemDescription(name: "one row")
    result.bodies = [body(3)]
    result.blocks = [.init(a: -1, b: 0, rows: [translation(.unitY, .zero, .zero)])]
    return result
  }

  static var empty: ProblemDescription { ProblemDescription(name: "empty") }

  static var unconstrained: ProblemDescription {
    var result = ProblemDescription(name: "no rows")
    result.bodies = [body(1)]
    return result
  }

  /// Two equal joints at one place: every row twice.
  static func doubled(_ count: Int) -> ProblemDescription {
    var result = chain(count)
    result.name = "doubled chain \(count)"
    result.blocks += result.blocks
    return result
  }

  /// A wall of `rows` × `columns` bricks in running bond.
  static func wall(_ columns: Int, _ rows: Int) -> ProblemDescription {
    var result = ProblemDescription(name: "wall \(columns)×\(rows)")
    for _ in 0..<columns * rows { result.bodies.append(body(10)) }
    for row in 0..<rows {
      for column in 0..<columns {
        let brick = row * columns + column
        for (side, x) in [(0, -0.25), (1, 0.25)] {
          let below = column + (row % 2 == 0 ? side - 1 : side)
          guard row == 0 || (0..<columns).contains(below) else { continue }
          for z in [-0.25, 0.25] {
            for edge in [-0.2, 0.2] {
              result.blocks.append(
                contact(
                  row == 0 ? -1 : (row - 1) * columns + below, brick, Vector3(-x + edge, 0.25, z),
                  Vector3(x + edge, -0.25, z)))
            }
          }
        }
      }
    }
    return result
  }

  /// A falling box of ten times the mass hits a resting column and is to bounce off it at 0.3 of its speed: a shock
  /// that every interface below has to pass on.
  static func shock(_ count: Int, speed: Double) -> ProblemDescription {
    var result = stack(count, topRatio: 10)
    result.name = "shock \(count) at \(speed)"
    result.bodies[count - 1].velocity.linear = Vector3(0.1 * speed, -speed, 0)
    for index in result.blocks.count - 4..<result.blocks.count { result.blocks[index].rows[0].bias = -0.3 * speed }
    return result
  }

  /// `size` × `size` balls, 0.5 m apart in a plane and jointed to their neighbours, held at the corners: closed loops.
  static func net(_ size: Int) -> ProblemDescription {
    var result = ProblemDescription(name: "net \(size)×\(size)")
    for _ in 0..<size * size { result.bodies.append(body(4)) }
    let x = Vector3(0.25, 0, 0)
    let z = Vector3(0, 0, 0.25)
    for row in 0..<size {
      for column in 0..<size {
        let here = row * size + column
        if column + 1 < size { result.blocks.append(ball(here, here + 1, x, -x)) }
        if row + 1 < size { result.blocks.append(ball(here, here + size, z, -z)) }
      }
    }
    for (corner, arm) in [(0, -x), (size - 1, x), (size * (size - 1), -x), (size * size - 1, x)] {
      result.blocks.append(ball(-1, corner, .zero, arm))
    }
    return result
  }

  /// Bricard's linkage as in the IFToMM benchmark A04: six hinges, 30 rows of rank 29.
  static func bricard() -> ProblemDescription {
    var result = ProblemDescription(name: "bricard")
    let points = [
      Vector3(0, 0, 0), Vector3(1, 0, 0), Vector3(1, -1, 0), Vector3(1, -1, 1), Vector3(0, -1, 1), Vector3(0, 0, 1),
    ]
    let directions = (0..<6).map { points[($0 + 1) % 6] - points[$0] }
    for _ in 0..<5 { result.bodies.append(body(1)) }
    for joint in 0..<6 {
      let axis = directions[(joint + 5) % 6].cross(directions[joint])
      let before = joint == 0 ? -1 : joint - 1
      let after = joint == 5 ? -1 : joint
      result.blocks.append(
        hinge(before, after, 0.5 * directions[(joint + 5) % 6], -0.5 * directions[joint], axis: axis))
    }
    return result
  }

  /// A body on three feet that slides and turns: every foot slides in a direction of its own.
  static func tripod(law: FrictionLaw) -> ProblemDescription {
    var result = ProblemDescription(name: "tripod \(law)")
    result.law = law
    result.bodies = [body(3, Vector3(1, -9.81 / 60, 0.4))]
    result.bodies[0].velocity.angular = Vector3(0, 3, 0)
    for foot in [Vector3(0.5, -0.3, 0.1), Vector3(-0.2, -0.3, 0.4), Vector3(-0.3, -0.3, -0.5)] {
      result.blocks.append(contact(-1, 0, .zero, foot, friction: 0.3))
    }
    return result
  }

  /// All problems of the conformance suite.
  static var all: [ProblemDescription] {
    [
      empty, unconstrained, oneRow, chain(1), chain(2), chain(10), chain(50), chain(10, ratio: 100),
      chain(30, ratio: 1000), doubled(5), fourBar(), mixed(), stack(1), stack(5), stack(10), stack(10, topRatio: 100),
      stack(3, push: 4), wall(4, 4), net(4), bricard(), shock(5, speed: 5), stack(2, topRatio: 1000),
      tripod(law: .convex), tripod(law: .coulomb), tripod(law: .pyramid),
      single(velocity: Vector3(0, -1, 0), friction: 0.5),
      single(velocity: Vector3(2, -1, 0), friction: 0.5), single(velocity: Vector3(0, 1, 0), friction: 0.5),
      single(velocity: Vector3(1, -1, 1), friction: 0),
      single(velocity: Vector3(2, -1, 0.5), friction: 0.5, law: .coulomb),
      single(velocity: Vector3(2, -1, 0.5), friction: 0.5, law: .pyramid),
      { () -> ProblemDescription in
        var result = mixed()
        result.law = .coulomb
        result.name += " coulomb"
        return result
      }(),
    ]
      + [FrictionLaw.frictionless, .coulomb, .pyramid].map { law in
        var result = stack(4, push: 2).under(law)
        result.name += " \(law)"
        return result
      }
  }
}
