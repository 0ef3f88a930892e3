/// A column of a text table.
public struct TableColumn: Sendable {
  /// Heading.
  public var title: String
  /// Whether its cells are numbers, which stand on the right.
  public var isNumber: Bool

  /// A column.
  public init(title: String, isNumber: Bool) {
    self.title = title
    self.isNumber = isNumber
  }
}
