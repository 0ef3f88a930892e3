/// Sine, cosine and arc tangent from additions, products, quotients and roots alone.
///
/// The C library's versions differ in the last bit between processors (it picks kernels at run time), and a simulation
/// step has to give the same bits everywhere. Accurate to 2 units in the last place for |x| ≤ 1e5.
public enum Trigonometry {
  /// sin x and cos x; x in radians. Not finite for |x| > 1e9, where the reduction has lost its accuracy.
  public static func sineAndCosine(_ x: Double) -> (sine: Double, cosine: Double) {
    guard x.magnitude < 1e9 else { return (.nan, .nan) }
    // x = k·π/2 + r with π/2 in three parts (Cody and Waite), |r| ≤ π/4.
    let k = (x * (2 / Double.pi)).rounded(.toNearestOrEven)
    let r = ((x - k * 1.5707963267341256) - k * 6.0771005063039659e-11) - k * 2.0222662487959506e-21
    let q = r * r
    let sine =
      r
      * (1 - q / 6
        * (1 - q / 20 * (1 - q / 42 * (1 - q / 72 * (1 - q / 110 * (1 - q / 156 * (1 - q / 210 * (1 - q / 272))))))))
    let cosine =
      1 - q / 2
      * (1 - q / 12
        * (1 - q / 30 * (1 - q / 56 * (1 - q / 90 * (1 - q / 132 * (1 - q / 182 * (1 - q / 240 * (1 - q / 306))))))))
    switch Int(k) & 3 {
    case 0: return (sine, cosine)
    case 1: return (cosine, -sine)
    case 2: return (-sine, -cosine)
    default: return (-cosine, sine)
    }
  }

  /// sin x; x in radians.
  public static func sine(_ x: Double) -> Double { sineAndCosine(x).sine }
  /// cos x; x in radians.
  public static func cosine(_ x: Double) -> Double { sineAndCosine(x).cosine }

  /// The angle of the point (x, y) in (−π, π]; 0 at the origin.
  public static func arcTangent(_ y: Double, _ x: Double) -> Double {
    let ay = y.magnitude
    let ax = x.magnitude
    if ax == 0 && ay == 0 { return 0 }
    var angle = ay <= ax ? arcTangent(unit: ay / ax) : Double.pi / 2 - arcTangent(unit: ax / ay)
    if x < 0 { angle = Double.pi - angle }
    return y < 0 ? -angle : angle
  }

  /// arctan t for t in [0, 1]: halved twice by tan(a/2) = t/(1 + √(1 + t²)), then its series in t².
  private static func arcTangent(unit t: Double) -> Double {
    let half = t / (1 + (1 + t * t).squareRoot())
    let quarter = half / (1 + (1 + half * half).squareRoot())
    let q = quarter * quarter
    var sum = 0.0
    var n = 23.0
    while n >= 1 {
      sum = 1 / n - q * sum
      n -= 2
    }
    return 4 * quarter * sum
  }
}
