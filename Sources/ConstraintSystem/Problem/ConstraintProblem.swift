import LinearAlgebra

/// One time step's constraint problem, in rows: the object that everything else produces or consumes.
///
/// Find λ with, per block, λ ∈ K and w = A λ − b complementary to it, where
///
///     A = J M⁻¹ Jᵀ + diag(σ)        (the Delassus operator, rows × rows, symmetric positive semi-definite)
///     b = −(J v* + β)               (m/s; rad/s on angular rows)
///     v⁺ = v* + M⁻¹ Jᵀ λ            (λ in N·s; N·m·s on angular rows)
///
/// A is often singular (redundant joints, four-point contacts). Views are made on demand: the rows themselves with
/// `apply`, A as a block-sparse or dense matrix (`DelassusMatrix.swift`), body space H = M + Jᵀ G J
/// (`BodySpace.swift`), positions (`PositionModel.swift`).
///
/// A problem file may give A itself, with no bodies behind it (`addGivenBlock`, `finish(matrix:)`). Then there is
/// neither J nor velocity, A may be unsymmetric, and only methods that work on A solve it.
///
/// The storage is reused from step to step: `removeAll()` keeps it.
public final class ConstraintProblem {
  /// Step length h (s) that the impulses belong to.
  public var timestep: Double = 0
  /// Friction law of the cone blocks.
  public var law: FrictionLaw = .convex

  /// Inertia of every moving body: the columns of J.
  public let bodies = Buffer<BodyInertia>()
  /// v*: velocity of every body without constraints (m/s, rad/s).
  public let freeVelocity = Buffer<Vector6>()

  /// The blocks, in the order in which they were added; their rows are contiguous and in the same order.
  public let blocks = Buffer<ConstraintBlock>()
  /// J, one entry a row.
  public let jacobian = Buffer<JacobianRow>()
  /// M⁻¹ Jᵀ, one entry a row (twist per unit impulse).
  public let inverseMassJacobian = Buffer<JacobianRow>()
  /// β: bias velocity of every row (m/s, rad/s).
  public let bias = Buffer<Double>()
  /// σ ≥ 0: softness of every row (1/kg, 1/(kg·m²)); 0 for a rigid one.
  public let compliance = Buffer<Double>()
  /// b of every row.
  public let rightHandSide = Buffer<Double>()
  /// Diagonal of A, of every row.
  public let diagonal = Buffer<Double>()
  /// lo of every row (box blocks; −∞ elsewhere).
  public let lower = Buffer<Double>()
  /// hi of every row (box blocks; +∞ elsewhere).
  public let upper = Buffer<Double>()

  /// Island of every body, numbered from 0 in order of first body; empty until the assembler has found them.
  public let islandOfBody = Buffer<Int32>()
  /// Number of islands: parts that touch each other only through bodies that do not move.
  public var islandCount = 0

  /// Hash of the pattern: which blocks of how many rows lie between which bodies. Symbolic work is cached by it.
  public private(set) var patternHash: UInt64 = 0
  /// Number of rows.
  public var rowCount: Int { jacobian.count }
  /// Number of cone blocks and of one-row contacts of a frictionless problem.
  public var contactCount = 0
  /// Whether every block is free, so that the problem is the linear system A λ = b.
  public private(set) var isLinear = true
  /// A where it was given rather than made of bodies and rows; one block row a constraint block.
  public private(set) var givenMatrix: BlockRowMatrix?
  /// ‖A − Aᵀ‖_F / ‖A‖_F of a given matrix; 0 for a problem of bodies.
  public private(set) var asymmetry = 0.0
  /// Relative asymmetry up to which a given matrix counts as symmetric.
  public static let symmetryTolerance = 1e-9
  /// Whether A is symmetric.
  public var isSymmetric: Bool { asymmetry <= Self.symmetryTolerance }

  /// An empty problem.
  public init() {}

  /// Empties the problem and keeps its storage.
  public func removeAll(timestep: Double, law: FrictionLaw) {
    self.timestep = timestep
    self.law = law
    bodies.removeAll()
    freeVelocity.removeAll()
    blocks.removeAll()
    jacobian.removeAll()
    inverseMassJacobian.removeAll()
    bias.removeAll()
    compliance.removeAll()
    rightHandSide.removeAll()
    diagonal.removeAll()
    lower.removeAll()
    upper.removeAll()
    islandOfBody.removeAll()
    islandCount = 0
    contactCount = 0
    isLinear = true
    givenMatrix = nil
    asymmetry = 0
    patternHash = 0xcbf2_9ce4_8422_2325
  }

  /// Adds a body and gives its column.
  @discardableResult
  public func addBody(_ inertia: BodyInertia, freeVelocity velocity: Vector6) -> Int {
    bodies.append(inertia)
    freeVelocity.append(velocity)
    return bodies.count - 1
  }

  /// Opens a block; `addRow` then gives its rows, and the block's row count follows them.
  ///
  /// `bodyA` and `bodyB` are columns or −1. Coefficients are read for cones only.
  public func beginBlock(
    bodyA: Int, bodyB: Int, set: ConstraintSet, friction: Double = 0, torsionalFriction: Double = 0,
    rollingFriction: Double = 0, key: UInt64
  ) {
    blocks.append(
      ConstraintBlock(
        firstRow: jacobian.count, rowCount: 0, bodyA: bodyA, bodyB: bodyB, set: set, friction: friction,
        torsionalFriction: torsionalFriction, rollingFriction: rollingFriction, key: key))
    if set != .free { isLinear = false }
    if jacobian.count + Self.largestBlock > rowCapacity { reserveRows(2 * rowCapacity + 64) }
  }

  /// Rows of a block at most.
  static let largestBlock = 6
  private var rowCapacity = 0

  @inline(never)
  private func reserveRows(_ count: Int) {
    rowCapacity = count
    jacobian.reserve(count)
    inverseMassJacobian.reserve(count)
    bias.reserve(count)
    compliance.reserve(count)
    rightHandSide.reserve(count)
    diagonal.reserve(count)
    lower.reserve(count)
    upper.reserve(count)
  }

  /// Adds a row to the block that was opened last: J, β, σ and, for box blocks, the bounds of λ.
  public func addRow(
    _ row: JacobianRow, bias beta: Double, compliance sigma: Double = 0, lower lo: Double = -.infinity,
    upper hi: Double = .infinity
  ) {
    let last = blocks.pointer + (blocks.count - 1)
    precondition(last.pointee.rowCount < Self.largestBlock, "a block has at most six rows")
    last.pointee.rowCount += 1
    let ia = Int(last.pointee.bodyA)
    let ib = Int(last.pointee.bodyB)
    let index = jacobian.count
    jacobian.appendReserved(row)
    let scaled = inverseMassJacobian.pointer + index
    inverseMassJacobian.appendReserved(Self.zeroRow)
    var diagonalEntry = sigma
    var free = beta
    if ia >= 0 {
      let product = (bodies.pointer + ia).pointee.inverseTimes(row.a)
      scaled.pointee.a = product
      diagonalEntry += row.a.dot(product)
      free += row.a.dot(freeVelocity.pointer[ia])
    } else {
      jacobian.pointer[index].a = .zero
    }
    if ib >= 0 {
      let product = (bodies.pointer + ib).pointee.inverseTimes(row.b)
      scaled.pointee.b = product
      diagonalEntry += row.b.dot(product)
      free += row.b.dot(freeVelocity.pointer[ib])
    } else {
      jacobian.pointer[index].b = .zero
    }
    bias.appendReserved(beta)
    compliance.appendReserved(sigma)
    rightHandSide.appendReserved(-free)
    diagonal.appendReserved(diagonalEntry)
    lower.appendReserved(lo)
    upper.appendReserved(hi)
  }

  private static let zeroRow = JacobianRow(a: .zero, b: .zero)

  /// Adds a block of a problem whose A is given: its part of b, and the bounds of box rows.
  public func addGivenBlock(
    _ set: ConstraintSet, rightHandSide b: [Double], friction: Double = 0, torsionalFriction: Double = 0,
    rollingFriction: Double = 0, lower: [Double]? = nil, upper: [Double]? = nil
  ) {
    beginBlock(
      bodyA: -1, bodyB: -1, set: set, friction: friction, torsionalFriction: torsionalFriction,
      rollingFriction: rollingFriction, key: UInt64(blocks.count + 1))
    for (index, value) in b.enumerated() {
      addRow(Self.zeroRow, bias: -value, lower: lower?[index] ?? -.infinity, upper: upper?[index] ?? .infinity)
    }
    if set == .cone { contactCount += 1 }
  }

  /// Closes a problem whose blocks came from `addGivenBlock`. Precondition: A has their sizes.
  public func finish(matrix: BlockRowMatrix) {
    precondition(matrix.blockCount == blocks.count && matrix.dimension == rowCount, "A has other blocks")
    givenMatrix = matrix
    asymmetry = matrix.asymmetry
    finish()
    for index in 0..<blocks.count {
      let block = matrix.diagonalBlock(index)
      let size = Int(blocks[index].rowCount)
      for row in 0..<size { diagonal[Int(blocks[index].firstRow) + row] = block[row * size + row] }
      for slot in Int(matrix.rowStarts[index])..<Int(matrix.rowStarts[index + 1]) {
        patternHash = (patternHash ^ UInt64(matrix.columns[slot])) &* 0x9e37_79b9_7f4a_7c15
        patternHash ^= patternHash >> 29
      }
    }
  }

  /// Makes this a copy of `other`.
  public func assign(_ other: ConstraintProblem) {
    timestep = other.timestep
    law = other.law
    bodies.assign(other.bodies)
    freeVelocity.assign(other.freeVelocity)
    blocks.assign(other.blocks)
    jacobian.assign(other.jacobian)
    inverseMassJacobian.assign(other.inverseMassJacobian)
    bias.assign(other.bias)
    compliance.assign(other.compliance)
    rightHandSide.assign(other.rightHandSide)
    diagonal.assign(other.diagonal)
    lower.assign(other.lower)
    upper.assign(other.upper)
    islandOfBody.assign(other.islandOfBody)
    islandCount = other.islandCount
    contactCount = other.contactCount
    isLinear = other.isLinear
    givenMatrix = other.givenMatrix
    asymmetry = other.asymmetry
    patternHash = other.patternHash
  }

  /// Removes blocks and rows and keeps the bodies.
  public func removeRows() {
    blocks.removeAll()
    jacobian.removeAll()
    inverseMassJacobian.removeAll()
    bias.removeAll()
    compliance.removeAll()
    rightHandSide.removeAll()
    diagonal.removeAll()
    lower.removeAll()
    upper.removeAll()
    contactCount = 0
    isLinear = true
  }

  /// Closes the problem after its last row: the pattern's hash.
  public func finish() {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    let blocks = self.blocks.pointer
    for index in 0..<self.blocks.count {
      let block = blocks[index]
      let word =
        UInt64(UInt32(bitPattern: block.bodyA)) | UInt64(UInt32(bitPattern: block.bodyB)) << 32
      hash = (hash ^ word) &* 0x9e37_79b9_7f4a_7c15
      hash = (hash ^ (hash >> 29) ^ UInt64(block.rowCount)) &* 0xbf58_476d_1ce4_e5b9
    }
    patternHash = hash ^ UInt64(bodies.count)
  }
}
