import Glibc

/// What the terminal can show.
enum Terminal {
  /// Whether colours are wanted on standard output: a terminal, and NO_COLOR is unset or empty (no-color.org).
  static var outputHasColors: Bool { isatty(STDOUT_FILENO) == 1 && !noColor }

  /// Whether standard error is a terminal, so that a progress bar can be drawn over and over.
  static var errorIsTerminal: Bool { isatty(STDERR_FILENO) == 1 }

  /// Whether the user does not want colours.
  static var noColor: Bool { getenv("NO_COLOR").map { $0.pointee != 0 } ?? false }
}
