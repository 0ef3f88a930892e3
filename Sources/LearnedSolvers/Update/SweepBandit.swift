import LinearAlgebra

/// A bandit over the arms that learns from what solves have cost: discounted UCB (Garivier, Moulines 2011) on the binary
/// logarithm of the passes. Nothing is drawn at random, so a run is the same run again.
///
///     choose   argmin over arms of  mean − c √(ln n / n_arm),   n = Σ n_arm
///     learn    n_i ← γ n_i, s_i ← γ s_i for all i;  n_arm += 1, s_arm += log₂ passes
///
/// c is the spread of the arms' own costs, so that a scene on which all arms are alike costs no exploration. γ = 0.995
/// forgets in some 200 solves: contacts come and go.
final class SweepBandit {
  private static let discount = 0.995
  private static let width = 0.15
  private var counts = [Double](repeating: 0, count: SweepArm.all.count)
  private var sums = [Double](repeating: 0, count: SweepArm.all.count)

  /// The arm of the next solve.
  func choose() -> Int {
    if let untried = counts.firstIndex(of: 0) { return untried }
    let total = SweepHistory.logarithm(max(counts.reduce(0, +), 2))
    var best = 0
    var lowest = Double.infinity
    for arm in 0..<counts.count {
      let bound = sums[arm] / counts[arm] - Self.width * (total / counts[arm]).squareRoot()
      if bound < lowest {
        best = arm
        lowest = bound
      }
    }
    return best
  }

  /// Takes in what a solve under an arm has cost; one that did not reach its tolerance counts double.
  func learn(_ arm: Int, passes: Int, reached: Bool) {
    for other in 0..<counts.count {
      counts[other] *= Self.discount
      sums[other] *= Self.discount
    }
    counts[arm] += 1
    sums[arm] += SweepHistory.logarithm(Double(max(passes, 1)) * (reached ? 1 : 2))
  }

  func save(to archive: inout StateArchive) { archive.add("bandit", numbers: counts + sums) }

  func restore(_ archive: StateArchive) throws {
    counts = [Double](repeating: 0, count: SweepArm.all.count)
    sums = counts
    guard archive.sections.contains(where: { $0.name == "bandit" }) else { return }
    let numbers = try archive.numbers("bandit", count: 2 * counts.count)
    counts = Array(numbers[..<counts.count])
    sums = Array(numbers[counts.count...])
  }
}
