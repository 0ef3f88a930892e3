import ConstraintSystem
import Glibc

/// A bar on standard error that shows how far a run is; draws nothing where standard error is not a terminal.
final class ProgressBar {
  private let label: String
  private let total: Int
  private let start = Clock.now()
  private var drawn = 0.0
  private var isVisible = false

  /// A bar for `total` steps of what `label` names.
  init(_ label: String, total: Int) {
    self.label = label
    self.total = total
  }

  /// Shows `done` steps, at most ten times a second.
  func update(_ done: Int) {
    guard Terminal.errorIsTerminal, total > 0 else { return }
    let now = Clock.now()
    // A run that is over in a moment flashes nothing.
    guard now - start > 0.3, now - drawn > 0.1 else { return }
    drawn = now
    isVisible = true
    let width = 30
    let filled = width * done / total
    let bar = String(repeating: "━", count: filled)
    let rest = String(repeating: Terminal.noColor ? "-" : "━", count: width - filled)
    let shaded = Terminal.noColor ? bar + rest : "\u{1B}[36m\(bar)\u{1B}[90m\(rest)\u{1B}[0m"
    let remaining = (now - start) * Double(total - done) / Double(max(done, 1))
    fputs("\r\u{1B}[K\(label)  \(shaded)  \(done)/\(total)  \(Int(remaining.rounded(.up))) s left", stderr)
    fflush(stderr)
  }

  /// Wipes the bar off the line.
  func finish() {
    guard isVisible else { return }
    fputs("\r\u{1B}[K", stderr)
    fflush(stderr)
    isVisible = false
  }
}
