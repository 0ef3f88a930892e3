import ConstraintSystem

/// Methods by name: one line each in `classical`. Adding a method adds its file and its line, nothing else.
///
/// A catalog is a value, so that another module can add methods of its own: `SolverCatalog.classical.adding(…)`.
public struct SolverCatalog {
  /// Linear solvers: for the slot "linear", and as solvers by `LiftedLinearSolver`.
  public private(set) var linearSolvers: [LinearSolverDescriptor]
  /// Guesses.
  public private(set) var guesses: [GuessDescriptor]
  /// Preconditioners.
  public private(set) var preconditioners: [PreconditionerDescriptor]
  /// Texts that have names of their own.
  public private(set) var assemblies: [AssemblyDescriptor]
  private var wholeSolvers: [SolverDescriptor]

  /// Solvers of the whole problem, the linear ones included.
  public var solvers: [SolverDescriptor] { wholeSolvers + linearSolvers.map(LiftedLinearSolver.descriptor) }
  /// Everything that a solver text may begin with, and what it is.
  public var choices: [(name: String, summary: String)] {
    solvers.map { ($0.name, $0.summary) } + assemblies.map { ($0.name, $0.summary) }
  }

  /// Methods from numerical analysis and mechanics.
  public static let classical = SolverCatalog(
    linearSolvers: [
      SparseLDL.descriptor,
      GaussianElimination.descriptor,
      DenseLU.descriptor,
      DenseCholesky.descriptor,
      Jacobi.descriptor,
      GaussSeidel.descriptor,
      SuccessiveOverRelaxation.descriptor,
      SymmetricOverRelaxation.descriptor,
      ConjugateGradient.descriptor,
      PreconditionedConjugateGradient.descriptor,
      FlexibleConjugateGradient.descriptor,
      ConjugateResidual.descriptor,
      MinimumResidual.descriptor,
    ],
    guesses: [
      ZeroGuess.descriptor,
      WarmGuess.descriptor,
      ExtrapolatedGuess.descriptor,
    ],
    preconditioners: [
      NoPreconditioner.descriptor,
      JacobiPreconditioner.descriptor,
      BlockJacobiPreconditioner.descriptor,
      SSORPreconditioner.descriptor,
      IncompleteCholeskyPreconditioner.descriptor,
      ChebyshevPreconditioner.descriptor,
      AggregationPreconditioner.descriptor,
    ],
    assemblies: [],
    wholeSolvers: [
      ProjectedGaussSeidel.descriptor,
      SequentialImpulses.descriptor,
      MassSplitting.descriptor,
      NonsmoothConjugateGradient.descriptor,
      AcceleratedProjectedGradient.descriptor,
      SpectralProjectedGradient.descriptor,
      OperatorSplitting.descriptor,
      ModifiedProportioning.descriptor,
      Staggered.descriptor,
      ShockPropagation.descriptor,
      Newton.descriptor,
      Semismooth.descriptor,
      ProximalPoint.descriptor,
      InteriorPoint.descriptor,
      ActiveSet.descriptor,
      Dantzig.descriptor,
      Lemke.descriptor,
      TemporalGaussSeidel.descriptor,
      PositionBasedDynamics.descriptor,
      ExtendedPositionBasedDynamics.descriptor,
      AugmentedVertexBlockDescent.descriptor,
    ])

  /// The options that every solver has.
  public static let commonOptions: [OptionDescriptor] = [
    OptionDescriptor("guess", "initial impulses: zero, warm (default), extrapolated, …"),
    OptionDescriptor("tolerance", "natural-map residual at which a solve ends (m/s), default 1e-6"),
    OptionDescriptor("iterations", "largest number of iterations, default the method's own"),
    OptionDescriptor("time", "time budget of a solve: 200us, 5ms"),
  ]

  /// This catalog and more.
  public func adding(
    solvers: [SolverDescriptor] = [], linearSolvers: [LinearSolverDescriptor] = [], guesses: [GuessDescriptor] = [],
    preconditioners: [PreconditionerDescriptor] = [], assemblies: [AssemblyDescriptor] = []
  ) -> SolverCatalog {
    var sum = self
    sum.wholeSolvers += solvers
    sum.linearSolvers += linearSolvers
    sum.guesses += guesses
    sum.preconditioners += preconditioners
    sum.assemblies += assemblies
    return sum
  }

  /// The parsed text of a user, a ready-made assembly written out.
  private func parse(_ text: String) throws -> SolverText {
    var parsed = try SolverText(parsing: text)
    guard let assembly = assemblies.first(where: { $0.name == parsed.name }) else { return parsed }
    let own = try SolverText(parsing: assembly.text)
    parsed.name = own.name
    parsed.options += own.options.filter { option in !parsed.options.contains { $0.key == option.key } }
    return parsed
  }

  /// The solver that a text names, with all its slots filled. Throws `SolverTextError`.
  public func make(_ text: String) throws -> SolverAssembly {
    let parsed = try parse(text)
    guard let descriptor = solvers.first(where: { $0.name == parsed.name }) else {
      throw SolverTextError(
        text: text, column: 1,
        message: "there is no solver \"\(parsed.name)\"" + NearestName.hint(parsed.name, among: choices.map(\.name)))
    }
    let options = SolverOptions(parsed, catalog: self)
    let guess = try options.entry("guess", among: guesses, default: "warm").make(options)
    var stop = StopRule()
    if let tolerance = try options.number("tolerance", in: 0...1e6) { stop.tolerance = tolerance }
    stop.iterations = try options.integer("iterations", in: 0...1_000_000_000)
    stop.timeLimit = try options.duration("time")
    let assembly = try SolverAssembly(
      text: text, guess: guess, stop: stop, isApproximate: descriptor.isApproximate
    ) { try descriptor.make(options) }
    try options.finish()
    return assembly
  }

  /// The linear solver that a text names, for systems that are no constraint problems: "pcg:preconditioner=ic0". Throws
  /// `SolverTextError`.
  public func makeLinear(_ text: String) throws -> any LinearSolver {
    let parsed = try parse(text)
    guard let descriptor = linearSolvers.first(where: { $0.name == parsed.name }) else {
      throw SolverTextError(
        text: text, column: 1,
        message: "there is no linear solver \"\(parsed.name)\""
          + NearestName.hint(parsed.name, among: linearSolvers.map(\.name)))
    }
    let options = SolverOptions(parsed, catalog: self)
    let solver = try descriptor.make(options)
    try options.finish()
    return solver
  }

  /// Whether the solver of a text follows OpenBLAS in its bits, so that another processor may find others.
  public func usesBLAS(_ text: String) -> Bool {
    guard let parsed = try? parse(text) else { return false }
    let names = [parsed.name] + parsed.options.filter { $0.key == "linear" }.map(\.value)
    return linearSolvers.contains { $0.usesBLAS && names.contains($0.name) }
  }

  /// The preconditioner that a text names, on its own: "ic0", "learned:preconditioner-weights=FILE". Throws
  /// `SolverTextError`.
  public func makePreconditioner(_ text: String) throws -> any Preconditioner {
    let parsed = try SolverText(parsing: text)
    guard let descriptor = preconditioners.first(where: { $0.name == parsed.name }) else {
      throw SolverTextError(
        text: text, column: 1,
        message: "there is no preconditioner \"\(parsed.name)\""
          + NearestName.hint(parsed.name, among: preconditioners.map(\.name)))
    }
    let options = SolverOptions(parsed, catalog: self)
    let preconditioner = try descriptor.make(options)
    try options.finish()
    return preconditioner
  }

  /// The texts that a name in a list of solvers stands for: a group's members, all solvers, or the text itself.
  public func expand(_ name: String) -> [String] {
    if name == "all" { return choices.map(\.name) }
    let members =
      solvers.filter { $0.groups.contains(name) }.map(\.name)
      + assemblies.filter { $0.groups.contains(name) }.map(\.name)
    return members.isEmpty ? [name] : members
  }
}
