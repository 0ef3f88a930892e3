/// Times as users write them: "200us", "5ms", "1s".
public enum DurationText {
  /// The time in seconds; nil where the text is none, or the time is not positive and finite.
  public static func seconds(_ text: some StringProtocol) -> Double? {
    // "us" and "ms" end in "s" too, and come first.
    for (unit, perSecond) in [("us", 1e6), ("ms", 1e3), ("s", 1.0)] where text.hasSuffix(unit) {
      guard let value = Double(text.dropLast(unit.count)), value > 0, value.isFinite else { return nil }
      return value / perSecond
    }
    return nil
  }
}
