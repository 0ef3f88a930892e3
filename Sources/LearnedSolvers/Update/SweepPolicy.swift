import ConstraintSystem
import LinearAlgebra

/// What the network of `learned-update` sees after the first sweeps, and what it says: for every arm the binary logarithm
/// of the sweeps that it will need, against those of the fallback.
final class SweepPolicy {
  /// Inputs of the network.
  static let inputCount = 14
  /// Sweeps of the fallback before the first decision.
  static let firstSweeps = 3

  let model: Model
  private let network: DenseNetwork
  private let outputs = Buffer<Float>(repeating: 0, count: SweepArm.all.count)

  init(model: Model) throws {
    self.model = model
    network = try DenseNetwork(model.weights, "policy", inputs: Self.inputCount, outputs: SweepArm.all.count)
  }

  /// The arm that promises to save most time, where that is at least its `caution` times `margin` binary orders; otherwise
  /// the fallback. On a problem with joints that the training had not the network is not asked; on one that is larger than
  /// all of it, or has few sweeps to go, only the safest arm is open. `isOutside` says whether the training had no such problem.
  func choose(
    _ problem: ConstraintProblem, _ features: UnsafePointer<Float>, margin: Float
  ) -> (arm: Int, isOutside: Bool) {
    if model.hasOtherJoints(problem) { return (0, true) }
    network.evaluate(features, into: outputs.pointer)
    let isLarger = model.isLargerThanTraining(problem)
    let onlySafest = isLarger || Self.remaining(features) < Self.shortestBoldRest
    var best = 0
    var least = Float.infinity
    for (arm, choice) in SweepArm.all.enumerated().dropFirst() {
      let promised = outputs.pointer[arm] + Self.overhead(choice, features)
      if onlySafest && !choice.isSafest || !(promised < -choice.caution * margin) { continue }
      if promised < least {
        best = arm
        least = promised
      }
    }
    return (best, isLarger)
  }

  /// log₂ of what a pass under an arm costs against one of the fallback: an increment costs some 24 ns a body and 3 ns a
  /// row, a pass some 14 ns a row.
  private static func overhead(_ arm: SweepArm, _ x: UnsafePointer<Float>) -> Float {
    guard arm.increment != nil else { return 0 }
    let blocksPerBody = 4 * x[9] / max(1 - x[9], 1e-6)
    let increment = 0.57 / max(blocksPerBody, 1e-6) + 0.21
    return Float(logarithm(Double(1 + (arm.order == .symmetric ? 0.5 : 1) * increment)))
  }

  /// The fewest sweeps to go that an arm other than the safest is chosen for.
  private static let shortestBoldRest: Float = 20

  /// Whether a solve is long enough, after so many passes, for features and network (some 0.3 µs) to be a twentieth of it:
  /// counted in visits of constraints, of 40 ns each, at the rate of the first sweeps.
  static func isWorthAsking(
    _ problem: ConstraintProblem, changes: UnsafePointer<Double>, tolerance: Double, after passes: Int
  ) -> Bool {
    let last = changes[firstSweeps - 1]
    let rate = max(logarithm(changes[0] / last) / Double(firstSweeps - 1), 1e-4)
    let sweeps = max(Double(firstSweeps) + logarithm(last / tolerance) / rate, Double(passes))
    return sweeps * Double(problem.blocks.count) >= leastVisits
  }

  private static let leastVisits = 200.0

  /// Sweeps that the fallback would still take at the rate of its first; too few, as it slows down.
  private static func remaining(_ x: UnsafePointer<Float>) -> Float {
    let rate = -x[3] * Float(firstSweeps) / Float(firstSweeps - 1)
    return 16 * x[0] / max(rate, 1e-4)
  }

  /// The features, from the changes of velocity of the first sweeps (m/s) and the impulses after them.
  static func features(
    _ problem: ConstraintProblem, _ lambda: UnsafePointer<Double>, changes: UnsafePointer<Double>, count: Int,
    tolerance: Double, into x: UnsafeMutablePointer<Float>
  ) {
    let last = changes[count - 1]
    x[0] = Float(logarithm(last / tolerance) / 16)
    x[1] = Float(logarithm(last / changes[count - 2]))
    x[2] = Float(logarithm(last / changes[count / 2]) / Double(max(count - 1 - count / 2, 1)))
    x[3] = Float(logarithm(last / changes[0]) / Double(count))
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
    let ratio = count / Double(max(problem.bodies.count, 1))
    x[4] = Float(Double(cones) / count)
    x[5] = Float(Double(free) / count)
    x[6] = cones > 0 ? Float(open) / Float(cones) : 0
    x[7] = cones > 0 ? Float(sliding) / Float(cones) : 0
    x[8] = Float(logarithm(count) / 12)
    x[9] = Float(ratio / (4 + ratio))
    x[10] = Float(logarithm(heaviest / lightest) / 16)
    x[11] = problem.law == .coulomb ? 1 : 0
    x[12] = problem.law == .frictionless ? 1 : 0
    x[13] = Float(logarithm(Double(max(problem.islandCount, 1))) / 8)
  }

  /// log₂ x, linear between powers of two: the same bits on every processor. Bounded to ±64; 0 for what has none.
  static func logarithm(_ x: Double) -> Double {
    guard x.isFinite else { return x > 0 ? 64 : 0 }
    guard x > 0 else { return x == 0 ? -64 : 0 }
    return min(max(Double(x.exponent) + x.significand - 1, -64), 64)
  }
}
