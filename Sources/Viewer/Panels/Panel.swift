/// Something that stands in the right sidebar.
protocol Panel {
  /// Its name, for its tick box and for `--panel`.
  static var title: String { get }
  /// One line: what it shows.
  static var summary: String { get }
  /// Draws it into `height` pixels.
  func draw(_ gui: GUI, _ model: ViewerModel, height: Float)
}

/// Every panel: one line each.
package enum PanelCatalog {
  static let all: [any Panel] = [
    ShadowPanel(),
    CostPanel(),
    ConvergencePanel(),
    SystemPanel(),
    EnergyPanel(),
  ]

  /// The names of the panels.
  package static var titles: [String] { all.map { type(of: $0).title } }
}
