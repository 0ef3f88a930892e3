import ConstraintSystem
import LinearAlgebra

/// Alternating direction method of multipliers in the form of OSQP (Stellato, Banjac, Goulart, Bemporad, Boyd, "OSQP",
/// 2020, algorithm 1; for cones Garstka, Cannon, Goulart 2021; Chrono's ADMM, Tasora, Mangoni, Benatti, Garziera 2021).
///
///     min ½ λᵀ A λ − bᵀ λ  with λ = z, z ∈ K;   x, z, y in the scaled impulses of `ScaledDual`
///
///     (Â + R) x̃ = b̂ + R z − y
///     x = α x̃ + (1 − α) z,   z⁺ = P(x + y/ρ),   y⁺ = y + ρ (x − z⁺),   α = 1.6
///
/// R = ρ on rows with a set and 1e-6 on free rows, whose constraint is empty (OSQP's ρ for loose bounds); there it is a
/// proximal term and leaves no trace in the solution. ρ starts at 0.1 and follows the ratio of primal and dual residual,
/// each relative, every 10 iterations, if that moves it by more than five; the more often it moved the rarer it is
/// asked, so that ρ settles and the method converges.
///
/// The system is solved with one factorisation for every ρ: for bodies in body space,
///     H v = Jᵀ G r,  λ = G (r − J v),  H = M + Jᵀ G J,  G = (σ + R/S²)⁻¹,
/// and for a given A on A itself, both by sparse block LDLᵀ. Cost of an iteration: two passes over the rows and one
/// pair of triangular solves; every fifth iteration a product with A more, to measure z. Few digits come fast, many
/// slowly; badly scaled problems wait for ρ.
final class OperatorSplitting: ConstraintSolver {
  static let descriptor = SolverDescriptor(
    name: "admm", summary: "operator splitting with conic projections, one factorisation reused, adaptive ρ",
    groups: ["classical", "contact", "first-order"], slots: [], sets: ["free", "box", "cone"],
    laws: [.frictionless, .convex], reference: "Stellato et al. 2020; Tasora et al. 2021",
    options: [OptionDescriptor("rho", "first ρ, relative to the mean diagonal, default 0.1")]
  ) { options in OperatorSplitting(rho: try options.number("rho", in: 1e-9...1e9) ?? 0.1) }

  /// Iterations of a solve unless the stop rule says otherwise.
  static let defaultIterations = 1000
  /// α.
  private static let overRelaxation = 1.6
  /// ρ of free rows.
  private static let looseRho = 1e-6
  /// Iterations between two measures of z.
  private static let measureInterval = 5

  private let firstRho: Double
  private var rho = 0.0
  private let dual = ScaledDual()
  private let space = BodySpace()
  private let delassus = DelassusMatrix()
  private let factor = BlockLDL()
  private var change = MatrixChange.pattern

  private let xTilde = Buffer<Double>()
  private let z = Buffer<Double>()
  private let zLast = Buffer<Double>()
  private let y = Buffer<Double>()
  private let gradient = Buffer<Double>()
  private let best = Buffer<Double>()
  /// G, or R/S² for a given A; one a row.
  private let weight = Buffer<Double>()
  private let right = Buffer<Double>()
  private let velocity = Buffer<Vector6>()

  init(rho: Double = 0.1) { firstRho = rho }

  func supports(_ problem: ConstraintProblem) -> Bool {
    problem.isSymmetric && (Self.descriptor.laws.contains(problem.law) || problem.hasNoCones)
  }

  func prepare(_ problem: ConstraintProblem, report: inout SolveReport) {
    dual.prepare(problem)
    let rows = problem.rowCount
    xTilde.resize(to: rows, filling: 0)
    z.resize(to: rows, filling: 0)
    zLast.resize(to: rows, filling: 0)
    y.resize(to: rows, filling: 0)
    gradient.resize(to: rows, filling: 0)
    best.resize(to: rows, filling: 0)
    weight.resize(to: rows, filling: 0)
    right.resize(to: rows, filling: 0)
    velocity.resize(to: problem.bodies.count, filling: .zero)
    if problem.givenMatrix == nil && space.fit(problem) == .pattern {
      factor.analyze(space.matrix)
      report.analyses += 1
    }
    rho = firstRho
    factorNow(problem, &report)
  }

  /// The factorisation for the present ρ.
  private func factorNow(_ problem: ConstraintProblem, _ report: inout SolveReport) {
    let scale = dual.scale.pointer
    for index in 0..<problem.blocks.count {
      let block = problem.blocks.pointer[index]
      let r = block.set == .free ? Self.looseRho : rho
      for row in Int(block.firstRow)..<Int(block.firstRow) + Int(block.rowCount) {
        weight.pointer[row] = scale[row] > 0 ? r / (scale[row] * scale[row]) : 0
      }
    }
    report.factorizations += 1
    if problem.givenMatrix != nil {
      if delassus.assemble(problem) == .pattern {
        factor.analyze(delassus.matrix)
        report.analyses += 1
      }
      for index in 0..<problem.blocks.count {
        let block = problem.blocks.pointer[index]
        let size = Int(block.rowCount)
        let target = delassus.matrix.values.pointer + delassus.matrix.slot(row: index, column: index)
        for row in 0..<size { target[row * size + row] += weight.pointer[Int(block.firstRow) + row] }
      }
      factor.factor(delassus.matrix)
      report.flops += factor.factorFlops
      return
    }
    space.begin(problem)
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 36) { scratch in
      let weights = scratch.baseAddress!
      for index in 0..<problem.blocks.count {
        let block = problem.blocks.pointer[index]
        let first = Int(block.firstRow)
        let size = Int(block.rowCount)
        for entry in 0..<size * size { weights[entry] = 0 }
        for row in 0..<size {
          let r = weight.pointer[first + row]
          // A row that moves nothing has weight 0 and stays 0.
          let g = r > 0 ? 1 / (problem.compliance.pointer[first + row] + r) : 0
          weight.pointer[first + row] = g
          weights[row * size + row] = g
        }
        space.add(problem, block: index, weights: weights)
      }
    }
    factor.factor(space.matrix)
    report.flops += factor.factorFlops
  }

  /// `x̃` ← (Â + R)⁻¹ (b̂ + R z − y).
  private func solveSystem(_ problem: ConstraintProblem) {
    let rows = problem.rowCount
    let scale = dual.scale.pointer
    let r = right.pointer
    for index in 0..<problem.blocks.count {
      let block = problem.blocks.pointer[index]
      let ridge = block.set == .free ? Self.looseRho : rho
      for row in Int(block.firstRow)..<Int(block.firstRow) + Int(block.rowCount) {
        // Over S once more: the right-hand side of the system in λ.
        let s = scale[row]
        r[row] = s > 0 ? problem.rightHandSide.pointer[row] + (ridge * z.pointer[row] - y.pointer[row]) / s : 0
      }
    }
    if problem.givenMatrix != nil {
      xTilde.pointer.update(from: r, count: rows)
      factor.solve(xTilde.pointer)
    } else {
      let g = weight.pointer
      for row in 0..<rows { xTilde.pointer[row] = g[row] * r[row] }
      velocity.fill(.zero)
      problem.addJacobianTranspose(xTilde.pointer, to: velocity.pointer)
      velocity.pointer.withMemoryRebound(to: Double.self, capacity: 6 * velocity.count) { factor.solve($0) }
      problem.constraintVelocity(of: velocity.pointer, into: xTilde.pointer)
      for row in 0..<rows { xTilde.pointer[row] = g[row] * (r[row] - xTilde.pointer[row]) }
    }
    for row in 0..<rows { xTilde.pointer[row] = scale[row] > 0 ? xTilde.pointer[row] / scale[row] : 0 }
  }

  func solve(
    _ problem: ConstraintProblem, lambda: UnsafeMutablePointer<Double>, stop: StopRule, report: inout SolveReport
  ) {
    let check = StopCheck(stop, defaultIterations: Self.defaultIterations)
    let rows = problem.rowCount
    let z = self.z.pointer
    let y = self.y.pointer
    let xTilde = self.xTilde.pointer
    dual.load(problem, lambda, into: z)
    dual.evaluate(problem, z, into: gradient.pointer)
    report.operatorApplications += 1
    var measured = dual.residual(problem)
    var bestResidual = measured
    best.pointer.update(from: z, count: rows)
    // The multiplier of z = x that fits the guess.
    for index in 0..<problem.blocks.count {
      let block = problem.blocks.pointer[index]
      for row in Int(block.firstRow)..<Int(block.firstRow) + Int(block.rowCount) {
        y[row] = block.set == .free ? 0 : -gradient.pointer[row]
      }
    }
    var iteration = 0
    var wait = 10
    var sinceUpdate = 0
    while !check.ends(measured, after: iteration, &report) {
      var hasEnded = false
      repeat {
        solveSystem(problem)
        report.triangularSolves += 1
        report.constraintPasses += 2
        zLast.pointer.update(from: z, count: rows)
        for row in 0..<rows {
          xTilde[row] = Self.overRelaxation * xTilde[row] + (1 - Self.overRelaxation) * z[row]
          z[row] = xTilde[row] + y[row] / rho
        }
        dual.project(problem, z)
        for index in 0..<problem.blocks.count {
          let block = problem.blocks.pointer[index]
          for row in Int(block.firstRow)..<Int(block.firstRow) + Int(block.rowCount) {
            if block.set == .free {
              z[row] = xTilde[row]
            } else {
              y[row] += rho * (xTilde[row] - z[row])
            }
          }
        }
        iteration += 1
        sinceUpdate += 1
        hasEnded = check.runsOut(after: iteration, &report)
      } while iteration % Self.measureInterval != 0 && !hasEnded
      dual.evaluate(problem, z, into: gradient.pointer)
      report.operatorApplications += 1
      measured = dual.residual(problem)
      if measured < bestResidual {
        bestResidual = measured
        best.pointer.update(from: z, count: rows)
      }
      if measured > check.tolerance && sinceUpdate >= wait && measured.isFinite {
        sinceUpdate = 0
        if adapt(problem, &report) { wait += 10 }
      }
    }
    if measured > bestResidual { z.update(from: best.pointer, count: rows) }
    report.believedResidual = min(measured, bestResidual)
    dual.store(problem, z, into: lambda)
    report.iterations += iteration
    report.flops += Double(iteration) * (4 * Double(factor.factorNonZeros) + 100 * Double(rows))
  }

  /// ρ ← ρ √(relative primal / relative dual residual) and a new factorisation, where that is worth it.
  private func adapt(_ problem: ConstraintProblem, _ report: inout SolveReport) -> Bool {
    var primal = 0.0
    var dualResidual = 0.0
    var sizeX = 0.0
    var sizeG = 0.0
    for index in 0..<problem.blocks.count where problem.blocks.pointer[index].set != .free {
      let block = problem.blocks.pointer[index]
      for row in Int(block.firstRow)..<Int(block.firstRow) + Int(block.rowCount) {
        primal = max(primal, (xTilde.pointer[row] - z.pointer[row]).magnitude)
        dualResidual = max(dualResidual, (gradient.pointer[row] + y.pointer[row]).magnitude)
        sizeX = max(sizeX, z.pointer[row].magnitude)
        let b = dual.scale.pointer[row] * problem.rightHandSide.pointer[row]
        sizeG = max(sizeG, y.pointer[row].magnitude, b.magnitude)
      }
    }
    guard primal > 0, dualResidual > 0, sizeX > 0, sizeG > 0 else { return false }
    let wanted = min(max(rho * (primal / sizeX / (dualResidual / sizeG)).squareRoot(), 1e-6), 1e6)
    guard wanted > 5 * rho || wanted < 0.2 * rho else { return false }
    rho = wanted
    factorNow(problem, &report)
    return true
  }
}

extension ConstraintProblem {
  /// `force` += Jᵀ λ, one six-vector a body.
  func addJacobianTranspose(_ lambda: UnsafePointer<Double>, to force: UnsafeMutablePointer<Vector6>) {
    let rows = jacobian.pointer
    for index in 0..<blocks.count {
      let block = blocks.pointer[index]
      var a = WideVector6(.zero, .zero, .zero)
      var b = a
      for row in Int(block.firstRow)..<Int(block.firstRow) + Int(block.rowCount) {
        (rows + row).add(lambda[row], to: &a, &b)
      }
      if block.bodyA >= 0 {
        var sum = WideVector6(loading: force + Int(block.bodyA))
        sum.add(1, a)
        sum.store(to: force + Int(block.bodyA))
      }
      if block.bodyB >= 0 {
        var sum = WideVector6(loading: force + Int(block.bodyB))
        sum.add(1, b)
        sum.store(to: force + Int(block.bodyB))
      }
    }
  }
}
