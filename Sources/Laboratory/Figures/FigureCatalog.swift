import Solvers

/// A kind of figure.
public struct FigureKind: Sendable {
  /// Its name in `delassus plot`.
  public var name: String
  /// What it shows, in one line.
  public var summary: String
  /// Makes it of a comparison, mostly one a scene; none where the comparison has nothing for it.
  public var make: @Sendable (FigureSource) -> [Figure]
}

/// Every kind of figure, in the order of a report.
public enum FigureCatalog {
  /// A line a kind; `delassus plot --list` and the report take theirs from here.
  public static let all: [FigureKind] = [
    AccuracyFigure.kind, StageFigure.kind, ConvergenceFigure.byIteration, ConvergenceFigure.byTime,
    TraceFigure.residual, TraceFigure.energy, TraceFigure.penetration, TraceFigure.jointError, ProfileFigure.kind,
    SparsityFigure.kind,
  ]

  /// The kind of a name. Throws `InputError`.
  public static func kind(_ name: String) throws -> FigureKind {
    if let kind = all.first(where: { $0.name == name }) { return kind }
    throw InputError(
      .usage, "there is no figure \"\(name)\"" + NearestName.hint(name, among: all.map(\.name)))
  }
}
