import Foundation

/// Numbers for people: three significant digits and a unit that keeps them between 1 and 1000.
public enum Quantity {
  /// Stands for a number that does not apply.
  public static let none = "–"

  /// A time given in µs.
  public static func time(microseconds value: Double?) -> String {
    scaled(value, [(1e6, "s"), (1e3, "ms"), (1, "µs"), (1e-3, "ns")])
  }

  /// A length given in m.
  public static func length(_ value: Double?) -> String {
    scaled(value, [(1e3, "km"), (1, "m"), (1e-3, "mm"), (1e-6, "µm"), (1e-9, "nm"), (1e-12, "pm")])
  }

  /// A number of bytes.
  public static func bytes(_ value: Double?) -> String {
    scaled(value, [(1e9, "GB"), (1e6, "MB"), (1e3, "kB"), (1, "B")])
  }

  /// A speed given in m/s.
  public static func speed(_ value: Double?) -> String {
    guard let value else { return none }
    return plain(value) + " m/s"
  }

  /// A fraction as a percentage without a sign.
  public static func percent(_ value: Double?) -> String {
    guard let value, value.isFinite else { return none }
    let percent = 100 * value
    if percent > 0 && percent < 0.1 { return "< 0.1 %" }
    return format(percent, decimals: percent < 9.95 && percent != percent.rounded() ? 1 : 0) + " %"
  }

  /// A signed fraction: "+0.0012 %" as a percentage down to 0.01 %, otherwise as a power of ten.
  public static func drift(_ value: Double?) -> String {
    guard let value else { return none }
    guard value.isFinite else { return value.isNaN ? "nan" : value < 0 ? "−∞" : "+∞" }
    let sign = value < 0 ? "−" : "+"
    let size = value.magnitude
    if size == 0 { return "0 %" }
    if size < 1e-4 { return sign + scientific(size) }
    if size >= 100 { return sign + scientific(size) }
    return sign + significant(100 * size) + " %"
  }

  /// Three significant digits as a power of ten: "4.2e-07" as "4.2e-7".
  public static func scientific(_ value: Double?) -> String {
    guard let value else { return none }
    guard value.isFinite else { return value.isNaN ? "nan" : value < 0 ? "−∞" : "∞" }
    if value == 0 { return "0" }
    let parts = String(format: "%.1e", value).split(separator: "e")
    guard parts.count == 2, let exponent = Int(parts[1]) else { return "\(value)" }
    let digits = parts[0].hasSuffix(".0") ? parts[0].dropLast(2) : parts[0]
    return exponent == 0 ? String(parts[0]) : "\(digits)e\(exponent)"
  }

  /// Three significant digits, as a power of ten where the number is very large or small.
  public static func plain(_ value: Double?) -> String {
    guard let value else { return none }
    guard value.isFinite else { return scientific(value) }
    if value != 0 && !(1e-3..<1e5).contains(value.magnitude) { return scientific(value) }
    return significant(value)
  }

  /// Six significant digits, for values that are compared with a closed form.
  public static func digits(_ value: Double) -> String {
    guard value.isFinite else { return scientific(value) }
    return String(format: "%.6g", value)
  }

  /// A whole number or, for a median between two, one decimal.
  public static func count(_ value: Double?) -> String {
    guard let value, value.isFinite else { return none }
    return format(value, decimals: value == value.rounded() ? 0 : 1)
  }

  private static func scaled(_ value: Double?, _ units: [(factor: Double, name: String)]) -> String {
    guard let value else { return none }
    guard value.isFinite else { return scientific(value) }
    if value == 0 { return "0" }
    // 999.5 would be printed as 1000.
    let unit = units.first { value.magnitude >= 0.9995 * $0.factor } ?? units[units.count - 1]
    let scaled = value / unit.factor
    if scaled.magnitude >= 9995 || scaled.magnitude < 0.01 { return scientific(scaled) + " " + unit.name }
    return significant(scaled) + " " + unit.name
  }

  /// Three significant digits without a power of ten.
  static func significant(_ value: Double) -> String {
    let size = value.magnitude
    if size == 0 { return "0" }
    let decimals =
      size >= 99.95 ? 0 : size >= 9.995 ? 1 : size >= 0.9995 ? 2 : size >= 0.09995 ? 3 : size >= 0.00995 ? 4 : 5
    return format(value, decimals: decimals)
  }

  private static func format(_ value: Double, decimals: Int) -> String { String(format: "%.\(decimals)f", value) }
}
