import Laboratory
import TextTable

/// Text tables in the terminal.
enum TableText {
  /// The table of a comparison: a rule below the heading and between scenes.
  static func render(_ table: ComparisonTable) -> String {
    render(ComparisonTable.columns, sections: table.sections)
  }

  /// A table: a rule below the heading and between sections.
  static func render(_ columns: [TableColumn], sections: [[[String]]]) -> String {
    var rows: [[String]] = []
    for section in sections {
      if !rows.isEmpty { rows.append(columns.map { _ in Ruled.rule }) }
      rows += section
    }
    let layout = TextTable<[String]> { row in
      zip(columns, row).map { column, cell in
        Column(title: column.title, value: cell, align: column.isNumber ? .right : .left)
      }
    }
    return layout.string(for: rows, style: Ruled.self) ?? ""
  }

  /// Columns two spaces apart, thin rules across.
  private enum Ruled: TextTableStyle {
    /// A cell that stands for a rule across its column.
    static let rule = "─"

    static func prepare(_ text: String, for column: Column) -> String { Style.plain.prepare(text, for: column) }
    static func escape(_ text: String) -> String { text }
    static func begin(_ table: inout String, index: Int, columns: [Column]) {}
    static func end(_ table: inout String, index: Int, columns: [Column]) { table += line(columns) }

    static func header(_ table: inout String, index: Int, columns: [Column]) {
      table += join(columns.map { $0.headerString(for: self) }) + line(columns)
    }

    static func row(_ table: inout String, index: Int, columns: [Column]) {
      let cells = columns.map { $0.string(for: self) }
      table += cells.allSatisfy { $0.contains(rule) } ? line(columns) : join(cells)
    }

    private static func line(_ columns: [Column]) -> String {
      columns.map { $0.repeated(rule) }.joined(separator: rule + rule) + "\n"
    }

    private static func join(_ cells: [String]) -> String {
      var text = cells.joined(separator: "  ")
      while text.hasSuffix(" ") { text.removeLast() }
      return text + "\n"
    }
  }
}
