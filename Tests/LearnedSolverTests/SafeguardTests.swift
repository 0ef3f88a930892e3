import ConstraintSystem
import Foundation
import LearnedSolvers
import LinearAlgebra
import Solvers
import Testing

/// Whatever the weights are, a learned method ends with a solution in the sets, or says that it has none.
@Suite struct SafeguardTests {
  /// Kinds of weights that nobody would train.
  enum Weights: String, CaseIterable {
    case zero, random, huge, opposing, alternating
  }

  /// A file with the tensors of a model of the library, and other values in them.
  static func file(_ model: String, _ kind: Weights) throws -> String {
    let folder = GoldenProblem.folder.deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Assets/Models")
    var data = try Data(contentsOf: folder.appendingPathComponent("\(model).safetensors"))
    let length = data.prefix(8).enumerated().reduce(0) { $0 + Int($1.element) << (8 * $1.offset) }
    var state: UInt64 = 88_172_645_463_325_252
    func next() -> Float {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return Float(state >> 40) / Float(1 << 23) - 1
    }
    for (index, at) in stride(from: 8 + length, to: data.count, by: 4).enumerated() {
      let old = data.subdata(in: at..<at + 4).withUnsafeBytes { $0.loadUnaligned(as: Float.self) }
      let value: Float
      switch kind {
      case .zero: value = 0
      case .random: value = next()
      case .huge: value = 1e30 * next()
      case .opposing: value = -20 * old
      case .alternating: value = index % 2 == 0 ? 3e38 : -3e38
      }
      withUnsafeBytes(of: value) { data.replaceSubrange(at..<at + 4, with: $0) }
    }
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).safetensors").path
    try data.write(to: URL(fileURLWithPath: path))
    return path
  }

  static let problems: [ConstraintProblem] = {
    let golden = (try? GoldenProblem.all(of: "graph-network") + GoldenProblem.all(of: "contact-guess")) ?? []
    return golden.map { $0.build() } + [JointedProblems.chain(40), JointedProblems.net(7)]
  }()

  static func solve(_ text: String, _ problem: ConstraintProblem) throws -> (
    report: SolveReport, lambda: Buffer<Double>
  ) {
    let assembly = try SolverCatalog.complete.make(text)
    let lambda = Buffer<Double>()
    return (assembly.solve(problem, into: lambda), lambda)
  }

  /// λ is finite and in the sets: bringing it into them changes no more than round-off.
  static func expectInSets(_ problem: ConstraintProblem, _ lambda: Buffer<Double>, _ comment: String) {
    let clamped = Buffer<Double>(lambda.array)
    BlockSolution.clamp(problem, clamped.pointer)
    let scale = lambda.array.map(\.magnitude).max() ?? 0
    #expect(scale.isFinite, "\(comment)")
    for row in 0..<lambda.count {
      #expect((lambda[row] - clamped[row]).magnitude <= 1e-9 * scale, "\(comment), row \(row)")
    }
  }

  @Test(arguments: Weights.allCases) func guessesEndInSolutions(_ kind: Weights) throws {
    #expect(Self.problems.count >= 6)
    let path = try Self.file("contact-guess", kind)
    defer { try? FileManager.default.removeItem(atPath: path) }
    for guess in ["learned", "network"] {
      for problem in Self.problems {
        let (report, lambda) = try Self.solve(
          "pgs:guess=\(guess),guess-weights=\(path),tolerance=1e-4,iterations=200000", problem)
        #expect(report.reason == .converged, "\(guess), \(kind)")
        Self.expectInSets(problem, lambda, "\(guess), \(kind)")
      }
    }
  }

  /// Conjugate gradients converge under any factor that is positive definite; so do they under any coarse space.
  @Test(arguments: Weights.allCases) func preconditionersStayPositiveDefinite(_ kind: Weights) throws {
    let models = [
      ("preconditioner-policy", "learned"), ("factor-correction", "learned-factor"), ("coarse-space", "deflation"),
    ]
    for (model, name) in models {
      let path = try Self.file(model, kind)
      defer { try? FileManager.default.removeItem(atPath: path) }
      #expect(Self.problems.contains { $0.isLinear })
      for problem in Self.problems {
        let (report, lambda) = try Self.solve(
          "pcg:preconditioner=\(name),preconditioner-weights=\(path),tolerance=1e-6", problem)
        // Where contacts make it the linear slot of another method, that one's limits hold.
        if problem.isLinear { #expect(report.reason == .converged, "\(name), \(kind)") }
        Self.expectInSets(problem, lambda, "\(name), \(kind)")
      }
    }
  }

  /// The bound of the safeguard: four sweeps, or a twentieth of what the fallback needs, are lost on a bad arm; the rest of
  /// the tenth is for a rate that was read off too few sweeps.
  @Test(arguments: Weights.allCases) func policiesCostLittleMoreThanTheFallback(_ kind: Weights) throws {
    let path = try Self.file("sweep-policy", kind)
    defer { try? FileManager.default.removeItem(atPath: path) }
    for (index, problem) in Self.problems.enumerated() {
      for tolerance in [1e-2, 1e-4] {
        let stop = "tolerance=\(tolerance),iterations=400000"
        let (plain, _) = try Self.solve("pgs:\(stop)", problem)
        let (report, lambda) = try Self.solve("learned-update:weights=\(path),margin=0,\(stop)", problem)
        #expect(report.reason == .converged, "\(kind), problem \(index)")
        #expect(
          Double(report.constraintPasses) <= 1.1 * Double(plain.constraintPasses) + 12, "\(kind), problem \(index)")
        Self.expectInSets(problem, lambda, "\(kind), problem \(index)")
      }
    }
  }

  /// Weights of steps decide where the plane of an increment lies, not how far one goes in it: the energy falls at least
  /// as far as by the sweep. It is the changes of velocity that end a solve, so some sweeps more are possible.
  @Test(arguments: Weights.allCases) func incrementsEndInSolutions(_ kind: Weights) throws {
    let path = try Self.file("sweep-increment", kind)
    defer { try? FileManager.default.removeItem(atPath: path) }
    for (index, problem) in Self.problems.enumerated() {
      let stop = "tolerance=1e-4,iterations=400000"
      let (plain, _) = try Self.solve("pgs:\(stop)", problem)
      let (report, lambda) = try Self.solve(
        "learned-update:increment=network,increment-weights=\(path),margin=0,\(stop)", problem)
      #expect(report.reason == .converged, "\(kind), problem \(index)")
      #expect(
        Double(report.constraintPasses) <= 1.5 * Double(plain.constraintPasses) + 12, "\(kind), problem \(index)")
      Self.expectInSets(problem, lambda, "\(kind), problem \(index)")
    }
  }

  /// Zero weights are the plain increment, bit for bit but for round-off of the velocities, which are made anew.
  @Test func zeroWeightsAreThePlainIncrement() throws {
    let path = try Self.file("sweep-increment", .zero)
    defer { try? FileManager.default.removeItem(atPath: path) }
    for problem in Self.problems {
      let stop = "policy=fixed,arm=3,tolerance=1e-3,iterations=2000"
      let (plain, _) = try Self.solve("learned-update:\(stop)", problem)
      let (report, _) = try Self.solve("learned-update:increment=network,increment-weights=\(path),\(stop)", problem)
      #expect((report.constraintPasses - plain.constraintPasses).magnitude <= 1)
    }
  }

  /// Before the first decision it is `pgs`, bit for bit.
  @Test func firstSweepsAreTheFallbacks() throws {
    for problem in Self.problems {
      let (_, plain) = try Self.solve("pgs:tolerance=0,iterations=3", problem)
      let (_, learned) = try Self.solve("learned-update:tolerance=0,iterations=3", problem)
      #expect(plain.array == learned.array)
    }
  }

  /// What the bandit has learned goes into a checkpoint and comes back.
  @Test func theBanditIsKept() throws {
    let text = "learned-update:policy=online,tolerance=1e-4,guess=zero"
    let first = try SolverCatalog.complete.make(text)
    let second = try SolverCatalog.complete.make(text)
    let lambda = Buffer<Double>()
    for _ in 0..<20 { _ = first.solve(Self.problems[0], into: lambda) }
    var archive = StateArchive()
    first.save(to: &archive)
    try second.restore(archive)
    for _ in 0..<20 {
      let a = first.solve(Self.problems[0], into: lambda)
      let b = second.solve(Self.problems[0], into: lambda)
      #expect(a.constraintPasses == b.constraintPasses)
    }
  }
}
