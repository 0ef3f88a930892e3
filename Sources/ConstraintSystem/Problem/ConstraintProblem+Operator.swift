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
    let scaled = inverseMassJacobian.pointer
    for index in 0..<self.blocks.count {
      let block = blocks[index]
      let first = Int(block.firstRow)
      let ia = Int(block.bodyA)
      let ib = Int(block.bodyB)
      for row in first..<first + Int(block.rowCount) {
        let impulse = lambda[row]
        if impulse == 0 { continue }
        if ia >= 0 { velocity[ia] += impulse * scaled[row].a }
        if ib >= 0 { velocity[ib] += impulse * scaled[row].b }
      }
    }
  }

  /// `u` ← J v. v: one twist a body; u: one number a row.
  public func constraintVelocity(of velocity: UnsafePointer<Vector6>, into u: UnsafeMutablePointer<Double>) {
    let blocks = self.blocks.pointer
    let jacobian = self.jacobian.pointer
    for index in 0..<self.blocks.count {
      let block = blocks[index]
      let first = Int(block.firstRow)
      let ia = Int(block.bodyA)
      let ib = Int(block.bodyB)
      for row in first..<first + Int(block.rowCount) {
        var sum = 0.0
        if ia >= 0 { sum += jacobian[row].a.dot(velocity[ia]) }
        if ib >= 0 { sum += jacobian[row].b.dot(velocity[ib]) }
        u[row] = sum
      }
    }
  }

  /// `result` ← A λ. `scratch` holds one twist a body.
  public func apply(
    _ lambda: UnsafePointer<Double>, into result: UnsafeMutablePointer<Double>, scratch: Buffer<Vector6>
  ) {
    scratch.resize(to: bodies.count, filling: .zero)
    scratch.fill(.zero)
    addInverseMassJacobianTranspose(lambda, to: scratch.pointer)
    constraintVelocity(of: scratch.pointer, into: result)
    let compliance = self.compliance.pointer
    for row in 0..<rowCount { result[row] += compliance[row] * lambda[row] }
  }
}
