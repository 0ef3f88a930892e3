import ConstraintSystem
import Dynamics
import Laboratory
import LinearAlgebra

/// Small scenes without a file.
enum SceneInCode {
  /// Links of 1 m with I = m/4 would be hit in their centres of percussion: joints that do not feel each other.
  static func mass(_ m: Double) -> MassProperties {
    MassProperties(mass: m, centerOfMass: .zero, inertia: Matrix3(diagonal: m * Vector3(0.1, 0.2, 0.15)))
  }

  static func scene(
    _ name: String, steps: Int = 20, oracles: [any Oracle] = [], settings: StepSettings = StepSettings(),
    _ build: (World) throws -> Void
  ) rethrows -> Scene {
    let world = World()
    try build(world)
    return Scene(
      name: name, summary: "", parameters: [("height", 2.5)], world: world, settings: settings, steps: steps,
      solver: nil, oracles: oracles)
  }

  /// Two bodies, 1 m apart, that fall from rest.
  static func falling(steps: Int = 20) throws -> Scene {
    try scene("falling", steps: steps) { world in
      try world.add(Body(name: "left", mass: mass(1)))
      try world.add(Body(name: "right", pose: RigidTransform(position: .unitX), mass: mass(3)))
    }
  }

  /// A chain of bodies from a point of the world (`isAnchored`) or in the air, released from horizontal.
  static func chain(
    count: Int = 3, isAnchored: Bool = true, coneAngle: Double = .pi, law: FrictionLaw = .convex, steps: Int = 20
  ) throws -> Scene {
    var settings = StepSettings()
    settings.law = law
    return try scene("chain", steps: steps, settings: settings) { world in
      var previous: BodyID?
      for index in 0..<count {
        let link = try world.add(
          Body(pose: RigidTransform(position: Vector3(Double(index) + 0.5, 0, 0)), mass: mass(2)))
        if isAnchored || index > 0 {
          let joint = BallJoint(
            previous, link, at: Vector3(Double(index), 0, 0), in: world, axis: .unitX, coneAngle: coneAngle)
          try world.add(joint, name: "joint \(index)")
        }
        previous = link
      }
    }
  }
}
