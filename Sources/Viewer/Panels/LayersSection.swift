import CImGui

/// Left sidebar: what is drawn over the bodies.
enum LayersSection {
  static func draw(_ gui: GUI, _ model: ViewerModel) {
    guard gui.header("Layers", isOpen: true) else { return }
    for (index, layer) in Layer.allCases.enumerated() {
      if index % 2 == 1 { gui_same_line_at(gui.px(132)) }
      var isOn = model.layers.contains(layer)
      if gui.checkbox(layer.title, &isOn) { model.toggle(layer) }
      gui.tip("\(layer.summary) (key \(index + 1))")
    }
  }
}
