import Glibc

/// Ctrl-C ends a run after the present step, so that what was measured is printed; a second one ends the process.
enum Interrupt {
  // Written by the signal handler alone, one byte.
  nonisolated(unsafe) fileprivate static var flag: sig_atomic_t = 0

  /// Whether the user asked to stop.
  static var isRequested: Bool { flag != 0 }

  /// Takes over SIGINT and SIGTERM, also where the parent process started this one with signals blocked, as worker
  /// threads do.
  static func install() {
    var set = sigset_t()
    sigemptyset(&set)
    for number in [SIGINT, SIGTERM] {
      signal(number) { number in
        Interrupt.flag = 1
        signal(number, SIG_DFL)
      }
      sigaddset(&set, number)
    }
    pthread_sigmask(SIG_UNBLOCK, &set, nil)
  }
}
