import LinearAlgebra

extension FCLIBProblem {
  /// Why a constraint problem cannot be written as FCLIB.
  public struct CaptureError: Error, CustomStringConvertible, Sendable {
    /// The block that FCLIB cannot hold; nil where it is the problem as a whole.
    public var block: Int?
    /// What is the matter with it.
    public var description: String
  }

  /// A constraint problem and its λ (N·s) in FCLIB's local form: W = A on the contact rows, q = −b, the solution r = λ and
  /// u = A λ − b; free rows become equality rows after the contacts.
  ///
  /// FCLIB's law is Coulomb's: a problem of another law is another problem in the file, and `information` should say so.
  /// A contact without friction stays a contact of three rows with μ = 0 where the problem has its tangents; a one-row
  /// contact of the law `frictionless` has none, and cannot be held. Throws `CaptureError`.
  public init(_ problem: ConstraintProblem, lambda: [Double], information: Information = Information()) throws {
    precondition(lambda.count == problem.rowCount, "one impulse a row")
    var contactRows: [Int] = []
    var equalityRows: [Int] = []
    var friction: [Double] = []
    for index in 0..<problem.blocks.count {
      let block = problem.blocks[index]
      let rows = Int(block.firstRow)..<Int(block.firstRow + block.rowCount)
      switch block.set {
      case .free: equalityRows += rows
      case .box: throw CaptureError(block: index, description: "has bounds on its impulse, which FCLIB cannot hold")
      case .cone:
        guard block.rowCount == 3 else {
          throw CaptureError(
            block: index, description: "has torsional or rolling friction, which FCLIB's local form cannot hold")
        }
        contactRows += rows
        friction.append(block.friction)
      }
    }
    guard !contactRows.isEmpty else {
      throw CaptureError(block: nil, description: "there are no contacts, and FCLIB expects some")
    }

    // Where every row goes: contacts from 0, equality rows from −1 down.
    var place = [Int](repeating: 0, count: problem.rowCount)
    for (new, old) in contactRows.enumerated() { place[old] = new }
    for (new, old) in equalityRows.enumerated() { place[old] = -1 - new }
    var w = TripletMatrix(rows: contactRows.count, columns: contactRows.count, entries: [])
    var v = TripletMatrix(rows: contactRows.count, columns: equalityRows.count, entries: [])
    var r = TripletMatrix(rows: equalityRows.count, columns: equalityRows.count, entries: [])
    for entry in TripletMatrix(delassus: problem).entries {
      let row = place[entry.row]
      let column = place[entry.column]
      switch (row >= 0, column >= 0) {
      case (true, true): w.entries.append(BlockRowMatrix.Entry(row: row, column: column, value: entry.value))
      case (true, false): v.entries.append(BlockRowMatrix.Entry(row: row, column: -1 - column, value: entry.value))
      case (false, true): break  // Vᵀ
      case (false, false):
        r.entries.append(BlockRowMatrix.Entry(row: -1 - row, column: -1 - column, value: entry.value))
      }
    }

    var residual = [Double](repeating: 0, count: problem.rowCount)
    problem.residual(lambda, into: &residual, scratch: Buffer<Vector6>())
    let b = problem.rightHandSide
    self.init(
      statement: .local(w: w, q: contactRows.map { -b[$0] }),
      equality: equalityRows.isEmpty ? nil : Equality(coupling: v, matrix: r, s: equalityRows.map { -b[$0] }),
      friction: friction, information: information,
      solution: Solution(
        u: contactRows.map { residual[$0] }, r: contactRows.map { lambda[$0] },
        multipliers: equalityRows.map { lambda[$0] }))
  }
}
