import ConstraintSystem
import Dynamics
import LearnedSolvers
import LinearAlgebra
import Solvers

/// Keeps the largest problem of a run, the earliest of several, and lets solvers solve it cold with growing caps.
package final class ProblemSampler: RunObserver {
  private let problem = ConstraintProblem()
  private var step = 0

  package func begin(_ simulation: Simulation) {}

  package func observe(_ simulation: Simulation, _ record: StepRecord) {
    guard simulation.problem.rowCount > problem.rowCount else { return }
    problem.assign(simulation.problem)
    step = record.step
  }

  /// The problem; nil where no step had rows.
  func sample(of scene: String) -> SampleProblem? {
    problem.rowCount > 0 ? SampleProblem(scene: scene, step: step, problem: problem) : nil
  }

  /// How the residual of a solver falls on a problem: solves from λ = 0, or from `start`, that are cut after 1, 2, 3 … iterations, each by a
  /// new instance. At most `timeLimit` (s) in all, and `iterationLimit` iterations of a solve. Nil where the solver does not take the problem. Throws
  /// `SolverTextError`.
  package static func curve(
    _ sample: SampleProblem, solver: String, budget: Budget, start: Buffer<Double>? = nil, timeLimit: Double = 1,
    iterationLimit: Int = .max
  ) throws -> ConvergenceCurve? {
    let problem = sample.problem
    let judge = NaturalMap()
    let lambda = Buffer<Double>(repeating: 0, count: problem.rowCount)
    if let start { lambda.assign(start) }
    guard try SolverCatalog.complete.make(solver).supports(problem) else { return nil }
    var points = [
      ConvergenceCurve.Point(
        iteration: 0, residual: judge.residual(problem, lambda: lambda.pointer).maximum, time: 0)
    ]
    let deadline = Clock.now() + timeLimit
    /// One solve that is cut after `cap` iterations; the number it did.
    func solve(_ cap: Int?) throws -> Int? {
      let assembly = try SolverCatalog.complete.make(solver)
      budget.apply(to: assembly)
      assembly.start = start
      if let cap { assembly.stop.iterations = min(cap, assembly.stop.iterations ?? cap) }
      assembly.stop.timeLimit = min(assembly.stop.timeLimit ?? timeLimit, timeLimit)
      let report = assembly.solve(problem, into: lambda)
      guard report.reason != .breakdown else { return nil }
      let residual = judge.residual(problem, lambda: lambda.pointer).maximum
      // A direct method is there after one "iteration".
      let iteration = max(1, report.iterations)
      if residual.isFinite, iteration > points[points.count - 1].iteration {
        let time = report.totalTime
        points.append(ConvergenceCurve.Point(iteration: iteration, residual: residual, time: 1e6 * time))
      }
      return iteration
    }
    var cap = 1
    while Clock.now() < deadline && cap <= iterationLimit {
      guard let done = try solve(cap), done >= cap else { break }
      cap = max(cap + 1, cap * 5 / 4)
    }
    return ConvergenceCurve(scene: sample.scene, step: sample.step, solver: solver, points: points)
  }
}
