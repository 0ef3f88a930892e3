/// What the report's template is filled with. The names are those of the template.
struct ReportPage {
  var title: String
  var date: String
  /// Custom properties of CSS for the two surroundings.
  var light: String
  var dark: String
  var facts: [Fact]
  var findings: [Findings]
  var solvers: [Solver]
  var columns: [Column]
  var tables: [Table]
  var legend: [String]
  /// nil where there are none.
  var warnings: Warnings?
  var sections: [Section]
  var json: String

  /// One line of what was compared.
  struct Fact {
    var name: String
    var values: [String]
  }

  /// What came out of one scene.
  struct Findings {
    var scene: String
    var lines: [String]
  }

  struct Solver {
    var name: String
    var color: String
    var isOther: Bool
  }

  struct Column {
    var title: String
    var isNumber: Bool
  }

  /// The rows of one scene.
  struct Table {
    var rows: [Row]
  }

  struct Row {
    var color: String
    var cells: [Cell]
    /// Whether the solver did not get through.
    var isFailed: Bool
  }

  struct Cell {
    var text: String
    var isNumber: Bool
    /// Whether it is the best of its scene.
    var isBest: Bool
    /// Whether the solver's colour stands before it.
    var hasColor: Bool
  }

  struct Warnings {
    var runs: [Warning]
  }

  struct Warning {
    var run: String
    var lines: [String]
  }

  /// The figures of one kind.
  struct Section {
    var id: String
    var title: String
    var figures: [Drawing]
  }

  struct Drawing {
    /// nil where the section's says it all.
    var heading: String?
    var svg: String
    var caption: String
    /// Name of the file that the link saves.
    var file: String
    var link: String
    var rows: String
  }
}
