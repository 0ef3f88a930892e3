/// Names beside marks so that they hide neither each other nor other marks.
///
/// Greedy: the names are placed one after the other, each at the first place that is free, beside its mark or further
/// off with a line to it. The order of the names is their order of importance. Cost: names × places × (names + marks).
struct LabelPlacement {
  /// A name's place.
  struct Label {
    /// Where its text begins (`left`), has its middle (`center`) or ends (`right`), at half its height (pixels).
    var place: (x: Double, y: Double)
    /// gnuplot's word for that.
    var anchor: String
    /// Where a line from the mark ends; nil where the name stands beside the mark.
    var leader: (x: Double, y: Double)?
  }

  private struct Box {
    var x: ClosedRange<Double>
    var y: ClosedRange<Double>

    func overlap(_ other: Box) -> Double {
      let width = min(x.upperBound, other.x.upperBound) - max(x.lowerBound, other.x.lowerBound)
      let height = min(y.upperBound, other.y.upperBound) - max(y.lowerBound, other.y.lowerBound)
      return width > 0 && height > 0 ? width * height : 0
    }
  }

  private let width: Double
  private let height: Double
  private var taken: [Box]

  /// Names in a plot of a size, with marks at `marks` (pixels).
  init(width: Double, height: Double, marks: [(x: Double, y: Double)]) {
    self.width = width
    self.height = height
    taken = marks.map { Box(x: ($0.x - 6)...($0.x + 6), y: ($0.y - 6)...($0.y + 6)) }
  }

  /// Keeps names off a line of level and upright pieces.
  mutating func avoid(_ line: [(x: Double, y: Double)]) {
    for (start, end) in zip(line, line.dropFirst()) {
      taken.append(
        Box(
          x: (min(start.x, end.x) - 1)...(max(start.x, end.x) + 1),
          y: (min(start.y, end.y) - 1)...(max(start.y, end.y) + 1)))
    }
  }

  private static let distances: [Double] = [11, 20, 32, 46, 62, 80, 100, 124, 150]
  /// Right, left, above, below, then between them. Written out: no need for a sine.
  private static let directions: [(x: Double, y: Double)] = [
    (1, 0), (-1, 0), (0, 1), (0, -1), (0.8, 0.6), (-0.8, 0.6), (0.8, -0.6), (-0.8, -0.6),
    (0.96, 0.28), (-0.96, 0.28), (0.96, -0.28), (-0.96, -0.28), (0.4, 0.92), (-0.4, 0.92), (0.4, -0.92), (-0.4, -0.92),
  ]

  /// Places the name of a mark.
  mutating func place(_ text: String, at mark: (x: Double, y: Double)) -> Label {
    let size = 0.92 * PlotLegend.width(of: text)
    var best: (label: Label, box: Box, cost: Double)?
    for (ring, distance) in Self.distances.enumerated() {
      for direction in Self.directions {
        let point = (x: mark.x + distance * direction.x, y: mark.y + distance * direction.y)
        let anchor = direction.x > 0.2 ? "left" : direction.x < -0.2 ? "right" : "center"
        let start = anchor == "left" ? point.x : anchor == "right" ? point.x - size : point.x - size / 2
        let box = Box(x: start...(start + size), y: (point.y - 7)...(point.y + 7))
        guard start > 2, start + size < width - 2, point.y > 8, point.y < height - 8 else { continue }
        let cost = taken.reduce(0) { $0 + $1.overlap(box) }
        let leader: (x: Double, y: Double)? =
          ring == 0 ? nil : (point.x - 2 * direction.x, point.y - (anchor == "center" ? 7 * direction.y : 0))
        if cost < best?.cost ?? .infinity { best = (Label(place: point, anchor: anchor, leader: leader), box, cost) }
        if cost == 0 { break }
      }
      if best?.cost == 0 { break }
    }
    guard let best else { return Label(place: (mark.x + 11, mark.y), anchor: "left", leader: nil) }
    taken.append(best.box)
    return best.label
  }
}
