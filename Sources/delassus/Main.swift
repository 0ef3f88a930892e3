import ArgumentParser

/// `delassus`: the laboratory's one command.
@main
struct Delassus: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "delassus",
    abstract: "A rigid-body laboratory: one world, one constraint problem a step, every solver.",
    discussion: """
      Each step of a scene is assembled into the constraint problem A λ = b with bounds and friction cones, and handed
      to the solver that you name.

      Exit status: 0 done; 64 wrong usage; 65 bad input file; 66 missing file; 69 no viewer; 70 the run failed;
      73 cannot write; 130 interrupted, with what was measured so far.
      """,
    subcommands: [
      RunCommand.self, CompareCommand.self, SweepCommand.self, ReplayCommand.self, ExportCommand.self,
      PlotCommand.self, CaptureCommand.self, SolveCommand.self, LinearCommand.self, DatasetCommand.self,
      EvaluateCommand.self, ViewCommand.self, ListCommand.self,
    ])
}
