/// The numbers in a figure, as comma-separated values.
public struct FigureTable: Sendable {
  /// Names of the columns, with units.
  public var columns: [String]
  /// A field a column.
  public var rows: [[Field]]

  /// A field.
  public enum Field: Sendable, Equatable {
    /// A name.
    case text(String)
    /// A number; nil where it does not apply, which is an empty field.
    case number(Double?)
    /// The same to the seven digits of single precision, which is more than is seen: half as long, where there are many.
    case single(Double?)
  }

  /// A table from its parts.
  public init(columns: [String], rows: [[Field]] = []) {
    self.columns = columns
    self.rows = rows
  }

  /// RFC 4180 with lines ended by \n; numbers read back as the same bits, unless they are `single`.
  public var csv: String {
    var text = columns.map(CSVText.quoted).joined(separator: ",") + "\n"
    for row in rows {
      var isFirst = true
      for field in row {
        if !isFirst { text += "," }
        isFirst = false
        switch field {
        case .text(let name): text += CSVText.quoted(name)
        case .number(let value?): text += Self.shortest(value)
        case .single(let value?): text += Self.short(value)
        case .number(nil), .single(nil): break
        }
      }
      text += "\n"
    }
    return text
  }

  private static func short(_ value: Double) -> String {
    // Beyond its range single precision would make infinity or fewer digits of it.
    let isInRange = value == 0 || (1e-37..<1e38).contains(value.magnitude)
    return isInRange && value != value.rounded() ? Float(value).description : shortest(value)
  }

  private static func shortest(_ value: Double) -> String {
    value == value.rounded() && value.magnitude < 1e15 ? String(Int(value)) : value.description
  }
}
