import CImGui
import ConstraintSystem
import Dynamics
import Laboratory
import LearnedSolvers
import Solvers

/// Left sidebar: the driver's solver and how it steps.
enum SolverSection {
  static func draw(_ gui: GUI, _ model: ViewerModel) {
    guard gui.header("Solver") else { return }
    let frame = model.frame
    gui.disabled(frame.origin.isRecording) {
      let name = String(frame.worlds[0].solver.prefix { $0 != ":" })
      gui.combo("##solver", name) {
        for solver in SolverCatalog.complete.choices {
          if gui.selectable(solver.name, solver.name == name) { model.setSolver(solver.name) }
          gui.tip(solver.summary)
        }
      }
      if gui.field("##solver text", hint: "name:option=value,…", &model.solverText, onEnter: true) {
        model.setSolver(model.solverText)
      }
      gui.tip("The whole solver text, such as newton:linear=pcg,preconditioner=ic0. Enter takes it.")
      label(gui, "friction law")
      gui.combo("##law", frame.settings.law.rawValue) {
        for law in FrictionLaw.allCases where gui.selectable(law.rawValue, law == frame.settings.law) {
          model.change { $0.law = law }
        }
      }
      label(gui, "stabilisation")
      gui.combo("##stabilisation", frame.settings.stabilization.rawValue) {
        for value in Stabilization.allCases where gui.selectable(value.rawValue, value == frame.settings.stabilization)
        {
          model.change { $0.stabilization = value }
        }
      }
      label(gui, "substeps")
      var substeps = frame.settings.substeps
      if gui.slider("##substeps", &substeps, 1...32), substeps != frame.settings.substeps {
        model.change { $0.substeps = substeps }
      }
      label(gui, "steps a second")
      var rate = Int((1 / frame.settings.timestep).rounded())
      if gui.slider("##rate", &rate, 10...1000), rate > 0 { model.change { $0.timestep = 1 / Double(rate) } }
    }
  }

  private static func label(_ gui: GUI, _ text: String) {
    gui_align_text()
    gui.text(text, .soft)
    gui.sameLine()
    gui_same_line_at(gui.px(112))
  }
}
