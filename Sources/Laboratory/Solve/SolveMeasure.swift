import ConstraintSystem
import LinearAlgebra

/// What a tolerance of `solve` tests.
public enum SolveMeasure: String, CaseIterable, Sendable, Codable {
  /// The natural map's largest block (m/s).
  case residual
  /// ‖F‖₂ / max(‖q‖₂, ‖r‖₂, ‖u‖₂), F the natural map with ρ = 1 (Siconos).
  case siconos
  /// ‖F‖₂ / ‖q‖₂ (Acary, Brémond, Huber 2018).
  case paper
  /// ‖Ax − b‖₂ / ‖b‖₂ of a linear system, otherwise the natural map's ‖r‖₂ / ‖b‖₂.
  case relative
  /// ‖x − x*‖₂ / ‖x*‖₂.
  case error
}

/// All measures of one λ; nil where one does not apply.
public struct SolveMeasures: Sendable {
  /// Natural map, largest block (m/s).
  public var residual: Double
  /// Natural map or ‖Ax − b‖₂, relative to ‖b‖₂.
  public var relativeResidual: Double
  /// Error after Siconos; contacts alone.
  public var siconosError: Double?
  /// Error after Acary, Brémond, Huber; contacts alone.
  public var paperError: Double?
  /// ‖x − x*‖₂ / ‖x*‖₂ where x* is known.
  public var relativeError: Double?
  /// ‖λ‖₂.
  public var normImpulse: Double
  /// ‖u‖₂ of the contacts, u = A λ − b; nil for a linear system.
  public var normVelocity: Double?

  /// One of them; nil where it does not apply.
  public subscript(measure: SolveMeasure) -> Double? {
    switch measure {
    case .residual: residual
    case .siconos: siconosError
    case .paper: paperError
    case .relative: relativeResidual
    case .error: relativeError
    }
  }
}

/// Measures any λ of one problem, outside of every solver's clock.
package final class SolveJudge {
  private let problem: ConstraintProblem
  private let known: [Double]?
  private var w: [Double]
  private let scratch = Buffer<Vector6>()

  /// A judge; `known` is x* where there is one.
  package init(_ problem: ConstraintProblem, known: [Double]? = nil) {
    self.problem = problem
    self.known = known
    w = [Double](repeating: 0, count: problem.rowCount)
  }

  /// All measures of `lambda`.
  package func measure(_ lambda: [Double]) -> SolveMeasures {
    let rows = problem.rowCount
    problem.residual(lambda, into: &w, scratch: scratch)
    let natural = NaturalMap.residual(problem, lambda: lambda, w: w)
    let b = (0..<rows).map { problem.rightHandSide[$0] }
    let normB = Self.norm(b)
    let normImpulse = Self.norm(lambda)
    var measures = SolveMeasures(
      residual: natural.maximum, relativeResidual: natural.relative, normImpulse: normImpulse)
    if problem.isLinear {
      measures.relativeResidual = Self.ratio(Self.norm(w), normB)
    } else if problem.isPureCoulomb {
      let velocity = Self.norm(w)
      let map = unitMap(lambda)
      measures.normVelocity = velocity
      measures.paperError = Self.ratio(map, normB)
      measures.siconosError = Self.ratio(map, max(normB, normImpulse, velocity))
    }
    if let known {
      measures.relativeError = Self.ratio(
        Self.norm(zip(lambda, known).map { $0 - $1 }), Self.norm(known))
    }
    return measures
  }

  /// ‖F‖₂, F = λ − P_K(λ − ŵ): the natural map with ρ = 1 and the de Saxcé term, contacts of three rows.
  private func unitMap(_ lambda: [Double]) -> Double {
    var sum = 0.0
    var x = [0.0, 0.0, 0.0]
    for index in 0..<problem.blocks.count {
      let block = problem.blocks[index]
      let first = Int(block.firstRow)
      let slip = (w[first + 1] * w[first + 1] + w[first + 2] * w[first + 2]).squareRoot()
      x[0] = lambda[first] - w[first] - block.friction * slip
      x[1] = lambda[first + 1] - w[first + 1]
      x[2] = lambda[first + 2] - w[first + 2]
      Projection.cone(&x, block)
      for row in 0..<3 {
        let difference = lambda[first + row] - x[row]
        sum += difference * difference
      }
    }
    return sum.squareRoot()
  }

  /// ‖x‖₂, scaled by its largest entry so that nothing is lost to underflow.
  package static func norm(_ x: [Double]) -> Double {
    let largest = x.reduce(0) { max($0, $1.magnitude) }
    guard largest > 0, largest.isFinite else { return largest }
    return largest * x.reduce(0) { $0 + ($1 / largest) * ($1 / largest) }.squareRoot()
  }

  /// a / b; 0 where both vanish.
  private static func ratio(_ a: Double, _ b: Double) -> Double { a == 0 ? 0 : a / b }
}

extension ConstraintProblem {
  /// Whether all blocks are contacts of three rows under Coulomb's law: the problems that FCLIB's measures are made for.
  package var isPureCoulomb: Bool {
    guard law == .coulomb, blocks.count > 0 else { return false }
    for index in 0..<blocks.count where blocks[index].set != .cone || blocks[index].rowCount != 3 { return false }
    return true
  }
}
