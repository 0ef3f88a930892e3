import Dynamics
import GRDB
import LinearAlgebra

/// Steps on their way from the run to the file. Batches are used again and again, so a long run needs no more memory than
/// a short one.
final class StepBatch {
  /// What is known of one step, in the order in which blobs of the buffers belong to it.
  struct Entry {
    var record: StepRecord
    var states = 0
    var reactions = 0
    var contacts = 0
  }

  var entries: [Entry] = []
  /// 13 numbers a moving body, step after step.
  let states = Buffer<Double>()
  /// Reactions of all joints.
  let reactions = Buffer<Reaction>()
  /// Contacts.
  let contacts = Buffer<ContactForce>()
  /// Checkpoints with their steps.
  var checkpoints: [(step: Int, state: StateArchive)] = []
  /// Merit histories with their steps.
  var iterations: [(step: Int, points: [ConvergenceCurve.Point])] = []

  /// Bytes that wait to be written.
  var byteCount: Int {
    entries.count * MemoryLayout<Entry>.stride + 8 * states.count + 48 * reactions.count
      + MemoryLayout<ContactForce>.stride * contacts.count
  }

  var isEmpty: Bool { entries.isEmpty && checkpoints.isEmpty && iterations.isEmpty }

  func removeAll() {
    entries.removeAll(keepingCapacity: true)
    states.removeAll()
    reactions.removeAll()
    contacts.removeAll()
    checkpoints.removeAll(keepingCapacity: true)
    iterations.removeAll(keepingCapacity: true)
  }
}
