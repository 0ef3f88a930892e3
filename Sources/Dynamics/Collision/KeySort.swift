/// Sorting in place and without allocation: the standard library's sort takes scratch memory from the heap.
enum KeySort {
  /// Sorts `count` keys in ascending order: insertion for few, otherwise heapsort (Williams 1964), O(n log n) always.
  static func sort(_ keys: UnsafeMutablePointer<UInt64>, count: Int) {
    if count <= 24 {
      for i in stride(from: 1, to: count, by: 1) {
        let key = keys[i]
        var j = i
        while j > 0 && keys[j - 1] > key {
          keys[j] = keys[j - 1]
          j -= 1
        }
        keys[j] = key
      }
      return
    }
    for root in (0..<count / 2).reversed() { sift(keys, root, count) }
    for last in (1..<count).reversed() {
      (keys[0], keys[last]) = (keys[last], keys[0])
      sift(keys, 0, last)
    }
  }

  /// Moves the key at `root` down until no child is larger.
  @inline(__always)
  private static func sift(_ keys: UnsafeMutablePointer<UInt64>, _ root: Int, _ count: Int) {
    let key = keys[root]
    var hole = root
    while 2 * hole + 1 < count {
      var child = 2 * hole + 1
      if child + 1 < count && keys[child + 1] > keys[child] { child += 1 }
      if keys[child] <= key { break }
      keys[hole] = keys[child]
      hole = child
    }
    keys[hole] = key
  }
}
