import Glibc

/// One line on standard error that says what is being done; nothing where standard error is not a terminal.
final class StatusLine {
  private var isVisible = false

  /// Shows `text` instead of what was there.
  func show(_ text: String) {
    guard Terminal.errorIsTerminal else { return }
    isVisible = true
    fputs("\r\u{1B}[K\(text)", stderr)
    fflush(stderr)
  }

  /// Wipes the line.
  func clear() {
    guard isVisible else { return }
    isVisible = false
    fputs("\r\u{1B}[K", stderr)
    fflush(stderr)
  }
}
