import ConstraintSystem
import LinearAlgebra

/// Hashes of what a step's stages handed on, bit by bit: where two runs part, they say in which stage.
///
/// Of a step with several substeps they are those of the first; 0 where they were not asked for.
public struct StageHashes: Sendable, Equatable {
  /// Contacts, as collision detection found them.
  public var contacts: UInt64 = 0
  /// The velocity problem: masses, rows and right-hand side.
  public var problem: UInt64 = 0
  /// Its λ.
  public var impulses: UInt64 = 0

  /// Nothing hashed.
  public init() {}
}

extension Simulation {
  /// Hashes of the substep that was just solved.
  func stageHashes() -> StageHashes {
    var hashes = StageHashes()
    let records = contacts.records
    var contactHash = WordHash()
    for index in 0..<records.count {
      let record = records.pointer[index]
      contactHash.mix(record.key, record.normal.x.bitPattern, record.normal.y.bitPattern, record.normal.z.bitPattern)
      contactHash.mix(
        record.localA.x.bitPattern, record.localA.y.bitPattern, record.localA.z.bitPattern, record.friction.bitPattern)
      contactHash.mix(
        record.localB.x.bitPattern, record.localB.y.bitPattern, record.localB.z.bitPattern,
        record.restitution.bitPattern)
    }
    hashes.contacts = contactHash.value
    // A's diagonal and b depend on masses, rows, velocities and biases; J itself would cost ten times as much.
    hashes.problem = WordHash.of(problem.rightHandSide, problem.diagonal)
    hashes.impulses = WordHash.of(lambda, lambda)
    return hashes
  }
}

/// A hash of 64-bit words in four lanes, so that multiplications overlap: about a cycle a word.
struct WordHash {
  private var lanes = SIMD4<UInt64>(1, 2, 3, 4)

  @inline(__always)
  mutating func mix(_ a: UInt64, _ b: UInt64, _ c: UInt64, _ d: UInt64) {
    lanes.x = (lanes.x ^ a) &* 0x9e37_79b9_7f4a_7c15
    lanes.y = (lanes.y ^ b) &* 0x9e37_79b9_7f4a_7c15
    lanes.z = (lanes.z ^ c) &* 0x9e37_79b9_7f4a_7c15
    lanes.w = (lanes.w ^ d) &* 0x9e37_79b9_7f4a_7c15
    // The high bits see all of the word; bring them down.
    lanes.x ^= lanes.x >> 29
    lanes.y ^= lanes.y >> 29
    lanes.z ^= lanes.z >> 29
    lanes.w ^= lanes.w >> 29
  }

  var value: UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for lane in 0..<4 {
      hash = (hash ^ lanes[lane]) &* 0xbf58_476d_1ce4_e5b9
      hash ^= hash >> 31
    }
    return hash
  }

  /// Hash of two buffers of one length, element by element.
  static func of(_ first: Buffer<Double>, _ second: Buffer<Double>) -> UInt64 {
    var hash = WordHash()
    let a = first.pointer
    let b = second.pointer
    var index = 0
    while index + 1 < first.count {
      hash.mix(a[index].bitPattern, b[index].bitPattern, a[index + 1].bitPattern, b[index + 1].bitPattern)
      index += 2
    }
    if index < first.count { hash.mix(a[index].bitPattern, b[index].bitPattern, 0, 0) }
    return hash.value
  }
}
