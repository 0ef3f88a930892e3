import LearnedSolvers
import Solvers

/// A list of solvers as a user writes it: texts separated by spaces or semicolons, `all`, or groups of the catalog.
public enum SolverList {
  /// The solvers of a comparison unless told otherwise: Gauss–Seidel, conjugate gradients and the learned ones, the best
  /// direct and the best second-order one.
  public static let standard = "pgs cg neural-pcg learned-update ldl newton"

  /// The texts of a list, each checked, groups expanded, none twice. Throws `SolverTextError`, or `InputError` for a
  /// list without a solver.
  public static func parse(_ list: String) throws -> [String] {
    var texts: [String] = []
    for item in list.split(whereSeparator: { $0.isWhitespace || $0 == ";" }) {
      for text in SolverCatalog.complete.expand(String(item)) where !texts.contains(text) {
        _ = try SolverCatalog.complete.make(text)
        texts.append(text)
      }
    }
    guard !texts.isEmpty else {
      throw InputError(.usage, place: "--solvers", "expected names of solvers, separated by spaces or semicolons")
    }
    return texts
  }

  /// The same of a list that the shell has split into words. A word of its own that is no solver but a scene, as in
  /// `--solvers pgs newton stack`, is handed back as such.
  public static func parse(
    _ words: [String], isScene: (String) -> Bool
  ) throws -> (solvers: [String], scenes: [String]) {
    var list: [String] = []
    var scenes: [String] = []
    for word in words {
      let isSolver = (try? parse(word)) != nil
      if !isSolver && !list.isEmpty && isScene(word) { scenes.append(word) } else { list.append(word) }
    }
    return (try parse(list.joined(separator: " ")), scenes)
  }
}
