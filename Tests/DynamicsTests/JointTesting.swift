import ConstraintSystem
import Dynamics
import LinearAlgebra
import Solvers

/// SplitMix64: the same numbers on every machine.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  mutating func vector(_ size: Double = 1) -> Vector3 {
    Vector3(
      Double.random(in: -size...size, using: &self), Double.random(in: -size...size, using: &self),
      Double.random(in: -size...size, using: &self))
  }

  /// A rotation by at most `angle` (rad) about any axis.
  mutating func rotation(_ angle: Double = .pi) -> Quaternion {
    var axis = vector()
    while axis.length < 0.1 || axis.length > 1 { axis = vector() }
    return Quaternion(angle: Double.random(in: 0...angle, using: &self), axis: axis.normalized())
  }
}

extension World {
  /// A body of 1 kg unless said, as a solid box of the full size `size` (m) at `position`.
  @discardableResult
  func addBox(
    _ size: Vector3 = Vector3(1, 0.2, 0.2), at position: Vector3 = .zero, turned orientation: Quaternion = .identity,
    mass: Double = 1, velocity: Vector6 = .zero, kind: BodyKind = .dynamic
  ) throws -> BodyID {
    let squares = size.scaled(by: size)
    let inertia = (mass / 12) * Vector3(squares.y + squares.z, squares.z + squares.x, squares.x + squares.y)
    return try add(
      Body(
        kind: kind, pose: RigidTransform(position: position, orientation: orientation), velocity: velocity,
        mass: kind == .dynamic
          ? MassProperties(mass: mass, centerOfMass: .zero, inertia: Matrix3(diagonal: inertia)) : nil))
  }

  /// Simulates this world.
  func simulation(
    _ solver: String = "ldl", timestep: Double = 1e-3, substeps: Int = 1,
    stabilization: Stabilization = .projection, law: FrictionLaw = .convex
  ) throws -> Simulation {
    var settings = StepSettings()
    settings.law = law
    settings.timestep = timestep
    settings.substeps = substeps
    settings.stabilization = stabilization
    settings.law = law
    return Simulation(world: self, solver: try SolverCatalog.classical.make(solver), settings: settings)
  }
}

extension Simulation {
  /// Steps until the world's time is `time` (s).
  func run(until time: Double, _ body: (StepRecord) throws -> Void = { _ in }) throws {
    while world.time < time - 0.5 * settings.timestep { try body(step()) }
  }
}

extension Vector3 {
  /// Largest component of the difference.
  func distance(_ other: Vector3) -> Double { (self - other).magnitudes.maximum }
}
