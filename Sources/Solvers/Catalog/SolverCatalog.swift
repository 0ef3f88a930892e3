import ConstraintSystem

/// Every method by name: one line each. Adding a method adds its file and its line, nothing else.
public enum SolverCatalog {
  /// Solvers of the whole problem.
  public static var solvers: [SolverDescriptor] {
    [
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
    ] + linearSolvers.map(LiftedLinearSolver.descriptor)
  }

  /// Linear solvers: for the slot "linear", and as solvers by `LiftedLinearSolver`.
  public static let linearSolvers: [LinearSolverDescriptor] = [
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
  ]

  /// Guesses.
  public static let guesses: [GuessDescriptor] = [
    ZeroGuess.descriptor,
    WarmGuess.descriptor,
    ExtrapolatedGuess.descriptor,
  ]

  /// Preconditioners.
  public static let preconditioners: [PreconditionerDescriptor] = [
    NoPreconditioner.descriptor,
    JacobiPreconditioner.descriptor,
    BlockJacobiPreconditioner.descriptor,
    SSORPreconditioner.descriptor,
    IncompleteCholeskyPreconditioner.descriptor,
    ChebyshevPreconditioner.descriptor,
    AggregationPreconditioner.descriptor,
  ]

  /// The options that every solver has.
  public static let commonOptions: [OptionDescriptor] = [
    OptionDescriptor("guess", "initial impulses: zero, warm (default), extrapolated"),
    OptionDescriptor("tolerance", "natural-map residual at which a solve ends (m/s), default 1e-6"),
    OptionDescriptor("iterations", "largest number of iterations, default the method's own"),
    OptionDescriptor("time", "time budget of a solve: 200us, 5ms"),
  ]

  /// The solver that a text names, with all its slots filled. Throws `SolverTextError`.
  public static func make(_ text: String) throws -> SolverAssembly {
    let parsed = try SolverText(parsing: text)
    let names = solvers.map(\.name)
    guard let descriptor = solvers.first(where: { $0.name == parsed.name }) else {
      throw SolverTextError(
        text: text, column: 1,
        message: "there is no solver \"\(parsed.name)\"" + NearestName.hint(parsed.name, among: names))
    }
    let options = SolverOptions(parsed)
    let guess = try options.entry("guess", among: guesses, default: "warm").make()
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
  public static func makeLinear(_ text: String) throws -> any LinearSolver {
    let parsed = try SolverText(parsing: text)
    guard let descriptor = linearSolvers.first(where: { $0.name == parsed.name }) else {
      throw SolverTextError(
        text: text, column: 1,
        message: "there is no linear solver \"\(parsed.name)\""
          + NearestName.hint(parsed.name, among: linearSolvers.map(\.name)))
    }
    let options = SolverOptions(parsed)
    let solver = try descriptor.make(options)
    try options.finish()
    return solver
  }

  /// Whether the solver of a text follows OpenBLAS in its bits, so that another processor may find others.
  public static func usesBLAS(_ text: String) -> Bool {
    guard let parsed = try? SolverText(parsing: text) else { return false }
    let names = [parsed.name] + parsed.options.filter { $0.key == "linear" }.map(\.value)
    return linearSolvers.contains { $0.usesBLAS && names.contains($0.name) }
  }

  /// The preconditioner of a name, on its own; nil where there is none.
  public static func makePreconditioner(_ name: String) -> (any Preconditioner)? {
    preconditioners.first { $0.name == name }?.make()
  }

  /// The texts that a name in a list of solvers stands for: a group's members, all solvers, or the text itself.
  public static func expand(_ name: String) -> [String] {
    if name == "all" { return solvers.map(\.name) }
    let members = solvers.filter { $0.groups.contains(name) }.map(\.name)
    return members.isEmpty ? [name] : members
  }
}
