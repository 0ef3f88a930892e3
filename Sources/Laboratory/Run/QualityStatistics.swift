import Dynamics
import LinearAlgebra

/// Gathers how well the physics of a run came out.
///
/// With E₀ the mechanical energy at the start and the scale S = total mass · |g| · extent at the start,
/// energyRise = (max E − E₀)/S and energyDrift = (final E − E₀)/S, both signed. Without gravity S is 0 and they do not
/// apply. Kinematic bodies and motors do work, which counts as drift here.
struct QualityStatistics {
  private let startPositions = Buffer<Vector3>()
  private let startEnergy: Double
  private let scale: Double
  private let hasJoints: Bool
  private var energy: Double
  private var maximumEnergy: Double
  private var balance: MomentumBalance?
  private var touched = false
  private var penetration = (max: 0.0, final: 0.0)
  private var jointError = (max: 0.0, sum: 0.0, final: 0.0)
  private var displacement = (max: 0.0, final: 0.0)
  private var maximumSpeed = 0.0
  private var steps = 0

  /// Statistics from the world's present state on.
  init(_ world: World) {
    for index in 0..<world.bodyCount { startPositions.append(world.poses[index].position) }
    startEnergy = world.mechanicalEnergy
    energy = startEnergy
    maximumEnergy = startEnergy
    scale = world.totalMass * world.gravity.length * world.extent
    hasJoints = !world.joints.isEmpty
    balance = MomentumBalance(world)
  }

  /// Takes a step in.
  mutating func observe(_ world: World, _ record: StepRecord) {
    steps += 1
    touched = touched || record.contacts > 0 || record.penetration > 0
    penetration = (max(penetration.max, record.penetration), record.penetration)
    jointError = (max(jointError.max, record.jointError), jointError.sum + record.jointError, record.jointError)
    energy = record.energy
    maximumEnergy = max(maximumEnergy, energy)
    var squaredDistance = 0.0
    var squaredSpeed = 0.0
    for index in 0..<world.bodyCount {
      let moved = world.poses.pointer[index].position - startPositions.pointer[index]
      squaredDistance = max(squaredDistance, moved.lengthSquared)
      squaredSpeed = max(squaredSpeed, world.velocities.pointer[index].linear.lengthSquared)
    }
    let distance = squaredDistance.squareRoot()
    displacement = (max(displacement.max, distance), distance)
    maximumSpeed = max(maximumSpeed, squaredSpeed.squareRoot())
    balance?.observe(world)
  }

  /// The summary.
  var result: RunResult.Quality {
    guard steps > 0 else { return RunResult.Quality() }
    let hasScale = scale > 0 && scale.isFinite
    return RunResult.Quality(
      penetration: touched
        ? RunResult.Extremes(max: penetration.max, final: penetration.final) : RunResult.Extremes(),
      jointError: hasJoints
        ? RunResult.Errors(max: jointError.max, mean: jointError.sum / Double(steps), final: jointError.final)
        : RunResult.Errors(),
      displacement: RunResult.Extremes(max: displacement.max, final: displacement.final),
      energyRise: hasScale ? (maximumEnergy - startEnergy) / scale : nil,
      energyDrift: hasScale ? (energy - startEnergy) / scale : nil,
      momentumDrift: balance?.drift, maximumSpeed: maximumSpeed)
  }
}
