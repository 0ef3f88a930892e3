import ConstraintSystem
import LinearAlgebra

/// What the network of `learned-update` sees after some sweeps of the fallback, and what it says: for every arm the binary
/// logarithm of the sweeps that it will need, against those of the fallback.
final class SweepPolicy {
  /// Inputs of the network.
  static let inputCount = 15

  let model: Model
  private let network: DenseNetwork
  private let features = Buffer<Float>(repeating: 0, count: SweepPolicy.inputCount)
  private let outputs = Buffer<Float>(repeating: 0, count: SweepArm.all.count)

  init(model: Model) throws {
    self.model = model
    network = try DenseNetwork(model.weights, "policy", inputs: Self.inputCount, outputs: SweepArm.all.count)
  }

  /// The arm that promises to save most time, where that is at least its `caution` times `margin` binary orders; otherwise
  /// the fallback. On a problem with joints that the training had not the network is not asked; on one that is larger than
  /// all of it, early in a solve, or with few sweeps to go, only the safest arm is open. `isOutside` says whether the
  /// training had no such problem.
  func choose(
    _ problem: ConstraintProblem, _ lambda: UnsafePointer<Double>, _ history: SweepHistory, tolerance: Double,
    margin: Float, onlySafest: Bool
  ) -> (arm: Int, isOutside: Bool) {
    if model.hasOtherJoints(problem) { return (0, true) }
    Self.features(problem, lambda, history, tolerance: tolerance, into: features.pointer)
    network.evaluate(features.pointer, into: outputs.pointer)
    let isLarger = model.isLargerThanTraining(problem)
    let rest = history.remaining(to: tolerance)
    let onlySafest = onlySafest || isLarger || history.count < Self.firstBold || rest < Self.shortestBoldRest
    var best = 0
    var least = Float.infinity
    for (arm, choice) in SweepArm.all.enumerated().dropFirst() {
      let promised = outputs.pointer[arm] + Self.overhead(choice, problem, features.pointer, rest)
      if onlySafest && !choice.isSafest || !(promised < -choice.caution * margin) { continue }
      if promised < least {
        best = arm
        least = promised
      }
    }
    return (best, isLarger)
  }

  /// log₂ of what a pass under an arm costs against one of the fallback. Measured: a pass takes some 10 ns a row and 30 ns
  /// a contact; an increment 11 ns a body, 1.5 ns a row and 40 ns; to find the order from the top, one and a half passes.
  private static func overhead(
    _ arm: SweepArm, _ problem: ConstraintProblem, _ x: UnsafePointer<Float>, _ rest: Double
  ) -> Float {
    var cost = 1.0
    if arm.increment != nil {
      let rows = Double(problem.rowCount)
      let increment = 11 * Double(problem.bodies.count) + 1.5 * rows + 40
      let pass = 10 * rows + 30 * Double(x[4]) * Double(problem.blocks.count)
      cost += (arm.order == .symmetric ? 0.5 : 1) * increment / pass
    }
    if arm.order == .topDown { cost += 1.5 / max(rest, 1) }
    return Float(SweepHistory.logarithm(cost))
  }

  /// The fewest sweeps made, and to go, that an arm other than the safest is chosen for.
  private static let firstBold = 24
  private static let shortestBoldRest = 40.0

  /// The fewest sweeps in all that the network is asked for.
  private static let shortestSolve = 17.0

  /// The fewest binary orders to go that it is asked for, and before `earlySweeps` sweeps: on what is near its end the
  /// fallback may be done at any moment, whatever its rate.
  private static let shortestRest = 0.25
  private static let shortestEarlyRest = 1.5
  private static let earlySweeps = 12

  /// Whether a solve is long enough, at its present rate, for an arm to repay what may be lost on it, and for features and
  /// network to be a thirtieth of it: they take some 12 ns a constraint and 0.4 µs, a visit of a constraint takes 40 ns.
  static func isWorthAsking(_ problem: ConstraintProblem, _ history: SweepHistory, tolerance: Double) -> Bool {
    let orders = SweepHistory.logarithm(history.last / tolerance)
    guard orders >= (history.count < earlySweeps ? shortestEarlyRest : shortestRest) else { return false }
    let sweeps = Double(history.count) + history.remaining(to: tolerance)
    return sweeps >= shortestSolve + 300 / Double(problem.blocks.count)
  }

  /// The features, from the changes of velocity of the last sweeps and the impulses after them.
  static func features(
    _ problem: ConstraintProblem, _ lambda: UnsafePointer<Double>, _ history: SweepHistory, tolerance: Double,
    into x: UnsafeMutablePointer<Float>
  ) {
    x[0] = Float(SweepHistory.logarithm(history.last / tolerance) / 16)
    x[1] = Float(SweepHistory.logarithm(history.last / history.middle))
    x[2] = Float(SweepHistory.logarithm(history.middle / history.first))
    var cones = 0
    var free = 0
    var open = 0
    var sliding = 0
    let blocks = problem.blocks.pointer
    for index in 0..<problem.blocks.count {
      let first = Int(blocks[index].firstRow)
      switch blocks[index].set {
      case .cone:
        cones += 1
        if lambda[first] <= 0 {
          open += 1
        } else if blocks[index].rowCount >= 3 {
          let bound = 0.999 * blocks[index].friction * lambda[first]
          let t1 = lambda[first + 1]
          let t2 = lambda[first + 2]
          if t1 * t1 + t2 * t2 >= bound * bound { sliding += 1 }
        }
      case .free: free += 1
      case .box: break
      }
    }
    var lightest = Double.infinity
    var heaviest = 0.0
    for body in 0..<problem.bodies.count {
      lightest = min(lightest, problem.bodies.pointer[body].mass)
      heaviest = max(heaviest, problem.bodies.pointer[body].mass)
    }
    let count = Double(max(problem.blocks.count, 1))
    x[3] = Float(Double(problem.rowCount) / count / 6)
    let ratio = count / Double(max(problem.bodies.count, 1))
    x[4] = Float(Double(cones) / count)
    x[5] = Float(Double(free) / count)
    x[6] = cones > 0 ? Float(open) / Float(cones) : 0
    x[7] = cones > 0 ? Float(sliding) / Float(cones) : 0
    x[8] = Float(SweepHistory.logarithm(count) / 12)
    x[9] = Float(ratio / (4 + ratio))
    x[10] = Float(SweepHistory.logarithm(heaviest / lightest) / 16)
    x[11] = problem.law == .coulomb ? 1 : 0
    x[12] = problem.law == .frictionless ? 1 : 0
    x[13] = Float(SweepHistory.logarithm(Double(max(problem.islandCount, 1))) / 8)
    x[14] = Float(SweepHistory.logarithm(Double(history.count)) / 8)
  }
}
