import ConstraintSystem
import LinearAlgebra
import Solvers

/// Projected Gauss–Seidel whose order, relaxation ω and increment after a sweep are chosen while it runs (Khodak et al.,
/// "Learning to relax", 2024; `PlaneSearch` has the increment).
///
///     λ ← Ψ_arm(λ) + increment_arm,   arm ∈ {forward, top-down, symmetric} × {ω} × {none, cautious, bold, unbounded}
///
/// `policy=network` begins with the fallback, `pgs` forward with ω = 1, bit for bit: what is easy costs what `pgs` costs.
/// After three sweeps a network of 15-16-8 reads how fast they went, the tolerance and a few counts, and picks an arm;
/// where it picks the fallback it is asked again after 6, 12, 24 … sweeps: a solve that looked short may be long.
/// `policy=online` needs no training: a bandit chooses per solve from what earlier solves have cost (`SweepBandit`).
/// `policy=fixed` uses the arm of the option `arm`.
///
/// Safeguard. The fallback's rate says how many sweeps it would still take; the arm is on trial for a twentieth of that (eight
/// sweeps at least, no more than were made so far) and then again and again for as long as it took so far. It stays while
/// the changes of velocity keep up a share of that rate (`SweepArm.demand`) and, from 32 sweeps on, reach a new low in every
/// trial; otherwise the better of the two λ is taken and the fallback goes on (`report.rejections`), with only the safest
/// arm open when it asks again; where that fails too, the fallback goes on to the end.
///
/// Interludes. Where the fallback would have been done at its early rate, and again whenever a third of an arm's sweeps have
/// followed the last interlude, eight sweeps are the fallback's. They smooth what increments have roughened, which is what
/// ends many a solve, increments begin anew after them, and they measure the fallback's rate where the solve is now: an arm
/// that has been slower is closed.
package final class LearnedUpdate: StatefulSolver {
  static let descriptor = SolverDescriptor(
    name: "learned-update", summary: "Gauss–Seidel whose order, relaxation and increment a policy chooses",
    groups: ["learned", "contact", "first-order"], slots: [], sets: ["free", "box", "cone"],
    laws: FrictionLaw.allCases, reference: "Khodak et al. 2024; Polyak 1964",
    options: [
      OptionDescriptor("policy", "network (default), online: a bandit without training, fixed"),
      OptionDescriptor("weights", "the network's file, default sweep-policy"),
      OptionDescriptor("margin", "binary orders that an arm must promise, default the file's"),
      OptionDescriptor("arm", "arm of policy=fixed, 0 … 7"),
      OptionDescriptor("increment", "plane (default); network: a network weighs every constraint's part of it"),
      OptionDescriptor("increment-weights", "that network's file, default sweep-increment"),
      OptionDescriptor("first", "sweeps of the fallback before an arm, default 3; 0 with policy=online"),
    ]
  ) { options in
    let kind = try options.choice("policy", among: ["network", "online", "fixed"])
    let weights = options.word("weights")
    let margin = try options.number("margin", in: 0...64)
    let arm = try options.integer("arm", in: 0...SweepArm.all.count - 1) ?? 0
    let first = try options.integer("first", in: 0...1000)
    let file = options.word("increment-weights")
    let shapes = try options.choice("increment", among: ["plane", "network"]) == "network"
    let network = try shapes ? IncrementNetwork(model: Model(file ?? "sweep-increment", schema: .increment)) : nil
    switch kind {
    case "online": return LearnedUpdate(.online(SweepBandit()), firstSweeps: 0, network)
    case "fixed": return LearnedUpdate(.fixed(arm), firstSweeps: first ?? SweepHistory.length, network)
    default:
      let policy = try SweepPolicy(model: Model(weights ?? "sweep-policy", schema: .policy))
      return LearnedUpdate(
        .network(policy, margin: try Float(margin ?? policy.model.number("margin"))),
        firstSweeps: SweepHistory.length, network)
    }
  }

  /// Who chooses.
  enum Policy {
    case network(SweepPolicy, margin: Float)
    case online(SweepBandit)
    case fixed(Int)
  }

  /// Sweeps of a first trial at least, and as a share of what the fallback had still to go.
  private static let shortestTrial = 8
  private static let trialShare = 0.05
  /// Sweeps of an interlude.
  private static let interlude = 8
  /// The first interlude is at most after so many times the sweeps before the arm: early rates may foretell any number.
  private static let latestInterlude = 4.0
  /// Growth of an arm's sweeps from interlude to interlude.
  private static let interludeGrowth = 1.5

  private let policy: Policy
  private let firstSweeps: Int
  private let runner: SweepRunner
  private let saved = Buffer<Double>()

  init(_ policy: Policy, firstSweeps: Int, _ network: IncrementNetwork? = nil) {
    self.policy = policy
    runner = SweepRunner(network: network)
    self.firstSweeps = firstSweeps
  }

  package func supports(_ problem: ConstraintProblem) -> Bool { problem.givenMatrix == nil }

  package func prepare(_ problem: ConstraintProblem, report: inout SolveReport) {
    runner.prepare(problem, report: &report)
  }

  package func solve(
    _ problem: ConstraintProblem, lambda: UnsafeMutablePointer<Double>, stop: StopRule, report: inout SolveReport
  ) {
    let check = StopCheck(stop, defaultIterations: ProjectedGaussSeidel.defaultIterations)
    runner.begin(problem, lambda)
    var state = Progress()
    if firstSweeps > 0 { sweep(problem, lambda, check, &state, until: firstSweeps, &report) }
    switch policy {
    case .network(let network, let margin):
      while !state.isOver {
        let arm = ask(network, margin, problem, lambda, check.tolerance, state, &report)
        if arm != 0 { tryArm(arm, problem, lambda, check, &state, &report) }
        if !state.isOver { sweep(problem, lambda, check, &state, until: 2 * runner.passes, &report) }
      }
    case .fixed(let arm):
      if !state.isOver { go(arm, problem, lambda, check, &state, &report) }
    case .online(let bandit):
      if !state.isOver {
        let arm = bandit.choose()
        go(arm, problem, lambda, check, &state, &report)
        bandit.learn(arm, passes: runner.passes, reached: report.reason == .converged)
      }
    }
    report.iterations += runner.passes
    report.constraintPasses += runner.passes
    report.flops += Double(runner.passes) * runner.flops(problem)
  }

  /// Arms that have not been closed by one that failed its trial.
  private enum OpenArms { case all, safest, none }

  /// How far a solve has come.
  private struct Progress {
    var history = SweepHistory()
    /// Smallest change of velocity (m/s) of an arm's sweeps.
    var smallest = 0.0
    var open = OpenArms.all
    var isOver = false
  }

  /// Sweeps until the rule ends the solve or `limit` passes are made. The natural map is measured where the change of
  /// velocity is below the tolerance, as `pgs` does.
  private func sweep(
    _ problem: ConstraintProblem, _ lambda: UnsafeMutablePointer<Double>, _ check: StopCheck, _ state: inout Progress,
    until limit: Int, _ report: inout SolveReport
  ) {
    while true {
      if state.history.last <= check.tolerance {
        let measured = runner.residual(problem, lambda)
        state.isOver = check.ends(measured, after: runner.passes, &report)
      } else if check.runsOut(after: runner.passes, &report) {
        report.believedResidual = state.history.last
        state.isOver = true
      }
      if state.isOver || runner.passes >= limit { return }
      let change = runner.step(problem, lambda)
      state.history.append(change)
      state.smallest = min(state.smallest, change)
      if !change.isFinite {
        report.reason = .breakdown
        state.isOver = true
        return
      }
    }
  }

  /// What the network would see of a problem from this start; nil where the fallback's first sweeps solve it. `lambda`
  /// is that after them.
  package func features(
    _ problem: ConstraintProblem, lambda: UnsafeMutablePointer<Double>, tolerance: Double
  ) -> [Float]? {
    var report = SolveReport()
    prepare(problem, report: &report)
    runner.begin(problem, lambda)
    var state = Progress()
    let check = StopCheck(StopRule(tolerance: tolerance), defaultIterations: .max)
    sweep(problem, lambda, check, &state, until: firstSweeps, &report)
    if state.isOver { return nil }
    let features = Buffer<Float>(repeating: 0, count: SweepPolicy.inputCount)
    SweepPolicy.features(problem, lambda, state.history, tolerance: tolerance, into: features.pointer)
    return features.array
  }

  /// Number of features.
  package static let featureCount = SweepPolicy.inputCount

  /// A solver that only looks, after some sweeps of the fallback: for the table that the policy is trained on.
  package convenience init(lookingAfter sweeps: Int) { self.init(.fixed(0), firstSweeps: sweeps) }

  /// Sweeps after which the network is asked first.
  package static let firstLook = SweepHistory.length

  /// Sweeps under an arm to the end.
  private func go(
    _ arm: Int, _ problem: ConstraintProblem, _ lambda: UnsafeMutablePointer<Double>, _ check: StopCheck,
    _ state: inout Progress, _ report: inout SolveReport
  ) {
    runner.use(SweepArm.all[arm], problem, report: &report)
    sweep(problem, lambda, check, &state, until: .max, &report)
  }

  /// The network's arm for the sweeps that follow; the fallback where a solve is too short to ask, or no arm is open.
  private func ask(
    _ network: SweepPolicy, _ margin: Float, _ problem: ConstraintProblem, _ lambda: UnsafePointer<Double>,
    _ tolerance: Double, _ state: Progress, _ report: inout SolveReport
  ) -> Int {
    let tolerance = max(tolerance, 1e-12)
    guard state.open != .none, SweepPolicy.isWorthAsking(problem, state.history, tolerance: tolerance) else { return 0 }
    let start = Clock.now()
    let (arm, isOutside) = network.choose(
      problem, lambda, state.history, tolerance: tolerance, margin: margin, onlySafest: state.open == .safest)
    report.inferenceTime += Clock.now() - start
    if isOutside { report.solvesOutsideTraining = 1 }
    return arm
  }

  /// The arm on trial, against what the fallback would have reached.
  private func tryArm(
    _ arm: Int, _ problem: ConstraintProblem, _ lambda: UnsafeMutablePointer<Double>, _ check: StopCheck,
    _ state: inout Progress, _ report: inout SolveReport
  ) {
    let start = state.history.last
    let perSweep = state.history.rate
    let rest = state.history.remaining(to: max(check.tolerance, 1e-12))
    let began = runner.passes
    saved.resize(to: problem.rowCount, filling: 0)
    saved.pointer.update(from: lambda, count: problem.rowCount)
    runner.use(SweepArm.all[arm], problem, report: &report)
    var trial = max(Self.shortestTrial, Int(min(Self.trialShare * rest, Double(began))))
    var nextInterlude = max(trial, Int(min(rest, Self.latestInterlude * Double(began))))
    state.smallest = start
    while true {
      let smallest = state.smallest
      sweep(problem, lambda, check, &state, until: runner.passes + trial, &report)
      if state.isOver { return }
      var elapsed = runner.passes - began
      let gained = SweepHistory.logarithm(start / state.smallest)
      guard state.smallest < smallest || elapsed < 4 * Self.shortestTrial,
        gained >= SweepArm.all[arm].demand * perSweep * Double(elapsed)
      else { break }
      if elapsed >= nextInterlude {
        runner.use(SweepArm.all[0], problem, report: &report)
        sweep(problem, lambda, check, &state, until: runner.passes + Self.interlude, &report)
        if state.isOver { return }
        if gained < state.history.rate * Double(elapsed) { break }
        elapsed = runner.passes - began
        nextInterlude = Int(Self.interludeGrowth * Double(elapsed))
        runner.use(SweepArm.all[arm], problem, report: &report)
      }
      trial = min(elapsed, max(nextInterlude - elapsed, Self.shortestTrial / 2))
    }
    report.rejections += 1
    state.open = SweepArm.all[arm].isSafest ? .none : .safest
    if isWorse(lambda, than: saved.pointer, problem, state.history.last, start) {
      lambda.update(from: saved.pointer, count: problem.rowCount)
      runner.refresh(problem, lambda)
    }
    runner.use(SweepArm.all[0], problem, report: &report)
  }

  /// Whether an arm's λ is behind the one that it began with: in energy, and by the changes of velocity under the laws that
  /// have none. Increments raise the changes long before they lose what they have gained.
  private func isWorse(
    _ lambda: UnsafePointer<Double>, than old: UnsafePointer<Double>, _ problem: ConstraintProblem, _ change: Double,
    _ oldChange: Double
  ) -> Bool {
    if problem.isLinear || problem.law == .convex || problem.law == .frictionless {
      return !(runner.energy(problem, lambda) <= runner.energy(problem, old))
    }
    return !(change <= oldChange)
  }

  package func save(to archive: inout StateArchive) {
    if case .online(let bandit) = policy { bandit.save(to: &archive) }
  }

  package func restore(_ archive: StateArchive) throws {
    if case .online(let bandit) = policy { try bandit.restore(archive) }
  }
}
