import Foundation

/// An axis: its range and the marks on it. The marks are made here and not by gnuplot, since they carry units.
struct PlotAxis {
  /// What is measured, with its unit where the marks have none.
  var label: String
  /// Whether equal ratios have equal lengths.
  var isLogarithmic: Bool
  /// Left or lower end.
  var low: Double
  /// Right or upper end.
  var high: Double
  /// The marks; those without a text are small ones.
  var tics: [Tic]

  /// A mark.
  struct Tic {
    var value: Double
    var text: String?
  }

  /// A logarithmic axis for `values`, of which only the positive and finite ones between `floor` and `ceiling` have a
  /// place on it; others are drawn at its ends. Nil where there is none.
  static func logarithmic(
    _ label: String, _ values: some Sequence<Double>, floor: Double = 1e-18, ceiling: Double = 1e12,
    text: (Double) -> String
  ) -> PlotAxis? {
    var smallest = Double.infinity
    var largest = 0.0
    var goesBelow = false
    var goesAbove = false
    for value in values where !value.isNaN {
      if value < floor {
        goesBelow = true
      } else if value > ceiling {
        goesAbove = true
      } else {
        smallest = min(smallest, value)
        largest = max(largest, value)
      }
    }
    guard largest > 0 else { return nil }
    // The ends stand apart from the smallest and largest value: what is drawn there is beyond.
    var low = smallest / (goesBelow ? 6 : 1.5)
    var high = largest * (goesAbove ? 6 : 1.5)
    if high / low < 12 {
      let middle = (high * low).squareRoot()
      (low, high) = (middle / 12.0.squareRoot(), middle * 12.0.squareRoot())
    }
    return PlotAxis(label: label, isLogarithmic: true, low: low, high: high, tics: decades(low, high, text))
  }

  private static func decades(_ low: Double, _ high: Double, _ text: (Double) -> String) -> [Tic] {
    let first = Int(log10(low).rounded(.down))
    let last = Int(log10(high).rounded(.up))
    let span = log10(high / low)
    let stride = max(1, Int((span / 9).rounded(.up)))
    var tics: [Tic] = []
    for exponent in first...last {
      for mantissa in 1...9 {
        // Through the decimal text, so that 3e-7 is the number next to 3·10⁻⁷.
        guard let value = Double("\(mantissa)e\(exponent)"), value >= low, value <= high else { continue }
        let isNamed =
          mantissa == 1 ? exponent % stride == 0 : span < 2.3 && (mantissa == 2 || mantissa == 5)
        if isNamed {
          tics.append(Tic(value: value, text: text(value)))
        } else if mantissa == 1 || span < 6 {
          tics.append(Tic(value: value, text: nil))
        }
      }
    }
    return tics
  }

  /// An even axis for the finite ones of `values`. Nil where there is none.
  static func linear(
    _ label: String, _ values: some Sequence<Double>, fromZero: Bool = false, isTight: Bool = false,
    text: (Double) -> String = TicText.plain
  ) -> PlotAxis? {
    var low = fromZero ? 0.0 : Double.infinity
    var high = -Double.infinity
    for value in values where value.isFinite {
      low = min(low, value)
      high = max(high, value)
    }
    guard low <= high else { return nil }
    if high - low <= 1e-9 * max(low.magnitude, high.magnitude) {
      let room = max(0.05 * high.magnitude, 1e-12)
      (low, high) = (fromZero ? 0 : low - room, high + room)
    }
    let room = isTight ? 0 : 0.05 * (high - low)
    if !fromZero { low -= room }
    high += room
    return PlotAxis(label: label, isLogarithmic: false, low: low, high: high, tics: even(low, high, text))
  }

  private static func even(_ low: Double, _ high: Double, _ text: (Double) -> String) -> [Tic] {
    let wanted = (high - low) / 7
    let power = pow(10, log10(wanted).rounded(.down))
    let step = ([1, 2, 5, 10].first { $0 * power >= 0.999 * wanted } ?? 10) * power
    let first = Int((low / step - 1e-9).rounded(.up))
    let last = Int((high / step + 1e-9).rounded(.down))
    guard first <= last, last - first < 100 else { return [] }
    return (first...last).map { index in
      // Twelve digits take the round-off of the product away.
      let value = Double(String(format: "%.12g", Double(index) * step)) ?? 0
      return Tic(value: value, text: text(value))
    }
  }

  /// Where a value is drawn: at an end where it is beyond; nil for NaN, which has no place.
  func clamped(_ value: Double) -> Double? { value.isNaN ? nil : min(max(value, low), high) }

  /// Share of the axis below a value.
  func share(_ value: Double) -> Double {
    let value = min(max(value, low), high)
    return isLogarithmic ? log(value / low) / log(high / low) : (value - low) / (high - low)
  }

  /// Width of its longest mark's text (pixels).
  var width: Double { tics.compactMap { $0.text.map(PlotLegend.width) }.max() ?? 0 }

  /// gnuplot's commands; `name` is x or y. The label is not among them: gnuplot lets it go out of the picture where the
  /// marks are long.
  func commands(_ name: String) -> String {
    let list = tics.map { tic in
      tic.text.map { "\(Gnuplot.quoted($0.replacingOccurrences(of: "%", with: "%%"))) \(tic.value)" }
        ?? "'' \(tic.value) 1"
    }
    return """
      \(isLogarithmic ? "set" : "unset") logscale \(name)
      set \(name)range [\(low):\(high)]
      set \(name)tics nomirror out scale 0.6,0.3 textcolor rgb "\(FigureColor.soft.light)" (\(list.joined(separator: ", ")))

      """
  }
}

/// Texts of the marks on axes.
enum TicText {
  /// As short as it goes.
  static func plain(_ value: Double) -> String { signed(String(format: "%.6g", value)) }

  /// Three digits, as in tables, with a minus sign that is one.
  static func digits(_ value: Double) -> String {
    value < 0 ? "−" + Quantity.plain(-value) : Quantity.plain(value)
  }

  /// Four digits.
  static func short(_ value: Double) -> String { power(Double(String(format: "%.4g", value)) ?? value) }

  /// Powers of ten where the number is long: "2·10⁻⁶".
  static func power(_ value: Double) -> String {
    guard value != 0 else { return "0" }
    if (0.009..<9_999).contains(value.magnitude) { return plain(value) }
    let parts = String(format: "%.3g", value).split(separator: "e")
    let exact = String(format: "%.2e", value).split(separator: "e")
    guard let exponent = exact.count == 2 ? Int(exact[1]) : nil, let mantissa = Double(exact[0]) else {
      return String(parts[0])
    }
    let head = mantissa == 1 ? "" : plain(mantissa) + "·"
    return head + "10" + superscript(exponent)
  }

  /// A time given in µs.
  static func microseconds(_ value: Double) -> String {
    scaled(value, [(1e6, "s"), (1e3, "ms"), (1, "µs"), (1e-3, "ns")])
  }

  /// A length given in m.
  static func meters(_ value: Double) -> String {
    scaled(value, [(1, "m"), (1e-3, "mm"), (1e-6, "µm"), (1e-9, "nm"), (1e-12, "pm")])
  }

  private static func scaled(_ value: Double, _ units: [(factor: Double, name: String)]) -> String {
    guard value != 0 else { return "0" }
    let unit = units.first { value.magnitude >= 0.999 * $0.factor } ?? units[units.count - 1]
    let number = value / unit.factor
    return ((0.001..<99_999).contains(number.magnitude) ? signed(String(format: "%.6g", number)) : power(number))
      + " " + unit.name
  }

  private static func signed(_ text: String) -> String { text.replacingOccurrences(of: "-", with: "−") }

  private static func superscript(_ number: Int) -> String {
    let digits = Array("⁰¹²³⁴⁵⁶⁷⁸⁹")
    return (number < 0 ? "⁻" : "") + String(String(number.magnitude).compactMap(\.wholeNumberValue).map { digits[$0] })
  }
}
