import ConstraintSystem
import Dispatch
import Dynamics
import Foundation
import Laboratory
import LinearAlgebra

/// How the residual of every solver falls on the last problem: found beside the simulation, which does not wait for it.
final class ConvergenceWorker {
  private let queue = DispatchQueue(label: "convergence", qos: .utility)
  private let lock = NSLock()
  private var isBusy = false
  private var latest: [ConvergenceCurve] = []
  private var found = 0
  private var asked: (step: Int, solvers: [String]) = (-1, [])

  /// Time (s) that a solver's curve may take, and its iterations where the clock may have no say.
  private static let timeLimit = 0.2
  private static let iterationLimit = 120

  /// Grows with every result.
  var revision: Int { lock.withLock { found } }

  /// The newest curves; asks for those of the present problem where they are not known and nobody is at work. Where
  /// pictures must be reproducible they are found at once.
  func curves(_ simulation: Simulation, solvers: [String], scene: String, isReproducible: Bool) -> [ConvergenceCurve] {
    let step = simulation.stepCount - 1
    let known = lock.withLock { latest }
    guard asked.step != step || asked.solvers != solvers else { return known }
    guard isReproducible || lock.withLock({ !isBusy }) else { return known }
    asked = (step, solvers)
    let problem = ConstraintProblem()
    problem.assign(simulation.problem)
    let sample = SampleProblem(scene: scene, step: step, problem: problem)
    if isReproducible {
      let curves = Self.find(sample, solvers, timeLimit: 1e9, iterationLimit: Self.iterationLimit)
      lock.withLock { latest = curves }
      return curves
    }
    lock.withLock { isBusy = true }
    let job = Job(sample: sample, solvers: solvers)
    queue.async { [self] in
      let curves = Self.find(job.sample, job.solvers, timeLimit: Self.timeLimit, iterationLimit: 10_000)
      lock.withLock {
        latest = curves
        found += 1
        isBusy = false
      }
    }
    return known
  }

  private struct Job: @unchecked Sendable {
    let sample: SampleProblem
    let solvers: [String]
  }

  private static func find(
    _ sample: SampleProblem, _ solvers: [String], timeLimit: Double, iterationLimit: Int
  ) -> [ConvergenceCurve] {
    solvers.compactMap {
      try? ProblemSampler.curve(
        sample, solver: $0, budget: Budget(), timeLimit: timeLimit, iterationLimit: iterationLimit)
    }
  }
}

extension ConvergenceWorker: @unchecked Sendable {}
