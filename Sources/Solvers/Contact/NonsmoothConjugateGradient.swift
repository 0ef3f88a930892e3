import ConstraintSystem
import LinearAlgebra

/// Nonsmooth nonlinear conjugate gradients on top of projected Gauss–Seidel (Silcowitz-Hansen, Niebe, Erleben, "A
/// nonsmooth nonlinear conjugate gradient method for interactive contact force problems", 2010, algorithm 2).
///
/// A sweep λ̂ = PGS(λ) is read as a gradient step, −∇f = λ̂ − λ; Fletcher–Reeves makes conjugate directions of them:
///
///     λ̂ᵏ = PGS(λᵏ),   ∇fᵏ = λᵏ − λ̂ᵏ,   β = ‖∇fᵏ‖² / ‖∇fᵏ⁻¹‖²
///     β ≤ 1:  λᵏ⁺¹ = λ̂ᵏ + β pᵏ⁻¹,   pᵏ = β pᵏ⁻¹ − ∇fᵏ
///     β > 1:  restart, λᵏ⁺¹ = λ̂ᵏ,   pᵏ = −∇fᵏ
///
/// The norm is ‖x‖² = Σ A_ii x_i², so that grams and moments do not change the iterates; the paper takes the plain one.
/// The velocity of p follows the same recurrence from the sweeps' own changes of v, so an iteration costs one sweep and
/// a few vector operations. λ̂ᵏ is what is measured and given back: it is in the sets, λᵏ⁺¹ need not be.
///
/// Convergence is not proved; the residual is not monotone. The best λ̂ seen is what the solve returns.
final class NonsmoothConjugateGradient: ConstraintSolver {
  static let descriptor = SolverDescriptor(
    name: "nncg", summary: "nonsmooth nonlinear conjugate gradients over projected Gauss–Seidel sweeps",
    groups: ["classical", "contact", "first-order"], slots: [], sets: ["free", "box", "cone"],
    laws: FrictionLaw.allCases, reference: "Silcowitz-Hansen, Niebe, Erleben 2010", options: []
  ) { _ in NonsmoothConjugateGradient() }

  /// Sweeps of a solve unless the stop rule says otherwise.
  static let defaultIterations = 100

  private let sweep = GaussSeidelSweep()
  private let start = Buffer<Double>()
  private let p = Buffer<Double>()
  private let best = Buffer<Double>()
  private let startVelocity = Buffer<Vector6>()
  private let pVelocity = Buffer<Vector6>()

  func supports(_ problem: ConstraintProblem) -> Bool { true }

  func prepare(_ problem: ConstraintProblem, report: inout SolveReport) {
    sweep.prepare(problem, report: &report)
    start.resize(to: problem.rowCount, filling: 0)
    p.resize(to: problem.rowCount, filling: 0)
    best.resize(to: problem.rowCount, filling: 0)
    startVelocity.resize(to: problem.bodies.count, filling: .zero)
    pVelocity.resize(to: problem.bodies.count, filling: .zero)
  }

  func solve(
    _ problem: ConstraintProblem, lambda: UnsafeMutablePointer<Double>, stop: StopRule, report: inout SolveReport
  ) {
    let check = StopCheck(stop, defaultIterations: Self.defaultIterations)
    let rows = problem.rowCount
    let diagonal = problem.diagonal.pointer
    sweep.start(problem, lambda)
    var measured = sweep.residual(problem, lambda)
    var bestResidual = measured
    best.pointer.update(from: lambda, count: rows)
    p.fill(0)
    pVelocity.fill(.zero)
    var last = 0.0
    var iteration = 0
    while !check.ends(measured, after: iteration, &report) {
      start.pointer.update(from: lambda, count: rows)
      startVelocity.pointer.update(from: sweep.velocity.pointer, count: problem.bodies.count)
      _ = sweep.pass(problem, lambda)
      iteration += 1
      measured = sweep.residual(problem, lambda)
      if measured < bestResidual {
        bestResidual = measured
        best.pointer.update(from: lambda, count: rows)
      }
      if measured <= check.tolerance { continue }
      var squared = 0.0
      for row in 0..<rows {
        let g = lambda[row] - start.pointer[row]
        squared += diagonal[row] * g * g
      }
      let beta = last > 0 ? squared / last : .infinity
      last = squared
      advance(problem, lambda, beta: beta <= 1 ? beta : 0)
    }
    if measured > bestResidual {
      lambda.update(from: best.pointer, count: rows)
      report.believedResidual = bestResidual
    } else if iteration > 0 && report.reason != .converged {
      // What was extrapolated after the last measure is not in the sets.
      lambda.update(from: best.pointer, count: rows)
    }
    report.iterations += iteration
    report.constraintPasses += 2 * iteration
    report.flops += Double(iteration) * (sweep.flops(problem) + 30 * Double(rows))
  }

  /// λ += β p, p = β p + (λ̂ − λ), and the same with the velocities.
  private func advance(_ problem: ConstraintProblem, _ lambda: UnsafeMutablePointer<Double>, beta: Double) {
    let p = self.p.pointer
    for row in 0..<problem.rowCount {
      let step = lambda[row] - start.pointer[row]
      let along = beta * p[row]
      lambda[row] += along
      p[row] = along + step
    }
    let v = sweep.velocity.pointer
    let pv = pVelocity.pointer
    for body in 0..<problem.bodies.count {
      let step = v[body] - startVelocity.pointer[body]
      let along = beta * pv[body]
      v[body] = v[body] + along
      pv[body] = along + step
    }
  }
}
