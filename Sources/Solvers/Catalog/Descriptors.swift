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
  let make: (SolverOptions) throws -> any ConstraintSolver

  init(
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
  /// Makes one instance from the options of a solver text.
  let make: (SolverOptions) throws -> any LinearSolver
}

/// A guess of the catalog.
public struct GuessDescriptor: NamedEntry {
  /// The name that users type.
  public let name: String
  /// One line: the method.
  public let summary: String
  /// Makes one instance.
  let make: () -> any InitialGuess
}

/// A preconditioner of the catalog.
public struct PreconditionerDescriptor: NamedEntry {
  /// The name that users type.
  public let name: String
  /// One line: the method.
  public let summary: String
  /// Paper or book.
  public let reference: String
  /// Makes one instance.
  let make: () -> any Preconditioner
}
