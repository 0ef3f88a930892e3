import ConstraintSystem
import Foundation
import LearnedSolvers
import LinearAlgebra
import Solvers
import Testing

/// How fast every iterative solver comes near the truth, which is the tightest solver's answer (the way in which MuJoCo
/// tests its solvers).
///
/// Measured is the velocity, because λ is not unique where A is singular:
///
///     error(k) = ‖v_k − v‖_M / ‖v − v*‖_M,   k = 5, 10, 20, 40, 80, 160 iterations from λ = 0
@Suite struct ConvergenceTests {
  static let budgets = [5, 10, 20, 40, 80, 160]

  static var problems: [ProblemDescription] {
    [
      ProblemLibrary.stack(10), ProblemLibrary.wall(5, 5), ProblemLibrary.chain(20, ratio: 100), ProblemLibrary.net(6),
      ProblemLibrary.shock(5, speed: 5),
    ]
  }

  /// Every solver that goes by iterations to the exact answer.
  static var solvers: [SolverDescriptor] {
    SolverCatalog.complete.solvers.filter { descriptor in
      !descriptor.groups.contains("direct") && !descriptor.groups.contains("pivoting")
        && !descriptor.isApproximate
    }
  }

  /// The tightest answer under each law. Two different methods back each other where both solve the law.
  static func truth(_ description: ProblemDescription) throws -> [Vector6] {
    let text =
      description.law == .convex || description.law == .frictionless || description.isLinear
      ? "newton:tolerance=1e-11,iterations=1000"
      : description.law == .coulomb ? "semismooth:tolerance=1e-11" : "dantzig"
    let problem = description.build()
    let (_, lambda) = try ConformanceTests.solve(text, problem)
    // Tight against the largest error that the table tells apart.
    #expect(NaturalMap().residual(problem, lambda: lambda).maximum <= 1e-9, "\(text) on \(description.name)")
    return ConformanceTests.velocities(problem, lambda)
  }

  /// The law under which a solver is measured: the first of these that it solves exactly.
  static func law(of descriptor: SolverDescriptor) -> FrictionLaw? {
    [FrictionLaw.convex, .coulomb, .pyramid, .frictionless].first(where: descriptor.laws.contains)
  }

  private static func distance(_ problem: ConstraintProblem, _ x: [Vector6], _ y: [Vector6]) -> Double {
    var sum = 0.0
    for body in 0..<problem.bodies.count {
      let difference = x[body] - y[body]
      sum += problem.bodies[body].times(difference).dot(difference)
    }
    return sum.squareRoot()
  }

  @Test func errorsFallWithIterations() throws {
    var table = ["error after " + Self.budgets.map(String.init).joined(separator: ", ") + " iterations, from λ = 0"]
    for description in Self.problems {
      table.append(description.name)
      var truths: [FrictionLaw: [Vector6]] = [:]
      for descriptor in Self.solvers {
        guard let law = Self.law(of: descriptor) else { continue }
        let described = description.under(law)
        let problem = described.build()
        guard try SolverCatalog.complete.make(descriptor.name).supports(problem) else { continue }
        let truth = try truths[law] ?? Self.truth(described)
        truths[law] = truth
        let scale = Self.distance(problem, truth, problem.freeVelocity.array)
        let errors = try Self.budgets.map { budget in
          let (_, lambda) = try ConformanceTests.solve(
            "\(descriptor.name):guess=zero,tolerance=0,iterations=\(budget)", problem)
          return Self.distance(problem, truth, ConformanceTests.velocities(problem, lambda)) / scale
        }
        let row = errors.map { String(format: "%9.1e", $0) }.joined()
        table.append("  \(descriptor.name.padding(toLength: 14, withPad: " ", startingAt: 0))\(row)  \(law)")
        check(errors, descriptor.name, description.name)
      }
    }
    // What goes to standard output last may be lost by the runner; this is where it writes itself.
    FileHandle.standardError.write(Data((table.joined(separator: "\n") + "\n").utf8))
  }

  /// Monotone in trend: over four times as many iterations an error never grows by more than a tenth. Below 1e-8 of
  /// the velocity the truth's own error and round-off show.
  private func check(_ errors: [Double], _ solver: String, _ problem: String) {
    for index in 2..<errors.count {
      #expect(errors[index] <= 1.1 * errors[index - 2] + 1e-8, "\(solver) on \(problem): \(errors)")
    }
    #expect(errors.last! < 1, "\(solver) on \(problem): \(errors)")
  }
}

extension ProblemDescription {
  /// The same under another friction law.
  func under(_ law: FrictionLaw) -> ProblemDescription {
    var result = self
    result.law = law
    guard law == .frictionless else { return result }
    for index in result.blocks.indices where result.blocks[index].set == .cone {
      result.blocks[index].set = .box
      result.blocks[index].rows = [result.blocks[index].rows[0]]
      result.blocks[index].rows[0].lower = 0
    }
    return result
  }
}
