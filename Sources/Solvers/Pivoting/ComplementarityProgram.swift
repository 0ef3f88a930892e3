import ConstraintSystem
import LinearAlgebra

/// A problem's linear complementarity form y = M z + q (see `Lemke`), and the way back from a basis to λ.
///
/// Units: z of a bounded row is an impulse times the mean diagonal of A, a velocity like y and γ, so that M has entries
/// about 1 and the covering vector is 1.
final class ComplementarityProgram {
  /// Number of complementary pairs.
  private(set) var count = 0
  /// M by rows.
  let matrix = Buffer<Double>()
  /// q.
  let constant = Buffer<Double>()

  private let delassus = DelassusMatrix()
  private let dense = Buffer<Double>()
  private let freeFactor = DenseLUFactorization()
  private let basisFactor = DenseLUFactorization()
  private let basisVector = Buffer<Double>()
  private let basisColumns = Buffer<Int32>()
  /// Rows of joints; bounded rows, and the place of every row in its list.
  private let freeRows = Buffer<Int32>()
  private let boundRows = Buffer<Int32>()
  private let placeOf = Buffer<Int32>()
  /// λ of every row at z = 0.
  private let base = Buffer<Double>()
  /// Row of λ that a pair belongs to (−1: a cap), and the sign of z in it.
  private let rowOf = Buffer<Int32>()
  private let signOf = Buffer<Double>()
  /// Pair of the cap γ that a pair's y has added; −1: none.
  private let capOf = Buffer<Int32>()
  /// For a cap: pair of λ_n and its coefficient (−1 and 0 for a box).
  private let normalOf = Buffer<Int32>()
  private let coefficientOf = Buffer<Double>()
  private let schur = Buffer<Double>()
  private let coupling = Buffer<Double>()
  /// w of every row at z = 0; constants of the present pass; A_FF⁻¹ w_F.
  private let baseW = Buffer<Double>()
  private let passConstant = Buffer<Double>()
  private let answer = Buffer<Double>()
  /// z of the basis that was solved last, and what a pass adds to λ_B.
  private let solution = Buffer<Double>()
  private let moved = Buffer<Double>()
  private let isBasic = Buffer<Bool>()
  private var isRegular = true
  private var meanDiagonal = 1.0

  /// Builds M and q for the problem's values, with `shift` of A's diagonal added to it. What the shift changes in λ,
  /// `correct` takes back.
  func assemble(_ problem: ConstraintProblem, shift: Double) {
    let n = problem.rowCount
    dense.resize(to: n * n, filling: 0)
    PivotingRows.copyShifted(problem, into: dense.pointer, through: delassus, shift: shift)
    placeOf.resize(to: n, filling: 0)
    base.resize(to: n, filling: 0)
    baseW.resize(to: n, filling: 0)
    freeRows.removeAll()
    boundRows.removeAll()
    removePairs()
    for index in 0..<problem.blocks.count { addPairs(problem, problem.blocks.pointer[index]) }
    count = rowOf.count
    eliminateFree()
    fill(problem)
  }

  private func removePairs() {
    rowOf.removeAll()
    signOf.removeAll()
    capOf.removeAll()
    normalOf.removeAll()
    coefficientOf.removeAll()
  }

  private func addPair(row: Int, sign: Double, cap: Int = -1, normal: Int = -1, coefficient: Double = 0) {
    rowOf.append(Int32(row))
    signOf.append(sign)
    capOf.append(Int32(cap))
    normalOf.append(Int32(normal))
    coefficientOf.append(coefficient)
  }

  private func addPairs(_ problem: ConstraintProblem, _ block: ConstraintBlock) {
    let first = Int(block.firstRow)
    var normal = -1
    for row in first..<first + Int(block.rowCount) {
      base.pointer[row] = 0
      let lower = block.set == .box ? problem.lower.pointer[row] : -Double.infinity
      let upper = block.set == .box ? problem.upper.pointer[row] : Double.infinity
      if block.set == .free || block.set == .box && lower == -.infinity && upper == .infinity {
        if problem.diagonal.pointer[row] > 0 {
          placeOf.pointer[row] = Int32(freeRows.count)
          freeRows.append(Int32(row))
        }
        continue
      }
      if block.set == .cone {
        if problem.diagonal.pointer[first] <= 0 || problem.diagonal.pointer[row] <= 0 { continue }
        if row == first {
          enter(row)
          normal = rowOf.count
          addPair(row: row, sign: 1)
          continue
        }
        let mu = Projection.coefficient(of: row - first, in: block)
        if mu == 0 { continue }
        enter(row)
        let cap = rowOf.count + 2
        addPair(row: row, sign: 1, cap: cap)
        addPair(row: row, sign: -1, cap: cap)
        addPair(row: -1, sign: 1, normal: normal, coefficient: mu)
        continue
      }
      base.pointer[row] = lower > -.infinity ? lower : upper
      if problem.diagonal.pointer[row] <= 0 || lower == upper {
        base.pointer[row] = min(max(0, lower), upper)
        continue
      }
      enter(row)
      if lower == -.infinity {
        addPair(row: row, sign: -1)
      } else if upper == .infinity {
        addPair(row: row, sign: 1)
      } else {
        addPair(row: row, sign: 1, cap: rowOf.count + 1)
        addPair(row: -1, sign: 1)
        coefficientOf.pointer[rowOf.count - 1] = upper - lower
      }
    }
  }

  private func enter(_ row: Int) {
    placeOf.pointer[row] = Int32(boundRows.count)
    boundRows.append(Int32(row))
  }

  /// `coupling` ← A_FF⁻¹ A_FB by columns, `schur` ← A_BB − A_BF A_FF⁻¹ A_FB by columns.
  private func eliminateFree() {
    let n = placeOf.count
    let free = freeRows.count
    let bound = boundRows.count
    freeFactor.matrix.resize(rows: free, columns: free)
    for j in 0..<free {
      let column = dense.pointer + Int(freeRows.pointer[j]) * n
      for i in 0..<free { freeFactor.matrix.pointer[j * free + i] = column[Int(freeRows.pointer[i])] }
    }
    isRegular = freeFactor.factor() == .factored
    coupling.resize(to: free * bound, filling: 0)
    schur.resize(to: bound * bound, filling: 0)
    for j in 0..<bound {
      let column = dense.pointer + Int(boundRows.pointer[j]) * n
      let x = coupling.pointer + j * free
      for i in 0..<free { x[i] = column[Int(freeRows.pointer[i])] }
      if isRegular { freeFactor.solve(x) }
      for i in 0..<bound { schur.pointer[j * bound + i] = column[Int(boundRows.pointer[i])] }
      for k in 0..<free where x[k] != 0 {
        let other = dense.pointer + Int(freeRows.pointer[k]) * n
        for i in 0..<bound { schur.pointer[j * bound + i] -= x[k] * other[Int(boundRows.pointer[i])] }
      }
    }
  }

  private func fill(_ problem: ConstraintProblem) {
    let n = problem.rowCount
    let bound = boundRows.count
    matrix.resize(to: count * count, filling: 0)
    matrix.fill(0)
    constant.resize(to: count, filling: 0)
    passConstant.resize(to: count, filling: 0)
    basisColumns.reserve(count)
    var sum = 0.0
    for i in 0..<bound { sum += problem.diagonal.pointer[Int(boundRows.pointer[i])] }
    meanDiagonal = bound > 0 ? sum / Double(bound) : 1
    for i in 0..<count {
      let row = Int(rowOf.pointer[i])
      let target = matrix.pointer + i * count
      if row < 0 {
        if normalOf.pointer[i] >= 0 { target[Int(normalOf.pointer[i])] = coefficientOf.pointer[i] }
        continue
      }
      let place = Int(placeOf.pointer[row])
      for j in 0..<count where rowOf.pointer[j] >= 0 {
        let entry = schur.pointer[Int(placeOf.pointer[Int(rowOf.pointer[j])]) * bound + place]
        target[j] = signOf.pointer[i] * signOf.pointer[j] * entry / meanDiagonal
      }
      let cap = Int(capOf.pointer[i])
      if cap >= 0 {
        target[cap] = 1
        matrix.pointer[cap * count + i] = -1
      }
    }
    // w at z = 0, before the joints have answered.
    for row in 0..<n { baseW.pointer[row] = -problem.rightHandSide.pointer[row] }
    for column in 0..<n where base.pointer[column] != 0 {
      let entries = dense.pointer + column * n
      for row in 0..<n { baseW.pointer[row] += entries[row] * base.pointer[column] }
    }
    reduce(baseW.pointer)
    for i in 0..<count {
      let isGap = rowOf.pointer[i] < 0 && normalOf.pointer[i] < 0
      constant.pointer[i] = isGap ? meanDiagonal * coefficientOf.pointer[i] : passConstant.pointer[i]
    }
  }

  /// `answer` ← A_FF⁻¹ w_F, `passConstant` ← ± (w_B − A_BF A_FF⁻¹ w_F) of every pair; 0 for caps.
  private func reduce(_ w: UnsafePointer<Double>) {
    let free = freeRows.count
    let n = placeOf.count
    answer.resize(to: free, filling: 0)
    for k in 0..<free { answer.pointer[k] = w[Int(freeRows.pointer[k])] }
    if isRegular { freeFactor.solve(answer.pointer) }
    for i in 0..<count {
      let row = Int(rowOf.pointer[i])
      guard row >= 0 else {
        passConstant.pointer[i] = 0
        continue
      }
      var sum = w[row]
      for k in 0..<free { sum -= dense.pointer[Int(freeRows.pointer[k]) * n + row] * answer.pointer[k] }
      passConstant.pointer[i] = signOf.pointer[i] * sum
    }
  }

  /// λ ← that of a complementary basis (`basis`: count ..< 2 count are the z in it); false where it is singular.
  func solve(basis: Buffer<Int32>, _ lambda: UnsafeMutablePointer<Double>) -> Bool {
    isBasic.resize(to: count, filling: false)
    isBasic.fill(false)
    for i in 0..<basis.count {
      let variable = Int(basis.pointer[i])
      if variable >= count && variable < 2 * count { isBasic.pointer[variable - count] = true }
    }
    basisColumns.removeAll()
    for i in 0..<count where isBasic.pointer[i] { basisColumns.append(Int32(i)) }
    let size = basisColumns.count
    basisFactor.matrix.resize(rows: size, columns: size)
    for j in 0..<size {
      for i in 0..<size {
        basisFactor.matrix.pointer[j * size + i] =
          matrix.pointer[Int(basisColumns.pointer[i]) * count + Int(basisColumns.pointer[j])]
      }
    }
    guard isRegular, basisFactor.factor() == .factored else { return false }
    solution.resize(to: count, filling: 0)
    solution.fill(0)
    for row in 0..<placeOf.count { lambda[row] = base.pointer[row] }
    reduce(baseW.pointer)
    passConstant.pointer.update(from: constant.pointer, count: count)
    addSolution(lambda)
    return true
  }

  /// Lets the joints alone answer to w = A λ − b.
  func answerJoints(_ w: UnsafePointer<Double>, _ lambda: UnsafeMutablePointer<Double>) {
    reduce(w)
    for k in 0..<freeRows.count { lambda[Int(freeRows.pointer[k])] -= answer.pointer[k] }
  }

  /// Corrects λ by its w = A λ − b on the rows that the basis holds at w = 0, and on the joints.
  func correct(_ w: UnsafePointer<Double>, _ lambda: UnsafeMutablePointer<Double>) {
    reduce(w)
    for i in 0..<count where capOf.pointer[i] >= 0 {
      passConstant.pointer[i] += solution.pointer[Int(capOf.pointer[i])]
    }
    addSolution(lambda)
  }

  /// z −= M_BB⁻¹ `passConstant`, and λ with it.
  private func addSolution(_ lambda: UnsafeMutablePointer<Double>) {
    let size = basisColumns.count
    let free = freeRows.count
    let bound = boundRows.count
    basisVector.resize(to: max(size, bound), filling: 0)
    let x = basisVector.pointer
    for i in 0..<size { x[i] = -passConstant.pointer[Int(basisColumns.pointer[i])] }
    basisFactor.solve(x)
    moved.resize(to: bound, filling: 0)
    moved.fill(0)
    for i in 0..<size {
      let pair = Int(basisColumns.pointer[i])
      solution.pointer[pair] += x[i]
      let row = Int(rowOf.pointer[pair])
      if row >= 0 { moved.pointer[Int(placeOf.pointer[row])] += signOf.pointer[pair] * x[i] / meanDiagonal }
    }
    for i in 0..<bound { lambda[Int(boundRows.pointer[i])] += moved.pointer[i] }
    for k in 0..<free {
      var sum = -answer.pointer[k]
      for j in 0..<bound { sum -= coupling.pointer[j * free + k] * moved.pointer[j] }
      lambda[Int(freeRows.pointer[k])] += sum
    }
  }
}
