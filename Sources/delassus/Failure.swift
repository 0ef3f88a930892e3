import ArgumentParser
import Glibc
import Laboratory
import LearnedSolvers
import Solvers

/// Exit status of the commands, after sysexits.h.
extension ExitCode {
  /// A wrong argument.
  static let usage = ExitCode(64)
  /// The run itself failed.
  static let failed = ExitCode(70)
  /// A file cannot be written.
  static let cannotWrite = ExitCode(73)
  /// Interrupted by the user.
  static let interrupted = ExitCode(130)
}

/// Writes to standard error.
func printError(_ text: String) { fputs(text + "\n", stderr) }

/// Runs a command's body; an error of the laboratory becomes one line on standard error and its exit status.
func reportingErrors(_ body: () throws -> Void) throws {
  do {
    try body()
  } catch let error as InputError {
    printError("error: \(error)")
    throw ExitCode(error.kind.rawValue)
  } catch let error as SolverTextError {
    printError("error: \(error)")
    throw ExitCode.usage
  } catch let error as ModelError {
    printError("error: \(error)")
    throw ExitCode(error.kind == .missing ? 66 : 65)
  }
}
