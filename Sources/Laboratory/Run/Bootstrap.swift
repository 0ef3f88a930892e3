/// Bootstrap confidence intervals of a median (Efron, Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13).
///
/// Times of neighbouring steps resemble each other, so whole stretches are drawn instead of single steps: the moving-block
/// bootstrap (Künsch, Ann. Statist. 17, 1989) with blocks of √n steps. The random numbers are the same every time. A
/// resample costs O(n): values are ranked once, and its median is found by counting ranks.
package enum Bootstrap {
  /// Values at least.
  static let fewest = 20
  /// Resamples at most, and draws in all.
  private static let resamples = 1000
  private static let draws = 10_000_000

  /// The interval that holds the middle 95 % of the medians of resamples; nil for too few values.
  package static func medianInterval(_ values: [Double]) -> (low: Double, high: Double)? {
    let count = values.count
    guard count >= fewest else { return nil }
    let order = values.indices.sorted { values[$0] < values[$1] }
    var rank = [Int](repeating: 0, count: count)
    for (place, index) in order.enumerated() { rank[index] = place }
    let block = max(1, Int(Double(count).squareRoot()))
    var state: UInt64 = 0x2545_f491_4f6c_dd1d
    func random(below bound: Int) -> Int {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return Int(state % UInt64(bound))
    }
    var counts = [Int](repeating: 0, count: count)
    var medians: [Double] = []
    for _ in 0..<max(100, min(resamples, draws / count)) {
      for place in 0..<count { counts[place] = 0 }
      var drawn = 0
      while drawn < count {
        let start = random(below: count - block + 1)
        let end = min(start + block, start + count - drawn)
        for index in start..<end { counts[rank[index]] += 1 }
        drawn += end - start
      }
      var below = 0
      var place = 0
      while below + counts[place] <= (count - 1) / 2 {
        below += counts[place]
        place += 1
      }
      medians.append(values[order[place]])
    }
    medians.sort()
    let tail = medians.count / 40
    return (medians[tail], medians[medians.count - 1 - tail])
  }
}
