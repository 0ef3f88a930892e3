/// A scene parameter and its value, as `--set key=value` has it.
public struct ParameterSetting: Sendable {
  /// The parameter's key.
  public var name: String
  /// A finite number.
  public var value: Double

  /// Reads "key=value"; nil where it has another form.
  public init?(argument: String) {
    let pair = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard pair.count == 2, !pair[0].isEmpty, let value = Double(pair[1]), value.isFinite else { return nil }
    name = String(pair[0])
    self.value = value
  }
}
