import ArgumentParser
import Laboratory

/// `delassus compare`.
struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare", abstract: "Run the same scenes under several solvers.")
}
