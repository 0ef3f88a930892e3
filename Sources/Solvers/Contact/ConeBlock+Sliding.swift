import ConstraintSystem

/// The exact solution of one contact point with three rows.
///
/// With c = w − D λ the velocity is w' = D λ' + c. Three cases, tried in turn:
///
///     stick   λ' = −D⁻¹ c, in the cone
///     open    λ' = 0, c pointing outward: c_n ≥ 0 (coulomb), c_n ≥ μ‖c_t‖ (convex)
///     slide   λ' = n g, g = (1, μ e), ‖e‖ = 1, with w'_t antiparallel to e and
///             w'_n = 0 (coulomb) or g · w' = 0 (convex)
///
/// Sliding is one equation in the angle of e, r(θ) = e⊥ · w'_t = 0, because either law gives n for a given e; Newton
/// from the last direction, a rotation instead of an angle, so no sine. Three rounds are the rule.
extension ConeBlock {
  /// λ' of a sliding contact; nil where Newton does not find it.
  @inline(__always)
  static func slide(
    _ d: UnsafePointer<Double>, _ c: (Double, Double, Double), friction mu: Double, isConvex: Bool,
    from start: (Double, Double)
  ) -> (Double, Double, Double)? {
    var (e1, e2) = start
    let length = (e1 * e1 + e2 * e2).squareRoot()
    guard length > 0 else { return nil }
    e1 /= length
    e2 /= length
    for _ in 0..<12 {
      // D g.
      let a = d[0] + mu * (d[1] * e1 + d[2] * e2)
      let b1 = d[3] + mu * (d[4] * e1 + d[5] * e2)
      let b2 = d[6] + mu * (d[7] * e1 + d[8] * e2)
      // Derivatives by θ: e' = e⊥ = (−e₂, e₁).
      let aPrime = mu * (d[2] * e1 - d[1] * e2)
      let b1Prime = mu * (d[5] * e1 - d[4] * e2)
      let b2Prime = mu * (d[8] * e1 - d[7] * e2)
      let n: Double
      let nPrime: Double
      if isConvex {
        let q = a + mu * (b1 * e1 + b2 * e2)
        guard q > 0 else { return nil }
        let inverse = 1 / q
        n = -(c.0 + mu * (c.1 * e1 + c.2 * e2)) * inverse
        let qPrime = aPrime + mu * (b1Prime * e1 + b2Prime * e2 + b2 * e1 - b1 * e2)
        nPrime = -(mu * (c.2 * e1 - c.1 * e2) + n * qPrime) * inverse
      } else {
        guard a > 0 else { return nil }
        let inverse = 1 / a
        n = -c.0 * inverse
        nPrime = -n * aPrime * inverse
      }
      guard n > 0 else { return nil }
      let w1 = c.1 + n * b1
      let w2 = c.2 + n * b2
      let r = w2 * e1 - w1 * e2
      let along = w1 * e1 + w2 * e2
      let slope = (nPrime * b2 + n * b2Prime) * e1 - (nPrime * b1 + n * b1Prime) * e2 - along
      // Where r falls there is no root to be wanted nearby: turn towards −w.
      var turn = slope > 0 ? -r / slope : (r > 0 ? -1 : 1)
      turn = min(max(turn, -1), 1)
      if turn.magnitude <= 1e-5 {
        // Newton squares the error, so this turn is the last; the next visit starts from here.
        guard along <= 0 else { return nil }
        let cosine = 1 - 0.5 * turn * turn
        let end = n + nPrime * turn
        let side = mu * end
        return (end, side * (cosine * e1 - turn * e2), side * (cosine * e2 + turn * e1))
      }
      let x1 = e1 - turn * e2
      let x2 = e2 + turn * e1
      // 1/√(1 + t²), by its series where that is exact to the last bit.
      let squared = turn * turn
      let scale =
        squared < 1e-5 ? 1 - squared * (0.5 - 0.375 * squared) : 1 / (x1 * x1 + x2 * x2).squareRoot()
      e1 = scale * x1
      e2 = scale * x2
    }
    return nil
  }

  /// λ' − λ of a contact point with three rows under the cone laws; nil where it slides and no direction is found.
  @inline(__always)
  static func solveThree(
    friction mu: Double, isConvex: Bool, coupling d: UnsafePointer<Double>, inverse: UnsafePointer<Double>,
    lambda: UnsafePointer<Double>, w: (Double, Double, Double)
  ) -> (Double, Double, Double)? {
    let l0 = lambda[0]
    let l1 = lambda[1]
    let l2 = lambda[2]
    let s0 = l0 - (inverse[0] * w.0 + inverse[1] * w.1 + inverse[2] * w.2)
    let s1 = l1 - (inverse[3] * w.0 + inverse[4] * w.1 + inverse[5] * w.2)
    let s2 = l2 - (inverse[6] * w.0 + inverse[7] * w.1 + inverse[8] * w.2)
    let bound = mu * s0
    if s0 >= 0 && s1 * s1 + s2 * s2 <= bound * bound { return (s0 - l0, s1 - l1, s2 - l2) }

    let c0 = w.0 - (d[0] * l0 + d[1] * l1 + d[2] * l2)
    let c1 = w.1 - (d[3] * l0 + d[4] * l1 + d[5] * l2)
    let c2 = w.2 - (d[6] * l0 + d[7] * l1 + d[8] * l2)
    let side = isConvex ? mu * (c1 * c1 + c2 * c2).squareRoot() : 0
    if c0 >= side || d[0] <= 0 { return (-l0, -l1, -l2) }
    if mu == 0 { return (-c0 / d[0] - l0, -l1, -l2) }
    let from = l1 != 0 || l2 != 0 ? (l1, l2) : (s0 > 0 ? (s1, s2) : (-c1, -c2))
    guard let x = slide(d, (c0, c1, c2), friction: mu, isConvex: isConvex, from: from) else { return nil }
    return (x.0 - l0, x.1 - l1, x.2 - l2)
  }
}
