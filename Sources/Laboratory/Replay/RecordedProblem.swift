import ConstraintSystem
import Dynamics

/// One problem of a recorded run.
public struct RecordedProblem {
  /// The last velocity problem of the step, a copy.
  public var problem: ConstraintProblem
  /// Its λ in the run (N·s); under the stabilisation `soft` that of the relaxation, which has no springs.
  public var lambda: [Double]
  /// The residual of the step in the run (m/s).
  public var residual: Double
  /// What every block belongs to: `joint "hinge"`, `contact 2 of "box3" and "box4"`.
  public var blockNames: [String]
}

extension Recording {
  /// The problem of a step: the run is simulated again from the checkpoint before it. Throws `InputError` where there is
  /// no such step, or where the repetition is not the recorded run.
  public func problem(of run: Run, step: Int) throws -> RecordedProblem {
    guard run.steps.contains(step) else {
      throw InputError(
        .usage, file: path, place: "step \(step)",
        run.steps.isEmpty
          ? "run \(run.number) has no steps"
          : "run \(run.number) has the steps \(run.steps.lowerBound) to \(run.steps.upperBound - 1)")
    }
    let replayer = try Replayer(self, run)
    try replayer.seek(step)
    let record = try replayer.advance()
    let simulation = replayer.simulation
    let problem = ConstraintProblem()
    problem.assign(simulation.problem)
    return RecordedProblem(
      problem: problem, lambda: simulation.lambda.array, residual: record.residual.maximum,
      blockNames: (0..<problem.blocks.count).map(simulation.name(ofBlock:)))
  }
}
