import CImGui
import Dynamics
import Laboratory
import LearnedSolvers
import Solvers

/// What other solvers make of the driver's problem of every step.
struct ShadowPanel: Panel {
  static let title = "Shadow solvers"
  static let summary = "the driver's problems solved by others: iterations, time, residual"

  func draw(_ gui: GUI, _ model: ViewerModel, height: Float) {
    let columns: [Float] = [0, gui.px(148), gui.px(198), gui.px(272)]
    let top = gui.available.y
    row(gui, columns, ["solver", "iter.", "time", "residual"], [.soft, .soft, .soft, .soft])
    gui.separator()
    if let record = model.frame.record {
      row(
        gui, columns, cells(model.frame.worlds[0].solver + " (driver)", record, model),
        [
          SolverColors.color(of: model.frame.worlds[0].solver, model), .text, .text, .text,
        ])
    }
    for shadow in model.frame.shadows {
      let color = SolverColors.color(of: shadow.solver, model)
      if shadow.isUnsupported {
        row(gui, columns, [shadow.solver, "", "", "other law or sets"], [color, .soft, .soft, .soft])
      } else if let record = shadow.record {
        let isSolved = record.report.reason == .converged
        row(gui, columns, cells(shadow.solver, record, model), [color, .text, .text, isSolved ? .text : .bad])
      } else {
        row(gui, columns, [shadow.solver, Quantity.none, Quantity.none, Quantity.none], [color, .soft, .soft, .soft])
      }
    }
    gui.space()
    gui.text("Tick a solver to let it solve every problem too:", .soft)
    let used = top - gui.available.y
    // Whole lines of choices, the rest by scrolling.
    let lines = max(2, ((height - used - gui.px(6)) / gui_frame_height()).rounded(.down))
    gui.child("shadow choices", height: lines * gui_frame_height() - gui.px(5)) { choices(gui, model) }
  }

  private func choices(_ gui: GUI, _ model: ViewerModel) {
    let width = gui.px(112)
    let perLine = max(1, Int(gui.available.x / width))
    for (index, solver) in SolverCatalog.complete.choices.enumerated() {
      if index % perLine != 0 { gui_same_line_at(Float(index % perLine) * width) }
      var isOn = model.frame.shadows.contains { $0.solver == solver.name }
      if gui.checkbox(solver.name + "##shadow", &isOn) { model.setShadow(solver.name, isOn) }
      gui.tip(solver.summary)
    }
  }

  private func cells(_ name: String, _ record: StepRecord, _ model: ViewerModel) -> [String] {
    let times = record.stages
    let time = times[.guess] + times[.setup] + times[.solve] + times[.inference]
    return [
      name, "\(record.report.iterations)",
      model.hidesClocks ? Quantity.none : Quantity.time(microseconds: 1e6 * time),
      Quantity.scientific(record.residual.maximum),
    ]
  }

  private func row(_ gui: GUI, _ columns: [Float], _ cells: [String], _ colors: [GUIColor]) {
    for (index, cell) in cells.enumerated() {
      if index > 0 { gui_same_line_at(columns[index] + gui.px(10)) }
      gui.text(cell, colors[index])
    }
  }
}
