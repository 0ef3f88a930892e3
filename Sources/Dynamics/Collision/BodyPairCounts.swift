import LinearAlgebra

/// How many joints connect every pair of bodies: a sorted list, because its order must not depend on hashing.
///
/// A look-up costs O(log n); a change moves the entries behind it, which joints do seldom and mostly at the end.
struct BodyPairCounts {
  private let keys = Buffer<UInt64>()
  private let counts = Buffer<Int32>()

  /// Number of pairs with at least one joint.
  var pairCount: Int { keys.count }

  /// The two bodies in one number, whatever their order.
  @inline(__always)
  static func key(_ a: Int, _ b: Int) -> UInt64 { UInt64(UInt32(min(a, b))) << 32 | UInt64(UInt32(max(a, b))) }

  /// Whether a joint connects the bodies.
  @inline(__always)
  func contains(_ a: Int, _ b: Int) -> Bool {
    if keys.count == 0 { return false }
    let key = Self.key(a, b)
    let index = place(of: key)
    return index < keys.count && keys.pointer[index] == key
  }

  /// Notes one joint more. True where it is the first.
  func add(_ a: Int, _ b: Int) -> Bool {
    let key = Self.key(a, b)
    let index = place(of: key)
    if index < keys.count && keys[index] == key {
      counts[index] += 1
      return false
    }
    keys.append(key)
    counts.append(1)
    for i in (index..<keys.count - 1).reversed() {
      keys[i + 1] = keys[i]
      counts[i + 1] = counts[i]
    }
    keys[index] = key
    counts[index] = 1
    return true
  }

  /// Notes one joint less. True where it was the last.
  func remove(_ a: Int, _ b: Int) -> Bool {
    let key = Self.key(a, b)
    let index = place(of: key)
    guard index < keys.count && keys[index] == key else { return false }
    counts[index] -= 1
    guard counts[index] == 0 else { return false }
    for i in index..<keys.count - 1 {
      keys[i] = keys[i + 1]
      counts[i] = counts[i + 1]
    }
    keys.resize(to: keys.count - 1, filling: 0)
    counts.resize(to: keys.count, filling: 0)
    return true
  }

  /// Index of the first key that is not below `key`.
  private func place(of key: UInt64) -> Int {
    let keys = self.keys.pointer
    var low = 0
    var high = self.keys.count
    while low < high {
      let middle = (low + high) / 2
      if keys[middle] < key { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
