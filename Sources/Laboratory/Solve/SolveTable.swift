import ConstraintSystem

/// `solve` for people: a heading and a table a problem.
public struct SolveTable {
  private let session: SolveSession
  private let hidesUnsupported: Bool

  /// A table; `hidesUnsupported` names solvers that do not take the problem in one line instead of a row each.
  public init(_ session: SolveSession, hidesUnsupported: Bool) {
    self.session = session
    self.hidesUnsupported = hidesUnsupported
  }

  /// What the problem is, one or two lines.
  public var heading: [String] {
    let input = session.input
    var facts = [input.format.rawValue]
    facts.append(input.rows == input.columns ? "\(input.rows) rows" : "\(input.rows) × \(input.columns)")
    if input.contactCount > 0 { facts.append("\(input.contactCount) contacts") }
    facts += input.facts
    if let source = input.rightHandSideSource { facts.append("b = \(source)") }
    if let analysis = session.analysis {
      facts.append("rank \(analysis.rank)")
      if let condition = analysis.condition { facts.append("condition \(Quantity.plain(condition))") }
    }
    if input.asymmetry > ConstraintProblem.symmetryTolerance {
      facts.append("asymmetry \(Quantity.scientific(input.asymmetry))")
    }
    var lines = [input.name + "  " + facts.joined(separator: ", ")]
    if input.isSymmetrized { lines.append("A replaced by its symmetric part ½(A + Aᵀ): another problem if it was not") }
    return lines
  }

  /// The columns; those of contacts only where there are any.
  public var columns: [TableColumn] {
    let numbers =
      ["time", "set-up", "iter", "products", "residual", "relative"]
      + (session.input.hasContactMeasures
        ? ["siconos", "paper", "‖r‖", "‖u‖"] : [session.input.problem?.isLinear == false ? "‖r‖" : "‖x‖"])
      + (session.input.knownSolution != nil ? ["error"] : [])
    return [TableColumn(title: "solver", isNumber: false)] + numbers.map { TableColumn(title: $0, isNumber: true) }
      + [TableColumn(title: "reason", isNumber: false)]
  }

  /// One row a solver.
  public var rows: [[String]] {
    session.entries.map(\.result).filter { !(hidesUnsupported && $0.stopReason == .unsupported) }.map { result in
      let measures = result.measures
      var row = [
        result.solver, Quantity.time(microseconds: result.time), Quantity.time(microseconds: result.setup),
        Quantity.count(result.iterations.map(Double.init)),
        Quantity.count(result.operatorApplications.map(Double.init)),
        Quantity.scientific(measures?.residual), Quantity.scientific(measures?.relativeResidual),
      ]
      if session.input.hasContactMeasures {
        row.append(Quantity.scientific(measures?.siconosError))
        row.append(Quantity.scientific(measures?.paperError))
        row.append(measures.map { Quantity.digits($0.normImpulse) } ?? Quantity.none)
        row.append(measures?.normVelocity.map { Quantity.digits($0) } ?? Quantity.none)
      } else {
        row.append(measures.map { Quantity.digits($0.normImpulse) } ?? Quantity.none)
      }
      if session.input.knownSolution != nil { row.append(Quantity.scientific(measures?.relativeError)) }
      row.append(result.stopReason.rawValue)
      return row
    }
  }

  /// What the solvers have to say beyond their reasons, and which do not take the problem.
  public var notes: [String] {
    var lines: [String] = []
    var refused: [String: [String]] = [:]
    var order: [String] = []
    for result in session.entries.map(\.result) {
      guard let message = result.message else { continue }
      let key = "\(result.stopReason.rawValue): \(message)"
      if refused[key] == nil { order.append(key) }
      refused[key, default: []].append(result.solver)
    }
    for key in order {
      lines += Listing.wrap("\(refused[key]!.joined(separator: ", ")): \(key)", first: "", rest: "  ", width: 110)
    }
    return lines
  }

  /// What the columns mean.
  public static func legend(measure: SolveMeasure, tolerance: Double) -> [String] {
    [
      "time: a whole solve from zero, set-up included, median; residual: natural map (m/s), relative: by ‖b‖",
      "reason: converged where \(measure.rawValue) ≤ \(Quantity.scientific(tolerance)); iterations and time are those of "
        + "the solve that meets it",
    ]
  }
}
