import ConstraintSystem
import LinearAlgebra

/// The stages of a step, under the names that recordings, tables, panels and legends use.
public enum StepStage: String, CaseIterable, Sendable, Codable {
  case broadphase, narrowphase, assembly, guess, setup, solve, inference, integration, other
}

/// What one step cost and how good it was. Times in seconds.
public struct StepRecord: Sendable {
  /// Number of the step, from 0.
  public var step = 0
  /// Time of the world after the step (s).
  public var time = 0.0
  /// Time of every stage (s), indexed by `StepStage.allCases`.
  public var stages = StageTimes()
  /// Time of the whole step (s), without the laboratory's own measuring.
  public var total = 0.0
  /// Rows, contacts, blocks and islands of the velocity problem (of the last substep).
  public var rows = 0
  /// Contact points.
  public var contacts = 0
  /// Islands.
  public var islands = 0
  /// The velocity solves, summed over substeps.
  public var report = SolveReport()
  /// The position solves, summed over substeps.
  public var positionReport = SolveReport()
  /// The judge's word on λ, the worst of the substeps.
  public var residual = NaturalMap.Residual()
  /// Largest penetration after the step (m), ≥ 0.
  public var penetration = 0.0
  /// Largest joint error after the step (m; rad on angular rows).
  public var jointError = 0.0
  /// Mechanical energy after the step (J), see `World.mechanicalEnergy`.
  public var energy = 0.0
  /// Linear momentum (kg·m/s) and angular momentum about the origin (kg·m²/s) after the step.
  public var momentum = Vector6.zero
  /// Largest ω h of a body under its joints' forces: beyond 2 a substep is too long, see problem.md.
  public var stiffnessRatio = 0.0
  /// What the stages handed on, where the settings ask for it.
  public var stageHashes = StageHashes()
  /// Hash of the state after the step and all steps before it.
  public var stateHash: UInt64 = 0

  /// An empty record.
  public init() {}
}

/// Seconds by stage.
public struct StageTimes: Sendable, BitwiseCopyable {
  private var values = SIMD16<Double>()

  /// All zero.
  public init() {}

  /// Seconds of one stage.
  public subscript(stage: StepStage) -> Double {
    get { values[Self.index(stage)] }
    set { values[Self.index(stage)] = newValue }
  }

  /// Seconds of all stages.
  public var sum: Double { values.sum() }

  private static func index(_ stage: StepStage) -> Int {
    switch stage {
    case .broadphase: 0
    case .narrowphase: 1
    case .assembly: 2
    case .guess: 3
    case .setup: 4
    case .solve: 5
    case .inference: 6
    case .integration: 7
    case .other: 8
    }
  }
}
