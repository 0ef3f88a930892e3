import ConstraintSystem
import Dynamics
import Laboratory
import LinearAlgebra

/// The matrix of the driver's last problem as a picture, and what stands at an entry.
package struct SystemPicture {
  /// Which matrix.
  package enum Kind: String, CaseIterable, Sendable {
    /// J M⁻¹ Jᵀ: a block a constraint.
    case delassus = "A"
    /// M + Jᵀ G J with G the inverse diagonal of A: a block a body, as Newton's methods see it.
    case bodySpace = "H"
  }

  /// What the rows of a block do in the solution.
  package enum Activity: UInt8, CaseIterable {
    case joint, open, sticking, sliding, atBound, inside, body

    var name: String {
      switch self {
      case .joint: "joint"
      case .open: "open"
      case .sticking: "sticking"
      case .sliding: "sliding"
      case .atBound: "at a bound"
      case .inside: "within bounds"
      case .body: "body"
      }
    }
  }

  package var kind: Kind
  package var rows: Int
  package var raster: MatrixRaster
  /// First row of every block, and one past the last.
  package var offsets: [Int32]
  package var activities: [Activity]
  /// κ and whether it is only a lower bound; nil where it was not estimated.
  package var condition: (value: Double, isBound: Bool)?
  /// What is under the mouse: text, and bodies to be highlighted.
  package var inspected: (text: String, bodies: [Int])?
}

/// Makes pictures of problems and keeps what they need.
final class SystemPainter {
  private let delassus = DelassusMatrix()
  private let bodySpace = BodySpace()
  private let estimate = ConditionEstimate()
  private var condition: (step: Int, value: Double?)?
  /// Steps after which the condition of a running simulation is estimated again.
  private static let interval = 30

  /// The picture of the last problem of a simulation; nil where it has no rows.
  func picture(_ simulation: Simulation, _ kind: SystemPicture.Kind, entry: SIMD2<Int>?) -> SystemPicture? {
    let problem = simulation.problem
    guard problem.rowCount > 0, simulation.lambda.count == problem.rowCount else { return nil }
    let matrix: SymmetricBlockMatrix
    let activities: [SystemPicture.Activity]
    switch kind {
    case .delassus:
      _ = delassus.assemble(problem)
      matrix = delassus.matrix
      activities = Self.activities(problem, simulation.lambda.pointer)
    case .bodySpace:
      assembleBodySpace(problem)
      matrix = bodySpace.matrix
      activities = [SystemPicture.Activity](repeating: .body, count: problem.bodies.count)
    }
    var picture = SystemPicture(
      kind: kind, rows: matrix.dimension, raster: MatrixRaster(matrix), offsets: matrix.offsets.array,
      activities: activities)
    if condition == nil || (simulation.stepCount - condition!.step).magnitude >= Self.interval {
      condition = (simulation.stepCount, estimate.estimate(problem))
    }
    picture.condition = condition?.value.map { ($0, problem.rowCount > ConditionEstimate.denseRows) }
    if let entry { picture.inspected = inspect(simulation, matrix, kind, entry) }
    return picture
  }

  /// Forgets the condition of another scene's problem.
  func reset() { condition = nil }

  private func assembleBodySpace(_ problem: ConstraintProblem) {
    _ = bodySpace.fit(problem)
    bodySpace.begin(problem)
    for index in 0..<problem.blocks.count {
      let block = problem.blocks[index]
      let size = Int(block.rowCount)
      var weights = [Double](repeating: 0, count: size * size)
      for row in 0..<size {
        let diagonal = problem.diagonal[Int(block.firstRow) + row]
        weights[row * size + row] = diagonal > 0 ? 1 / diagonal : 0
      }
      bodySpace.add(problem, block: index, weights: weights)
    }
  }

  private static func activities(
    _ problem: ConstraintProblem, _ lambda: UnsafePointer<Double>
  ) -> [SystemPicture.Activity] {
    var scale = 0.0
    for row in 0..<problem.rowCount { scale = max(scale, lambda[row].magnitude) }
    return (0..<problem.blocks.count).map { index in
      let block = problem.blocks[index]
      let first = Int(block.firstRow)
      switch block.set {
      case .free: return .joint
      case .cone:
        let tangential =
          block.rowCount >= 3
          ? (lambda[first + 1] * lambda[first + 1] + lambda[first + 2] * lambda[first + 2]).squareRoot() : 0
        switch ContactMode(
          normal: lambda[first], tangential: tangential, friction: block.friction, scale: scale)
        {
        case .open: return .open
        case .sticking: return .sticking
        case .sliding: return .sliding
        }
      default:
        let isAtBound = (first..<first + Int(block.rowCount)).contains { row in
          lambda[row] <= problem.lower[row] + 1e-9 * scale || lambda[row] >= problem.upper[row] - 1e-9 * scale
        }
        return isAtBound ? .atBound : .inside
      }
    }
  }

  private func inspect(
    _ simulation: Simulation, _ matrix: SymmetricBlockMatrix, _ kind: SystemPicture.Kind, _ entry: SIMD2<Int>
  ) -> (String, [Int])? {
    guard let row = Self.block(of: entry.x, in: matrix), let column = Self.block(of: entry.y, in: matrix) else {
      return nil
    }
    let problem = simulation.problem
    let world = simulation.world
    var bodyOfColumn: [Int: Int] = [:]
    for body in 0..<world.bodyCount where world.columns[body] >= 0 { bodyOfColumn[Int(world.columns[body])] = body }
    func name(_ index: Int) -> String {
      kind == .delassus
        ? simulation.name(ofBlock: index) : "body \"\(bodyOfColumn[index].map { world.names[$0] } ?? "?")\""
    }
    func bodies(_ index: Int) -> [Int] {
      guard kind == .delassus else { return bodyOfColumn[index].map { [$0] } ?? [] }
      let block = problem.blocks[index]
      return [block.bodyA, block.bodyB].compactMap { bodyOfColumn[Int($0)] }
    }
    let names = row == column ? name(row) : "\(name(row))\n\(name(column))"
    return ("row \(entry.x), column \(entry.y)\n\(names)", bodies(row) + bodies(column))
  }

  private static func block(of row: Int, in matrix: SymmetricBlockMatrix) -> Int? {
    guard row >= 0, row < matrix.dimension else { return nil }
    var (low, high) = (0, matrix.blockCount - 1)
    while low < high {
      let middle = (low + high + 1) / 2
      if matrix.offset(ofBlock: middle) <= row { low = middle } else { high = middle - 1 }
    }
    return low
  }
}
