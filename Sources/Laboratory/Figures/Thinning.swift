/// Fewer points of a long series, such that the picture stays: of every bin its smallest and its largest value, in
/// their order. A mean, or every tenth point, would take the peaks away, which are what one looks for.
package enum Thinning {
  /// Points up to which a series is drawn as it is.
  package static let limit = 2_000

  /// Indices of the points that stay, ascending. NaN counts as larger than all else, so that gaps stay too.
  package static func indices(_ values: [Double], limit: Int = limit) -> [Int] {
    guard values.count > limit, limit >= 4 else { return Array(values.indices) }
    let bins = (limit - 2) / 2
    var kept = [0]
    for bin in 0..<bins {
      let start = 1 + bin * (values.count - 2) / bins
      let end = 1 + (bin + 1) * (values.count - 2) / bins
      guard start < end else { continue }
      var smallest = start
      var largest = start
      for index in start..<end {
        if values[index] < values[smallest] || values[smallest].isNaN { smallest = index }
        if !(values[index] <= values[largest]) && !values[largest].isNaN { largest = index }
      }
      kept.append(min(smallest, largest))
      if smallest != largest { kept.append(max(smallest, largest)) }
    }
    kept.append(values.count - 1)
    return kept
  }
}
