import ConstraintSystem

/// Something that is found by name.
public protocol NamedEntry {
  /// The name that users type.
  var name: String { get }
}

/// An option of a method, for listings and hints.
public struct OptionDescriptor: Sendable {
  /// The key in a solver text.
  public let name: String
  /// What it does, with its unit and default.
  public let summary: String

  /// An option from its parts.
  public init(_ name: String, _ summary: String) {
    self.name = name
    self.summary = summary
  }
}

/// A solver of the catalog: what it is and how it is made.
public struct SolverDescriptor: NamedEntry {
  /// The name that users type.
  public let name: String
  /// One line: the method.
  public let summary: String
  /// Groups that `--solvers` understands: "classical", "direct", "krylov", "contact", …
  public let groups: [String]
  /// Slots that the method has beside guess and stop rule: "linear", "preconditioner".
  public let slots: [String]
  /// Sets of λ that it solves: "free", "box", "cone".
  public let sets: [String]
  /// Friction laws that it solves.
  public let laws: [FrictionLaw]
  /// Paper or book.
  public let reference: String
  /// Its own options.
  public let options: [OptionDescriptor]
  /// Whether it does its iterations and ends, whatever the residual: it never says `converged`.
  public let isApproximate: Bool
  /// Makes one instance from the options of a solver text.
  package let make: (SolverOptions) throws -> any ConstraintSolver

  package init(
    name: String, summary: String, groups: [String], slots: [String], sets: [String], laws: [FrictionLaw],
    reference: String, options: [OptionDescriptor], isApproximate: Bool = false,
    make: @escaping (SolverOptions) throws -> any ConstraintSolver
  ) {
    self.name = name
    self.summary = summary
    self.groups = groups
    self.slots = slots
    self.sets = sets
    self.laws = laws
    self.reference = reference
    self.options = options
    self.isApproximate = isApproximate
    self.make = make
  }
}

/// A linear solver of the catalog.
public struct LinearSolverDescriptor: NamedEntry {
  /// The name that users type.
  public let name: String
  /// One line: the method.
  public let summary: String
  /// Groups that `--solvers` understands.
  public let groups: [String]
  /// Slots that the method has: "preconditioner".
  public let slots: [String]
  /// Paper or book.
  public let reference: String
  /// Its own options.
  public var options: [OptionDescriptor] = []
  /// Whether its bits follow OpenBLAS, which picks its kernels by processor.
  public var usesBLAS = false
  /// Whether it gives one answer, whatever the residual.
  public var isApproximate = false
  /// Makes one instance from the options of a solver text.
  package let make: (SolverOptions) throws -> any LinearSolver

  package init(
    name: String, summary: String, groups: [String], slots: [String], reference: String,
    options: [OptionDescriptor] = [], usesBLAS: Bool = false, isApproximate: Bool = false,
    make: @escaping (SolverOptions) throws -> any LinearSolver
  ) {
    self.name = name
    self.summary = summary
    self.groups = groups
    self.slots = slots
    self.reference = reference
    self.options = options
    self.usesBLAS = usesBLAS
    self.isApproximate = isApproximate
    self.make = make
  }
}

/// A guess of the catalog.
public struct GuessDescriptor: NamedEntry {
  /// The name that users type.
  public let name: String
  /// One line: the method.
  public let summary: String
  /// Makes one instance from the options of a solver text.
  package let make: (SolverOptions) throws -> any InitialGuess

  package init(name: String, summary: String, make: @escaping (SolverOptions) throws -> any InitialGuess) {
    self.name = name
    self.summary = summary
    self.make = make
  }
}

/// A preconditioner of the catalog.
public struct PreconditionerDescriptor: NamedEntry {
  /// The name that users type.
  public let name: String
  /// One line: the method.
  public let summary: String
  /// Paper or book.
  public let reference: String
  /// Makes one instance from the options of a solver text.
  package let make: (SolverOptions) throws -> any Preconditioner

  package init(
    name: String, summary: String, reference: String, make: @escaping (SolverOptions) throws -> any Preconditioner
  ) {
    self.name = name
    self.summary = summary
    self.reference = reference
    self.make = make
  }
}

/// A solver text with a name of its own: "neural-pcg" for "pcg:preconditioner=learned,guess=warm".
public struct AssemblyDescriptor: NamedEntry, Sendable {
  /// The name that users type.
  public let name: String
  /// The text that it stands for; options that the user adds come after its own and win over them.
  public let text: String
  /// One line: the method.
  public let summary: String
  /// Groups that `--solvers` understands.
  public let groups: [String]

  package init(name: String, text: String, summary: String, groups: [String]) {
    self.name = name
    self.text = text
    self.summary = summary
    self.groups = groups
  }
}
