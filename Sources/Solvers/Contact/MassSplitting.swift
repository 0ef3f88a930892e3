import ConstraintSystem
import LinearAlgebra

/// Mass splitting: Jacobi that converges (Tonge, Benevolenski, Voroshilov, "Mass splitting for jitter-free parallel
/// rigid body simulation", 2012).
///
/// A body with n constraints is split into n bodies of mass m/n, one a constraint. All blocks are solved at once, each
/// between its own parts, which start from the body's velocity; then the parts are joined by averaging:
///
///     D̂_c = n_a J_a M_a⁻¹ J_aᵀ + n_b J_b M_b⁻¹ J_bᵀ + σ_c
///     Δλ_c = block solution with D̂_c from w_c = J_c v + β_c + σ_c λ_c
///     v += 1/n Σ_parts n M⁻¹ J_cᵀ Δλ_c = M⁻¹ Σ_c J_cᵀ Δλ_c
///
/// so the average is the velocity of λ itself, and momentum is kept. blockdiag(D̂) − A is positive semi-definite
/// (Jensen's inequality on every body), so each pass decreases the convex programme, at about half the rate of
/// Gauss–Seidel on chains and slower where bodies have many contacts. Fixed points are the law's solutions, because at
/// Δλ = 0 D̂ does not matter. Cost O(rows), two passes over the rows; no order of the blocks takes part.
final class MassSplitting: ConstraintSolver {
  static let descriptor = SolverDescriptor(
    name: "jacobi-split", summary: "mass splitting: parallel block Jacobi, bodies divided among their constraints",
    groups: ["classical", "contact", "first-order", "parallel"], slots: [], sets: ["free", "box", "cone"],
    laws: FrictionLaw.allCases, reference: "Tonge, Benevolenski, Voroshilov 2012", options: []
  ) { _ in MassSplitting() }

  /// Passes of a solve unless the stop rule says otherwise.
  static let defaultIterations = 100

  private let velocity = Buffer<Vector6>()
  private let counts = Buffer<Double>()
  private let couplings = Buffer<Double>()
  private let inverses = Buffer<Double>()
  private let offsets = Buffer<Int32>()
  private let w = Buffer<Double>()
  private let deltas = Buffer<Double>()

  func supports(_ problem: ConstraintProblem) -> Bool { problem.givenMatrix == nil }

  func prepare(_ problem: ConstraintProblem, report: inout SolveReport) {
    let blocks = problem.blocks.pointer
    counts.resize(to: problem.bodies.count, filling: 0)
    counts.fill(0)
    offsets.resize(to: problem.blocks.count, filling: 0)
    var total = 0
    for index in 0..<problem.blocks.count {
      let block = blocks[index]
      if block.bodyA >= 0 { counts.pointer[Int(block.bodyA)] += 1 }
      if block.bodyB >= 0 { counts.pointer[Int(block.bodyB)] += 1 }
      offsets.pointer[index] = Int32(total)
      total += Int(block.rowCount * block.rowCount)
    }
    couplings.resize(to: total, filling: 0)
    inverses.resize(to: total, filling: 0)
    for index in 0..<problem.blocks.count {
      let block = blocks[index]
      let d = couplings.pointer + Int(offsets.pointer[index])
      problem.copyDiagonalBlock(
        index, into: d, weightA: block.bodyA >= 0 ? counts.pointer[Int(block.bodyA)] : 0,
        weightB: block.bodyB >= 0 ? counts.pointer[Int(block.bodyB)] : 0)
      if block.set == .box { continue }
      SmallLDL.invert(d, size: Int(block.rowCount), into: inverses.pointer + Int(offsets.pointer[index]))
    }
    velocity.resize(to: problem.bodies.count, filling: .zero)
    w.resize(to: problem.rowCount, filling: 0)
    deltas.resize(to: problem.rowCount, filling: 0)
    report.flops += Double(problem.rowCount) * 200
  }

  func solve(
    _ problem: ConstraintProblem, lambda: UnsafeMutablePointer<Double>, stop: StopRule, report: inout SolveReport
  ) {
    let check = StopCheck(stop, defaultIterations: Self.defaultIterations)
    BlockSolution.clamp(problem, lambda)
    problem.velocity(of: lambda, into: velocity.pointer)
    let rows = problem.rowCount
    let w = self.w.pointer
    var iteration = 0
    while true {
      problem.constraintVelocity(of: velocity.pointer, into: w)
      for row in 0..<rows { w[row] += problem.bias.pointer[row] + problem.compliance.pointer[row] * lambda[row] }
      // w is at hand, so the measure costs little.
      let measured = NaturalMap.residual(problem, lambda: lambda, w: w).maximum
      if check.ends(measured, after: iteration, &report) { break }
      for index in 0..<problem.blocks.count {
        let block = problem.blocks.pointer[index]
        let first = Int(block.firstRow)
        let offset = Int(offsets.pointer[index])
        BlockSolution.solve(
          block, problem.law, coupling: couplings.pointer + offset, inverse: inverses.pointer + offset,
          lambda: lambda + first, lower: problem.lower.pointer + first, upper: problem.upper.pointer + first,
          w: w + first, delta: deltas.pointer + first)
      }
      for row in 0..<rows { lambda[row] += deltas.pointer[row] }
      // From λ instead of by Δλ: the same cost, and no drift in a long solve.
      problem.velocity(of: lambda, into: velocity.pointer)
      iteration += 1
    }
    report.iterations += iteration
    report.constraintPasses += 2 * iteration + 2
    report.flops += Double(iteration) * Double(rows) * 80
  }
}

extension ConstraintProblem {
  /// `d` ← weightA J_a M_a⁻¹ J_aᵀ + weightB J_b M_b⁻¹ J_bᵀ + σ of one block, by rows: D_c of bodies whose inverse
  /// masses are multiplied. Precondition: the problem has bodies.
  func copyDiagonalBlock(
    _ index: Int, into d: UnsafeMutablePointer<Double>, weightA: Double, weightB: Double
  ) {
    let block = blocks.pointer[index]
    let size = Int(block.rowCount)
    let first = Int(block.firstRow)
    for row in 0..<size {
      let left = jacobian.pointer[first + row]
      for column in 0...row {
        let right = inverseMassJacobian.pointer[first + column]
        let entry = weightA * left.a.dot(right.a) + weightB * left.b.dot(right.b)
        d[row * size + column] = entry
        d[column * size + row] = entry
      }
      d[row * size + row] += compliance.pointer[first + row]
    }
  }
}
