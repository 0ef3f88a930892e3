import LinearAlgebra

/// Products with J, M⁻¹ and A straight from the rows: O(rows), nothing is formed.
extension ConstraintProblem {
  /// `velocity` ← v* + M⁻¹ Jᵀ λ. λ: `rowCount` impulses; velocity: one twist a body.
  public func velocity(of lambda: UnsafePointer<Double>, into velocity: UnsafeMutablePointer<Vector6>) {
    velocity.update(from: freeVelocity.pointer, count: bodies.count)
    addInverseMassJacobianTranspose(lambda, to: velocity)
  }

  /// `velocity` += M⁻¹ Jᵀ λ.
  public func addInverseMassJacobianTranspose(
    _ lambda: UnsafePointer<Double>, to velocity: UnsafeMutablePointer<Vector6>
  ) {
    let blocks = self.blocks.pointer
    let scaled = Self.halves(inverseMassJacobian)
    for index in 0..<self.blocks.count {
      let block = blocks[index]
      let first = Int(block.firstRow)
      let rows = first..<first + Int(block.rowCount)
      if block.bodyA >= 0 {
        var sum = WideVector6(loading: velocity + Int(block.bodyA))
        for row in rows { sum.add(lambda[row], WideVector6(loading: scaled + 2 * row)) }
        sum.store(to: velocity + Int(block.bodyA))
      }
      if block.bodyB >= 0 {
        var sum = WideVector6(loading: velocity + Int(block.bodyB))
        for row in rows { sum.add(lambda[row], WideVector6(loading: scaled + 2 * row + 1)) }
        sum.store(to: velocity + Int(block.bodyB))
      }
    }
  }

  /// `u` ← J v. v: one twist a body; u: one number a row.
  public func constraintVelocity(of velocity: UnsafePointer<Vector6>, into u: UnsafeMutablePointer<Double>) {
    let blocks = self.blocks.pointer
    let jacobian = Self.halves(self.jacobian)
    // The half of a row on a body that does not move is zero.
    let still = WideVector6(.zero, .zero, .zero)
    for index in 0..<self.blocks.count {
      let block = blocks[index]
      let first = Int(block.firstRow)
      let va = block.bodyA >= 0 ? WideVector6(loading: velocity + Int(block.bodyA)) : still
      let vb = block.bodyB >= 0 ? WideVector6(loading: velocity + Int(block.bodyB)) : still
      for row in first..<first + Int(block.rowCount) {
        let products =
          WideVector6(loading: jacobian + 2 * row).pairedDot(va)
          + WideVector6(loading: jacobian + 2 * row + 1).pairedDot(vb)
        u[row] = products.x + products.y
      }
    }
  }

  /// The rows as six-vectors: row i on body a at 2i, on body b at 2i + 1.
  @inline(__always)
  private static func halves(_ rows: Buffer<JacobianRow>) -> UnsafePointer<Vector6> {
    UnsafeRawPointer(rows.pointer).assumingMemoryBound(to: Vector6.self)
  }

  /// `result` ← A λ. `scratch` holds one twist a body.
  public func apply(
    _ lambda: UnsafePointer<Double>, into result: UnsafeMutablePointer<Double>, scratch: Buffer<Vector6>
  ) {
    if let givenMatrix { return givenMatrix.multiply(lambda, into: result) }
    scratch.resize(to: bodies.count, filling: .zero)
    scratch.fill(.zero)
    addInverseMassJacobianTranspose(lambda, to: scratch.pointer)
    constraintVelocity(of: scratch.pointer, into: result)
    let compliance = self.compliance.pointer
    for row in 0..<rowCount { result[row] += compliance[row] * lambda[row] }
  }

  /// `w` ← A λ − b. `scratch` holds one twist a body.
  public func residual(
    _ lambda: UnsafePointer<Double>, into w: UnsafeMutablePointer<Double>, scratch: Buffer<Vector6>
  ) {
    apply(lambda, into: w, scratch: scratch)
    for row in 0..<rowCount { w[row] -= rightHandSide.pointer[row] }
  }

  /// D_c, the diagonal block of A of one constraint, by rows.
  public func copyDiagonalBlock(_ index: Int, into d: UnsafeMutablePointer<Double>) {
    let block = blocks.pointer[index]
    let size = Int(block.rowCount)
    if let givenMatrix {
      d.update(from: givenMatrix.diagonalBlock(index), count: size * size)
      return
    }
    let jacobian = self.jacobian.pointer + Int(block.firstRow)
    let scaled = inverseMassJacobian.pointer + Int(block.firstRow)
    for row in 0..<size {
      for column in 0..<row {
        // Halves on bodies that do not move are zero.
        let entry = jacobian[row].a.dot(scaled[column].a) + jacobian[row].b.dot(scaled[column].b)
        d[row * size + column] = entry
        d[column * size + row] = entry
      }
      d[row * size + row] = diagonal.pointer[Int(block.firstRow) + row]
    }
  }

  /// `dense` ← A by columns; room for rowCount² numbers. `delassus` is the view that holds A of a problem of bodies.
  public func copyDense(into dense: UnsafeMutablePointer<Double>, through delassus: DelassusMatrix) {
    if let givenMatrix { return givenMatrix.copyDense(into: dense) }
    _ = delassus.assemble(self)
    delassus.matrix.copyDense(into: dense)
  }
}
