import ConstraintSystem
import Foundation

/// Runs the cells of a sweep as processes of their own, several at a time.
///
/// A process a cell keeps one that crashes, or takes all memory, from ending the others, and lets times be those of a
/// fresh process. Every finished cell is saved at once.
public final class SweepRunner {
  /// Number of cells at a time.
  public let jobs: Int
  /// Time of a cell (s); nil: none.
  public var timeLimit: Double?
  /// Asked all the time; true ends the running cells, which stay pending.
  public var shouldStop: () -> Bool = { false }
  /// Called after every finished cell with the number of those finished; one call at a time.
  public var progress: (Int) -> Void = { _ in }

  private let store: SweepStore
  private let executable: URL
  private let scenePath: String
  private let lock = NSLock()
  private var queue: [SweepCell] = []
  private var finished = 0
  private var failure: (any Error)?

  /// A runner of `store`'s cells with the scene of `scene`. The executable is this process's unless another is given.
  public init(_ store: SweepStore, scene: SceneFile, jobs: Int, executable: URL? = nil) {
    self.store = store
    self.jobs = max(1, jobs)
    scenePath = scene.document.path
    self.executable = executable ?? URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
  }

  /// Runs `cells` and returns when all are finished or `shouldStop` says so. Throws `InputError` (`cannotWrite`) where
  /// a cell could not be saved; the others are ended then.
  public func run(_ cells: [SweepCell]) throws {
    queue = cells.reversed()
    let workers = DispatchGroup()
    for _ in 0..<min(jobs, cells.count) {
      workers.enter()
      Thread.detachNewThread { [self] in
        while let cell = next() { work(cell) }
        workers.leave()
      }
    }
    workers.wait()
    if let failure { throw failure }
  }

  private var isStopped: Bool { lock.withLock { failure != nil } || shouldStop() }

  private func next() -> SweepCell? {
    guard !isStopped else { return nil }
    return lock.withLock { queue.popLast() }
  }

  private func work(_ cell: SweepCell) {
    guard let outcome = run(cell) else { return }
    do {
      try store.save(outcome)
      lock.withLock {
        finished += 1
        progress(finished)
      }
    } catch {
      lock.withLock { failure = failure ?? error }
    }
  }

  /// The cell with what it came to; nil where it was interrupted.
  private func run(_ cell: SweepCell) -> SweepCell? {
    let process = Process()
    process.executableURL = executable
    process.arguments = ["run", scenePath] + store.plan.arguments(of: cell)
    // Cells share the cores among themselves.
    process.environment = ProcessInfo.processInfo.environment.merging(["OPENBLAS_NUM_THREADS": "1"]) { $1 }
    let output = PipeReader()
    let errors = PipeReader()
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output.pipe
    process.standardError = errors.pipe
    let ended = DispatchSemaphore(value: 0)
    process.terminationHandler = { _ in ended.signal() }
    var cell = cell
    cell.jobs = jobs
    let start = Clock.now()
    do {
      try process.run()
    } catch {
      cell.status = .failed
      cell.error = "cannot be started: \(error.localizedDescription)"
      return cell
    }
    output.start()
    errors.start()
    var isOutOfTime = false
    var killTime = Double.infinity
    while ended.wait(timeout: .now() + 0.05) == .timedOut {
      let now = Clock.now()
      if killTime == .infinity {
        isOutOfTime = timeLimit.map { now - start > $0 } ?? false
        guard isOutOfTime || isStopped else { continue }
        process.terminate()
        killTime = now + 2
      } else if now > killTime {
        // It does not listen, as in a step that takes long.
        kill(process.processIdentifier, SIGKILL)
      }
    }
    cell.wallTime = Clock.now() - start
    let text = output.wait()
    let complaint = errors.wait()
    if killTime < .infinity && !isOutOfTime { return nil }
    cell.result = try? JSONDecoder().decode(RunResult.self, from: text)
    let hasExited = process.terminationReason == .exit
    cell.exitStatus = hasExited ? Int(process.terminationStatus) : nil
    if isOutOfTime {
      cell.status = .failed
      cell.error = "did not end within \(Quantity.plain(timeLimit)) s"
    } else if hasExited && process.terminationStatus == 130 {
      // Someone else has interrupted it: the terminal interrupts all processes of a command.
      return nil
    } else if hasExited && process.terminationStatus == 0 && cell.result != nil {
      cell.status = .done
      cell.error = nil
    } else {
      cell.status = .failed
      cell.error = Self.reason(process, String(decoding: complaint, as: UTF8.self))
    }
    return cell
  }

  /// The first line of what the process said, or how it ended.
  private static func reason(_ process: Process, _ complaint: String) -> String {
    guard process.terminationReason == .exit else {
      return "ended by signal \(process.terminationStatus) (\(String(cString: strsignal(process.terminationStatus))))"
    }
    let line = complaint.split(separator: "\n").first.map(String.init) ?? "exit status \(process.terminationStatus)"
    for prefix in ["error: ", "Error: "] where line.hasPrefix(prefix) { return String(line.dropFirst(prefix.count)) }
    return line
  }
}

/// Empties a pipe beside the process that fills it, so that neither waits for the other.
private final class PipeReader {
  let pipe = Pipe()
  private let done = DispatchSemaphore(value: 0)
  private var data = Data()

  func start() {
    Thread.detachNewThread { [self] in
      data = pipe.fileHandleForReading.readDataToEndOfFile()
      done.signal()
    }
  }

  func wait() -> Data {
    done.wait()
    return data
  }
}
