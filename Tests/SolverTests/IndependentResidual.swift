import ConstraintSystem
import LinearAlgebra

/// The natural map computed a second time, from the description alone: dense J, no code shared with the judge but the
/// vector types. The cone projection is done by bisection instead of its closed form.
enum IndependentResidual {
  static func maximum(_ description: ProblemDescription, _ lambda: [Double]) -> Double {
    var velocity = description.bodies.map(\.velocity)
    var row = 0
    for block in description.blocks {
      for entry in block.rows {
        for (body, half) in [(block.a, entry.a), (block.b, entry.b)] where body >= 0 {
          let data = description.bodies[body]
          velocity[body].linear += lambda[row] / data.mass * half.linear
          velocity[body].angular += lambda[row] * (data.inertia.inverse! * half.angular)
        }
        row += 1
      }
    }
    var largest = 0.0
    row = 0
    for block in description.blocks {
      var w: [Double] = []
      var s: [Double] = []
      for (index, entry) in block.rows.enumerated() {
        var u = entry.bias + entry.compliance * lambda[row + index]
        var d = entry.compliance
        for (body, half) in [(block.a, entry.a), (block.b, entry.b)] where body >= 0 {
          let data = description.bodies[body]
          u += half.dot(velocity[body])
          d += half.linear.lengthSquared / data.mass + half.angular.dot(data.inertia.inverse! * half.angular)
        }
        w.append(u)
        s.append(d)
      }
      let own = Array(lambda[row..<row + block.rows.count])
      largest = max(largest, norm(block, description.law, own, w, s))
      row += block.rows.count
    }
    return largest
  }

  private static func norm(
    _ block: ProblemDescription.Block, _ law: FrictionLaw, _ lambda: [Double], _ w: [Double], _ s: [Double]
  ) -> Double {
    var r: [Double]
    switch block.set {
    case .free: r = w
    case .box:
      r = block.rows.indices.map { i in
        s[i] * (lambda[i] - min(max(lambda[i] - w[i] / s[i], block.rows[i].lower), block.rows[i].upper))
      }
    case .cone where law == .pyramid:
      r = block.rows.indices.map { i in
        let x = lambda[i] - w[i] / s[i]
        let bound = coefficient(block, i) * max(lambda[0], 0)
        return s[i] * (lambda[i] - (i == 0 ? max(x, 0) : min(max(x, -bound), bound)))
      }
    case .cone:
      let mean = (s[0] + s[1] + s[2]) / 3
      let moments = s.dropFirst(3)
      let scale = moments.isEmpty ? 1 : (mean / (moments.reduce(0, +) / Double(moments.count))).squareRoot()
      let factor = block.rows.indices.map { $0 < 3 ? 1 : scale }
      var corrected = w
      if law == .coulomb {
        for part in parts(block) {
          corrected[0] += part.coefficient * part.rows.map { w[$0] * w[$0] }.reduce(0, +).squareRoot()
        }
      }
      let x = block.rows.indices.map { lambda[$0] / factor[$0] - corrected[$0] * factor[$0] / mean }
      let projected = project(x, block, scale)
      r = block.rows.indices.map { mean * (lambda[$0] / factor[$0] - projected[$0]) }
    }
    return r.map { $0 * $0 }.reduce(0, +).squareRoot()
  }

  private static func parts(_ block: ProblemDescription.Block) -> [(rows: Range<Int>, coefficient: Double)] {
    switch block.rows.count {
    case 4: [(1..<3, block.friction), (3..<4, block.torsional)]
    case 5: [(1..<3, block.friction), (3..<5, block.rolling)]
    case 6: [(1..<3, block.friction), (3..<4, block.torsional), (4..<6, block.rolling)]
    default: [(1..<3, block.friction)]
    }
  }

  private static func coefficient(_ block: ProblemDescription.Block, _ row: Int) -> Double {
    parts(block).first { $0.rows.contains(row) }?.coefficient ?? 0
  }

  /// Nearest point of the cone: the normal n ≥ 0 by bisection on the derivative of the squared distance.
  private static func project(_ x: [Double], _ block: ProblemDescription.Block, _ scale: Double) -> [Double] {
    let parts = parts(block).map { part in
      (rows: part.rows, mu: part.rows.lowerBound < 3 ? part.coefficient : part.coefficient / scale)
    }
    func lengths(_ rows: Range<Int>) -> Double { rows.map { x[$0] * x[$0] }.reduce(0, +).squareRoot() }
    func slope(_ n: Double) -> Double {
      n - x[0] - parts.map { $0.mu * max(0, lengths($0.rows) - $0.mu * n) }.reduce(0, +)
    }
    var low = 0.0
    var high = x.map(\.magnitude).reduce(1, +) * 4
    if slope(0) >= 0 { high = 0 }
    for _ in 0..<200 {
      let middle = 0.5 * (low + high)
      if slope(middle) < 0 { low = middle } else { high = middle }
    }
    var result = x
    result[0] = 0.5 * (low + high)
    for part in parts {
      let length = lengths(part.rows)
      let bound = part.mu * result[0]
      if length > bound { for row in part.rows { result[row] *= length > 0 ? bound / length : 0 } }
    }
    return result
  }
}
