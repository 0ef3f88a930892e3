import LinearAlgebra

/// λ of the last two steps, found again by the blocks' keys: what guesses are made of.
///
/// Steps mostly repeat their blocks in the same order, so a lookup first tries the block after the one found last and
/// falls back to a hash table (open addressing, rebuilt a step, nothing allocated in steady state).
public final class ImpulseHistory {
  /// λ of one step by key.
  struct Frame {
    var keys = Buffer<UInt64>()
    var rows = Buffer<SIMD2<Int32>>()
    var lambda = Buffer<Double>()
    var table = Buffer<Int32>()
    var timestep = 0.0

    /// Makes the table of the keys.
    func index() {
      let count = keys.count
      var size = 16
      while size < 2 * count { size *= 2 }
      table.resize(to: size, filling: -1)
      table.fill(-1)
      let mask = size - 1
      for index in 0..<count {
        var slot = ImpulseHistory.hash(keys.pointer[index]) & mask
        while table.pointer[slot] >= 0 { slot = (slot + 1) & mask }
        table.pointer[slot] = Int32(index)
      }
    }

    /// Where a block with this key and row count is, −1 where there is none; `expected` is looked at first.
    func find(_ block: ConstraintBlock, expected: Int) -> Int {
      let keys = self.keys.pointer
      var found = -1
      if expected < self.keys.count && keys[expected] == block.key {
        found = expected
      } else if table.count > 0 {
        let mask = table.count - 1
        var slot = ImpulseHistory.hash(block.key) & mask
        while table.pointer[slot] >= 0 {
          if keys[Int(table.pointer[slot])] == block.key {
            found = Int(table.pointer[slot])
            break
          }
          slot = (slot + 1) & mask
        }
      }
      return found >= 0 && rows.pointer[found].y == block.rowCount ? found : -1
    }
  }

  var latest = Frame()
  var previous = Frame()
  /// Number of steps kept, 0 … 2.
  public internal(set) var depth = 0

  /// An empty history.
  public init() {}

  /// Forgets everything.
  public func removeAll() { depth = 0 }

  /// Keeps λ of a solved problem as the latest step.
  public func record(_ problem: ConstraintProblem, lambda: UnsafePointer<Double>) {
    swap(&latest, &previous)
    let count = problem.blocks.count
    let blocks = problem.blocks.pointer
    latest.keys.resize(to: count, filling: 0)
    latest.rows.resize(to: count, filling: .zero)
    for index in 0..<count {
      let block = blocks[index]
      latest.keys.pointer[index] = block.key
      latest.rows.pointer[index] = SIMD2(block.firstRow, block.rowCount)
    }
    latest.index()
    latest.lambda.resize(to: problem.rowCount, filling: 0)
    latest.lambda.pointer.update(from: lambda, count: problem.rowCount)
    latest.timestep = problem.timestep
    depth = min(depth + 1, 2)
  }

  /// Replaces the history by two steps that were kept elsewhere, with the blocks of `problem`.
  ///
  /// `latest` and `before` hold one impulse a row of `problem`, scaled to its time step; `age` says of every block in how
  /// many steps in a row before this one it was there: 0 for a block that is new. A block that is new and has impulses in
  /// `before` was there, and away for a step. `depth`: number of steps, 0 … 2.
  public func replace(
    by problem: ConstraintProblem, latest newLatest: UnsafePointer<Double>, before: UnsafePointer<Double>,
    age: UnsafePointer<UInt8>, depth newDepth: Int
  ) {
    let blocks = problem.blocks.pointer
    fill(&latest, problem, newLatest) { age[$0] > 0 }
    fill(&previous, problem, before) { index in
      let first = Int(blocks[index].firstRow)
      return age[index] > 1
        || age[index] == 0 && (first..<first + Int(blocks[index].rowCount)).contains { before[$0] != 0 }
    }
    depth = max(0, min(newDepth, 2))
  }

  private func fill(
    _ frame: inout Frame, _ problem: ConstraintProblem, _ lambda: UnsafePointer<Double>, where isThere: (Int) -> Bool
  ) {
    frame.keys.removeAll()
    frame.rows.removeAll()
    for index in 0..<problem.blocks.count where isThere(index) {
      let block = problem.blocks.pointer[index]
      frame.keys.append(block.key)
      frame.rows.append(SIMD2(block.firstRow, block.rowCount))
    }
    frame.index()
    frame.lambda.resize(to: problem.rowCount, filling: 0)
    frame.lambda.pointer.update(from: lambda, count: problem.rowCount)
    frame.timestep = problem.timestep
  }

  /// `lambda` ← the latest step's impulses, scaled to the problem's time step; 0 for blocks that are new.
  public func fillLatest(_ lambda: UnsafeMutablePointer<Double>, for problem: ConstraintProblem) {
    Self.fill(lambda, for: problem, from: depth > 0 ? latest : nil)
  }

  /// `lambda` ← the impulses of the step before the latest, likewise.
  public func fillPrevious(_ lambda: UnsafeMutablePointer<Double>, for problem: ConstraintProblem) {
    Self.fill(lambda, for: problem, from: depth > 1 ? previous : nil)
  }

  fileprivate static func hash(_ key: UInt64) -> Int {
    var x = key &* 0x9e37_79b9_7f4a_7c15
    x ^= x >> 32
    return Int(truncatingIfNeeded: x & 0x7fff_ffff)
  }

  private static func fill(
    _ lambda: UnsafeMutablePointer<Double>, for problem: ConstraintProblem, from frame: Frame?
  ) {
    lambda.update(repeating: 0, count: problem.rowCount)
    guard let frame, frame.timestep > 0 else { return }
    let scale = problem.timestep / frame.timestep
    let blocks = problem.blocks.pointer
    var expected = 0
    for index in 0..<problem.blocks.count {
      let block = blocks[index]
      let found = frame.find(block, expected: expected)
      guard found >= 0 else { continue }
      expected = found + 1
      let from = Int(frame.rows.pointer[found].x)
      for row in 0..<Int(block.rowCount) {
        lambda[Int(block.firstRow) + row] = scale * frame.lambda.pointer[from + row]
      }
    }
  }

  /// `isNew` ← which of the problem's blocks the latest step did not have; room for one a block.
  public func findNew(_ isNew: UnsafeMutablePointer<Bool>, in problem: ConstraintProblem) {
    var expected = 0
    for index in 0..<problem.blocks.count {
      let found = depth > 0 ? latest.find(problem.blocks.pointer[index], expected: expected) : -1
      isNew[index] = found < 0
      if found >= 0 { expected = found + 1 }
    }
  }
}
