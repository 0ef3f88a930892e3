import LinearAlgebra

/// Blocks of a system eight at a time, side by side as `GatedNetwork` evaluates them: a slot holds one row of each.
///
/// The slots of a group are the rows of channel 0, then those of channel 1. Where a block has fewer rows than its
/// neighbours, and where the last group has fewer blocks, the row is one behind the system's last, of scale 0.
package final class BlockGroups {
  /// Blocks of a group.
  static let width = 8
  /// Traits of a block.
  static let traitCount = 5

  /// The slots of a group: channel 0 is `start ..< split`, channel 1 `split ..< end`.
  struct Slots: BitwiseCopyable {
    var start: Int
    var split: Int
    var end: Int
  }

  /// Half a slot: one row of each of four blocks, and what the network keeps of it.
  struct Rows: BitwiseCopyable {
    /// Numbers of the rows.
    var index: SIMD4<Int32>
    /// 1/√d and √d / s; 0 for a row that moves nothing.
    var scale: SIMD4<Double>
    var inverseScale: SIMD4<Double> = .zero
    /// λ, the last layer's λ, and w = A λ − b.
    var lambda: SIMD4<Double> = .zero
    var before: SIMD4<Double> = .zero
    var velocity: SIMD4<Double> = .zero
  }

  /// The rows of a block: channel 0 is `first ..< split`, channel 1 `split ..< end`.
  private struct Block: BitwiseCopyable {
    var first: Int32
    var split: Int32
    var end: Int32
  }

  let groups = Buffer<Slots>()
  /// The halves of slot i are 2i and 2i + 1.
  let rows = Buffer<Rows>()
  /// Of every group one vector a trait: is it a contact, has it bounds, μ̂, how crowded its bodies are, is it new.
  let traits = Buffer<SIMD8<Float>>()
  private let blocks = Buffer<Block>()

  /// Empties the groups and keeps their storage.
  func removeAll() {
    blocks.removeAll()
    traits.removeAll()
  }

  /// Adds a block; `friction` is μ̂, `crowd` the number of constraints at its bodies.
  func append(
    first: Int, split: Int, rows: Int, isContact: Bool = false, isBounded: Bool = false, friction: Double = 0,
    crowd: Int, isNew: Bool = false
  ) {
    let lane = blocks.count % Self.width
    if lane == 0 { traits.resize(to: traits.count + Self.traitCount, filling: .zero) }
    blocks.append(Block(first: Int32(first), split: Int32(first + split), end: Int32(first + rows)))
    let group = UnsafeMutableRawPointer(traits.pointer + (traits.count - Self.traitCount))
    let own = group.assumingMemoryBound(to: Float.self) + lane
    own[0] = isContact ? 1 : 0
    own[Self.width] = isBounded ? 1 : 0
    own[2 * Self.width] = Float(friction / (1 + friction))
    own[3 * Self.width] = Float(crowd) / (8 + Float(crowd))
    own[4 * Self.width] = isNew ? 1 : 0
  }

  /// Lays the rows of all blocks side by side. `scales`: one a row of the system.
  func finish(scales: Buffer<Double>) {
    let count = (blocks.count + Self.width - 1) / Self.width
    groups.resize(to: count, filling: Slots(start: 0, split: 0, end: 0))
    rows.removeAll()
    let none = Rows(index: SIMD4(repeating: Int32(scales.count)), scale: .zero)
    for group in 0..<count {
      let own = blocks.pointer + group * Self.width
      let lanes = min(blocks.count - group * Self.width, Self.width)
      var first: Int32 = 0
      var second: Int32 = 0
      for lane in 0..<lanes {
        first = max(first, own[lane].split - own[lane].first)
        second = max(second, own[lane].end - own[lane].split)
      }
      let start = rows.count / 2
      let slots = Slots(start: start, split: start + Int(first), end: start + Int(first + second))
      groups.pointer[group] = slots
      rows.reserve(2 * slots.end)
      for _ in 0..<2 * (slots.end - slots.start) { rows.appendReserved(none) }
      for lane in 0..<lanes {
        place(own[lane].first, own[lane].split, scales.pointer, slots.start, lane)
        place(own[lane].split, own[lane].end, scales.pointer, slots.split, lane)
      }
    }
  }

  /// Lays the rows `first ..< end` of a block into its lane of the slots from `slot` on.
  @inline(__always)
  private func place(_ first: Int32, _ end: Int32, _ scales: UnsafePointer<Double>, _ slot: Int, _ lane: Int) {
    var half = rows.pointer + (2 * slot + lane / 4)
    var row = first
    while row < end {
      half.pointee.index[lane % 4] = row
      half.pointee.scale[lane % 4] = scales[Int(row)]
      half += 2
      row += 1
    }
  }
}
