/// A performance profile (Dolan, Moré, "Benchmarking optimization software with performance profiles", 2002).
///
/// Of solver s on problem p with time t_ps, ∞ where it does not reach the tolerance, the ratio is r_ps = t_ps / min_s t_ps,
/// and ρ_s(τ) the share of the problems with r_ps ≤ τ: ρ_s(1) says how often s is the fastest, ρ_s(∞) how often it
/// solves the problem at all.
public struct PerformanceProfile: Codable, Sendable {
  /// ρ of one solver: a staircase.
  public struct Curve: Codable, Sendable {
    /// The solver as the user typed it.
    public var solver: String
    /// τ ≥ 1 at which the curve steps up, ascending, and ρ from there on.
    public var points: [Point]
  }

  /// A corner of a staircase.
  public struct Point: Codable, Sendable {
    /// τ.
    public var ratio: Double
    /// ρ(τ).
    public var share: Double
  }

  /// Number of problems; those that no solver solves count.
  public var problems: Int
  /// One curve a solver, in the order in which they were given.
  public var curves: [Curve]

  /// The profile of `times[solver][problem]`; nil where the solver failed.
  public init(solvers: [String], times: [[Double?]]) {
    problems = times.first?.count ?? 0
    let count = problems
    let best = (0..<count).map { problem in times.compactMap { $0[problem] }.min() }
    curves = zip(solvers, times).map { solver, own in
      let ratios = (0..<count).compactMap { problem in
        own[problem].flatMap { time in best[problem].map { $0 > 0 ? time / $0 : 1 } }
      }.sorted()
      var points: [Point] = []
      for (index, ratio) in ratios.enumerated() {
        let share = Double(index + 1) / Double(count)
        if let last = points.last, last.ratio == ratio {
          points[points.count - 1].share = share
        } else {
          points.append(Point(ratio: ratio, share: share))
        }
      }
      return Curve(solver: solver, points: points)
    }
  }
}
