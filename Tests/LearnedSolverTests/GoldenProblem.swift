import ConstraintSystem
import Foundation
import LinearAlgebra

/// A system of a dataset and what PyTorch made of it, as `Training/graph_network.py` writes it.
struct GoldenProblem: Decodable {
  var law: Int
  var timestep: Double
  var mass: [Double]
  var inverseMass: [Double]
  var inertia: [[Double]]
  var inverseInertia: [[Double]]
  var freeVelocity: [[Double]]
  var rowCount: [Int]
  var bodyA: [Int]
  var bodyB: [Int]
  var set: [Int]
  var friction: [Double]
  var isNew: [Int]
  var jacobian: [[Double]]
  var bias: [Double]
  var compliance: [Double]
  var lambdaPrevious: [Double]
  var lower: [Double?]
  var upper: [Double?]
  var expected: [Double]

  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Golden")

  /// The systems of a model's file.
  static func all(of model: String) throws -> [GoldenProblem] {
    try JSONDecoder().decode(
      [GoldenProblem].self, from: Data(contentsOf: folder.appendingPathComponent("\(model).json")))
  }

  /// How a problem is written down: other units, other frames, another order.
  struct Variation {
    /// Masses are multiplied by this.
    var massScale = 1.0
    /// Tangents of every contact are turned by this (rad).
    var turn = 0.0
    /// Blocks and bodies are written in reverse.
    var isReversed = false
  }

  /// The problem, and for each of its rows the row of this system and its factor: λ(row) = factor · λ(original).
  func build(_ variation: Variation = Variation()) -> ConstraintProblem {
    let problem = ConstraintProblem()
    problem.removeAll(timestep: timestep, law: FrictionLaw.allCases[law])
    let bodies = order(mass.count, variation)
    var column = [Int](repeating: -1, count: mass.count)
    let c = variation.massScale
    for body in bodies {
      func matrix(_ m: [Double], _ scale: Double) -> Matrix3 {
        Matrix3(
          rows: scale * Vector3(m[0], m[1], m[2]), scale * Vector3(m[3], m[4], m[5]), scale * Vector3(m[6], m[7], m[8]))
      }
      column[body] = problem.addBody(
        BodyInertia(
          mass: c * mass[body], inverseMass: inverseMass[body] / c, inertia: matrix(inertia[body], c),
          inverseInertia: matrix(inverseInertia[body], 1 / c)),
        freeVelocity: Self.twist(freeVelocity[body][...]))
    }
    let starts = firstRows
    for block in order(rowCount.count, variation) {
      let kind: ConstraintSet = set[block] == 0 ? .free : set[block] == 1 ? .box : .cone
      problem.beginBlock(
        bodyA: bodyA[block] < 0 ? -1 : column[bodyA[block]], bodyB: bodyB[block] < 0 ? -1 : column[bodyB[block]],
        set: kind, friction: friction[block], key: UInt64(block + 1))
      for place in 0..<rowCount[block] {
        let row = starts[block] + place
        var values = jacobian[row]
        var beta = bias[row]
        if kind == .cone && (place == 1 || place == 2) {
          let other = starts[block] + 3 - place
          let (cosine, sine) = (Foundation.cos(variation.turn), Foundation.sin(variation.turn))
          let sign = place == 1 ? sine : -sine
          values = zip(values, jacobian[other]).map { cosine * $0 + sign * $1 }
          beta = cosine * beta + sign * bias[other]
        }
        problem.addRow(
          JacobianRow(a: Self.twist(values[0..<6]), b: Self.twist(values[6..<12])), bias: beta,
          compliance: compliance[row] / c, lower: (lower[row] ?? -.infinity) * c, upper: (upper[row] ?? .infinity) * c)
      }
      if kind == .cone { problem.contactCount += 1 }
    }
    problem.finish()
    return problem
  }

  /// λ of this system as that of the varied problem.
  func vary(_ lambda: [Double], _ variation: Variation) -> [Double] {
    let starts = firstRows
    var varied: [Double] = []
    for block in order(rowCount.count, variation) {
      let own = Array(lambda[starts[block]..<starts[block] + rowCount[block]])
      var turned = own
      if set[block] == 2 && own.count >= 3 {
        let (cosine, sine) = (Foundation.cos(variation.turn), Foundation.sin(variation.turn))
        turned[1] = cosine * own[1] + sine * own[2]
        turned[2] = cosine * own[2] - sine * own[1]
      }
      varied += turned.map { variation.massScale * $0 }
    }
    return varied
  }

  /// Whether each block of the varied problem is new.
  func newBlocks(_ variation: Variation) -> [Bool] { order(rowCount.count, variation).map { isNew[$0] > 0 } }

  private func order(_ count: Int, _ variation: Variation) -> [Int] {
    variation.isReversed ? Array((0..<count).reversed()) : Array(0..<count)
  }

  private var firstRows: [Int] {
    var starts: [Int] = []
    var next = 0
    for count in rowCount {
      starts.append(next)
      next += count
    }
    return starts
  }

  private static func twist(_ values: ArraySlice<Double>) -> Vector6 {
    let v = Array(values)
    return Vector6(linear: Vector3(v[0], v[1], v[2]), angular: Vector3(v[3], v[4], v[5]))
  }
}
