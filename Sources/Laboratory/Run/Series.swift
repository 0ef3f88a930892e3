import LinearAlgebra

/// The numbers of a run, one a step, kept for their quantiles: 8 bytes a step.
package struct Series {
  private let values = Buffer<Double>()

  /// An empty series.
  package init() {}

  /// Number of values.
  package var count: Int { values.count }

  /// Appends a value; one that is not finite counts as infinite, so that it shows in the maximum.
  package func append(_ value: Double) { values.append(value.isNaN ? .infinity : value) }

  /// The value appended last.
  package var last: Double? { values.count > 0 ? values[values.count - 1] : nil }

  /// The values from `first` on.
  package func values(from first: Int = 0) -> [Double] { Array(values.array.dropFirst(first)) }

  /// What `Distribution` holds, of the values from `first` on.
  package func distribution(from first: Int = 0) -> Distribution? {
    guard values.count > first else { return nil }
    let sorted = values.array[first...].sorted()
    return Distribution(
      median: Self.median(ofSorted: sorted), p99: Self.quantile(0.99, ofSorted: sorted),
      mean: sorted.reduce(0, +) / Double(sorted.count), maximum: sorted[sorted.count - 1])
  }

  /// The middle value, of an even number the mean of the two middle ones. `sorted` is not empty.
  static func median(ofSorted sorted: [Double]) -> Double {
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : 0.5 * (sorted[middle - 1] + sorted[middle])
  }

  /// The nearest-rank quantile: the smallest value that at least the fraction p of all values do not exceed.
  static func quantile(_ p: Double, ofSorted sorted: [Double]) -> Double {
    let rank = Int((p * Double(sorted.count)).rounded(.up))
    return sorted[min(max(rank, 1), sorted.count) - 1]
  }
}

/// Summary of a series.
package struct Distribution: Sendable, Equatable {
  /// The middle value.
  package var median: Double
  /// The value that 99 % do not exceed (nearest rank).
  package var p99: Double
  /// The mean.
  package var mean: Double
  /// The largest value.
  package var maximum: Double

  /// A summary from its numbers.
  package init(median: Double, p99: Double, mean: Double, maximum: Double) {
    self.median = median
    self.p99 = p99
    self.mean = mean
    self.maximum = maximum
  }
}
