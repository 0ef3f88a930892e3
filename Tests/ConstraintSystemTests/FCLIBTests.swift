import ConstraintSystem
import Foundation
import LinearAlgebra
import Testing

/// FCLIB files: published ones against numbers that an independent program computed, small ones against closed forms.
@Suite struct FCLIBTests {
  static func norm(_ x: [Double]) -> Double { x.reduce(0) { $0 + $1 * $1 }.squareRoot() }

  @Test(.enabled(if: ExternalCases.hasFCLIB, "the FCLIB problems are not here; DELASSUS_CASES says where"))
  func publishedFilesReadAsTheReferenceSays() throws {
    let references = try ExternalCases.references()
    #expect(references.count == 18)
    for (name, reference) in references.sorted(by: { $0.key < $1.key }) {
      let path = ExternalCases.fclib(name)
      let problem = try FCLIBReader.read(path)
      let (w, q, _) = try problem.reduced(file: path)
      #expect(problem.contactCount == reference.contacts, "\(name)")
      #expect(problem.rowCount == reference.rows, "\(name)")
      #expect(problem.isGlobal == (reference.kind == "global"), "\(name)")
      #expect(Set(problem.friction) == Set(reference.mu), "\(name)")
      // Sums of squares in another order.
      #expect((Self.norm(q) / reference.norm_q - 1).magnitude < 1e-12, "\(name)")
      // Of a product, entries that cancel to zero may be counted or not.
      if !problem.isGlobal { #expect(w.entries.count == reference.nnz, "\(name)") }

      // The reference's asymmetry: largest |W − Wᵀ| over largest |W|.
      let matrix = BlockRowMatrix(blockSizes: [Int](repeating: 3, count: reference.contacts), entries: w.entries)
      var largest = 0.0
      var difference = 0.0
      matrix.forEachEntry { i, j, value in
        largest = max(largest, value.magnitude)
        difference = max(difference, (value - matrix.entry(j, i)).magnitude)
      }
      let asymmetry = difference / largest
      // Round-off of a reduction, or of the file itself, is another one in another program.
      #expect((asymmetry - reference.asym).magnitude <= 1e-9 * reference.asym + 2e-12, "\(name): \(asymmetry)")
      let solved = problem.constraintProblem(w: w, q: q)
      #expect(solved.law == .coulomb && solved.contactCount == reference.contacts)
      #expect(solved.isSymmetric == (reference.asym < 1e-9), "\(name): \(solved.asymmetry)")
    }
  }

  @Test(.enabled(if: ExternalCases.hasFCLIB, "the FCLIB problems are not here; DELASSUS_CASES says where"))
  func aStoredVelocitySolvesItsGlobalProblem() throws {
    // u of the file is the published solution: its norm is in the README of the cases.
    let problem = try FCLIBReader.read(ExternalCases.fclib("Box_Stacks-i0122-82-5.hdf5"))
    let solution = try #require(problem.solution)
    #expect((Self.norm(solution.u) - 2.110121419e-3).magnitude < 1e-11)
    #expect(solution.v?.count == 450)
    #expect(problem.information.title == "Box_stacks")
    // The description of CubeH8 begins with a byte that is no UTF-8.
    let cube = try FCLIBReader.read(ExternalCases.fclib("CubeH8.hdf5"))
    #expect(cube.information.description.contains("Rewriting in hdf5"))
    #expect(cube.solution == nil)
  }

  /// One point mass of 2 kg on a plane turned so that n = (0, 0, 1) and the tangents follow: M = 2·1, H = 1 in axes
  /// (n, t₁, t₂) → W = ½·1, q = ½ f + w.
  static func pointMass() -> FCLIBProblem {
    typealias Entry = BlockRowMatrix.Entry
    // Rows of H are the world's axes x, y, z; columns n, t₁, t₂.
    let h = TripletMatrix(
      rows: 3, columns: 3,
      entries: [
        Entry(row: 2, column: 0, value: 1), Entry(row: 0, column: 1, value: 1), Entry(row: 1, column: 2, value: 1),
      ])
    let m = TripletMatrix(rows: 3, columns: 3, entries: (0..<3).map { Entry(row: $0, column: $0, value: 2) })
    return FCLIBProblem(
      statement: .global(m: m, h: h, f: [1, 2, -6], w: [0.25, 0, 0]), friction: [0.5],
      information: FCLIBProblem.Information(title: "point", description: "", mathematics: "unique"))
  }

  @Test func aGlobalProblemReducesToItsClosedForm() throws {
    let (w, q, reduction) = try Self.pointMass().reduced(file: "")
    #expect(q == [-2.75, 0.5, 1])
    #expect(w.entries.map(\.value) == [0.5, 0.5, 0.5])
    #expect(w.entries.allSatisfy { $0.row == $0.column })
    // v = M⁻¹ (H r + f).
    #expect(reduction?.velocity([6, 1, -2]) == [1, 0, 0])
  }

  @Test func aPartOfMThatIsSingularIsNamed() throws {
    var problem = Self.pointMass()
    guard case .global(var m, let h, let f, let w) = problem.statement else { return }
    m.entries.removeLast()
    problem.statement = .global(m: m, h: h, f: f, w: w)
    let error = #expect(throws: ProblemFileError.self) { try problem.reduced(file: "x.hdf5") }
    #expect(error?.description == "x.hdf5: fclib_global/M: is singular at row 2")
  }

  @Test func aGlobalProblemComesBackAsItWasWritten() throws {
    var problem = Self.pointMass()
    problem.solution = FCLIBProblem.Solution(v: [1, 2, 3], u: [4, 5, 6], r: [0.1, 0, -0.0])
    try ExternalCases.temporary("hdf5") { path in
      try FCLIBWriter.write(problem, to: path)
      let back = try FCLIBReader.read(path)
      #expect(back.isGlobal && back.friction == problem.friction && back.information == problem.information)
      guard case .global(let m, let h, let f, let w) = back.statement,
        case .global(let m0, let h0, let f0, let w0) = problem.statement
      else { return }
      #expect(f == f0 && w == w0)
      for (read, written) in [(m, m0), (h, h0)] {
        #expect(read.rows == written.rows && read.columns == written.columns)
        #expect(read.entries.map(\.value) == written.entries.map(\.value))
        #expect(read.entries.map(\.row) == written.entries.map(\.row))
        #expect(read.entries.map(\.column) == written.entries.map(\.column))
      }
      #expect(back.solution?.v == problem.solution?.v && back.solution?.u == problem.solution?.u)
      #expect(back.solution?.r == problem.solution?.r)
      // Writing over it leaves no trace of how.
      problem.solution = nil
      try FCLIBWriter.write(problem, to: path)
      #expect(try FCLIBReader.read(path).solution == nil)
      #expect(!FileManager.default.fileExists(atPath: path + ".partial"))
    }
  }

  @Test func aLocalProblemComesBackByRows() throws {
    typealias Entry = BlockRowMatrix.Entry
    let w = TripletMatrix(
      rows: 6, columns: 6,
      entries: (0..<6).map { Entry(row: 5 - $0, column: 5 - $0, value: 1 + Double($0) / 3) }
        + [Entry(row: 0, column: 4, value: -0.125), Entry(row: 4, column: 0, value: 1e-300)])
    let problem = FCLIBProblem(
      statement: .local(w: w, q: [-1, 0, 0.1, -2, 1 / 3, 5e-324]), friction: [0, 0.7],
      information: FCLIBProblem.Information(title: "zwei Körper", description: "µ", mathematics: ""))
    try ExternalCases.temporary("hdf5") { path in
      try FCLIBWriter.write(problem, to: path)
      let back = try FCLIBReader.read(path)
      guard case .local(let read, let q) = back.statement, case .local(_, let q0) = problem.statement else { return }
      #expect(q == q0 && back.friction == [0, 0.7] && back.information == problem.information)
      let sorted = w.sorted()
      #expect(read.entries.map(\.value) == sorted.entries.map(\.value))
      #expect(read.entries.map(\.column) == sorted.entries.map(\.column))
    }
  }

  /// One contact and two equality rows, every number another one.
  static func mixed() -> FCLIBProblem {
    typealias Entry = BlockRowMatrix.Entry
    let w = TripletMatrix(
      rows: 3, columns: 3, entries: (0..<3).map { Entry(row: $0, column: $0, value: 2 + Double($0)) })
    let v = TripletMatrix(
      rows: 3, columns: 2, entries: [Entry(row: 0, column: 1, value: 0.25), Entry(row: 2, column: 0, value: -0.5)])
    let r = TripletMatrix(
      rows: 2, columns: 2,
      entries: [
        Entry(row: 0, column: 0, value: 3), Entry(row: 0, column: 1, value: 0.125),
        Entry(row: 1, column: 0, value: 0.125), Entry(row: 1, column: 1, value: 5),
      ])
    return FCLIBProblem(
      statement: .local(w: w, q: [-1, 2, 3]), equality: FCLIBProblem.Equality(coupling: v, matrix: r, s: [7, -8]),
      friction: [0.5], solution: FCLIBProblem.Solution(u: [0, 1, 2], r: [3, 4, 5], multipliers: [6, 7]))
  }

  @Test func equalityRowsComeBackAndFollowTheContacts() throws {
    try ExternalCases.temporary("hdf5") { path in
      try FCLIBWriter.write(Self.mixed(), to: path)
      let back = try FCLIBReader.read(path)
      guard case .local(let w, let q) = back.statement else { return }
      #expect(back.rowCount == 3 && back.equalityCount == 2)
      #expect(back.solution?.multipliers == [6, 7] && back.solution?.r == [3, 4, 5])
      let problem = back.constraintProblem(w: w, q: q)
      #expect(problem.isSymmetric && problem.contactCount == 1 && !problem.isLinear)
      #expect(problem.rightHandSide.array == [1, -2, -3, -7, 8])
      let expected = [
        [2, 0, 0, 0, 0.25], [0, 3, 0, 0, 0], [0, 0, 4, -0.5, 0], [0, 0, -0.5, 3, 0.125], [0.25, 0, 0, 0.125, 5],
      ]
      for (column, values) in expected.enumerated() {
        var unit = [Double](repeating: 0, count: 5)
        unit[column] = 1
        var product = unit
        problem.apply(unit, into: &product, scratch: Buffer<Vector6>())
        #expect(product == values)
      }
      // What was captured from it is what it was made of.
      let again = try FCLIBProblem(problem, lambda: [3, 4, 5, 6, 7])
      guard case .local(let w1, let q1) = again.statement, let equality = again.equality else { return }
      #expect(w1.sorted().entries.map(\.value) == [2, 3, 4] && q1 == [-1, 2, 3])
      #expect(equality.s == [7, -8] && equality.matrix.entries.count == 4)
      #expect(equality.coupling.sorted().entries.map(\.value) == [0.25, -0.5])
      // u = W r + V λ + q = (2·3 + 0.25·7 − 1, 3·4 + 2, 4·5 − 0.5·6 + 3).
      #expect(again.solution?.u == [6.75, 14, 20])
    }
  }

  @Test func whatFCLIBCannotHoldNamesItsBlock() {
    for (set, rows) in [(ConstraintSet.box, 1), (.cone, 4)] {
      let problem = ConstraintProblem()
      problem.removeAll(timestep: 1, law: .coulomb)
      problem.addGivenBlock(.cone, rightHandSide: [1, 0, 0], friction: 0.5)
      problem.addGivenBlock(set, rightHandSide: [Double](repeating: 1, count: rows), friction: 0.5)
      let size = 3 + rows
      problem.finish(
        matrix: BlockRowMatrix(
          blockSizes: [3, rows], entries: (0..<size).map { BlockRowMatrix.Entry(row: $0, column: $0, value: 1) }))
      let error = #expect(throws: FCLIBProblem.CaptureError.self) {
        try FCLIBProblem(problem, lambda: [Double](repeating: 0, count: size))
      }
      #expect(error?.block == 1)
    }
  }

  @Test func whatCannotBeWrittenSaysSo() {
    for path in ["/no/such/folder/x.hdf5", "/dev/full"] {
      let error = #expect(throws: ProblemFileError.self) { try FCLIBWriter.write(Self.pointMass(), to: path) }
      #expect(error?.kind == .cannotWrite && error?.file == path)
    }
  }
}
