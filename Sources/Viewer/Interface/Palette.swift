import Dynamics
import Laboratory
import LinearAlgebra

/// The colours of the stage, linear RGB, and of solvers and stages in the panels.
enum Palette {
  /// Of bodies, by number: muted, so that what is drawn over them stands out.
  private static let bodies: [SIMD3<Float>] = [
    linear(0x7d97ba), linear(0xc99a6b), linear(0x82ab86), linear(0xb58aa5), linear(0xc0b27a), linear(0x7fb0b5),
    linear(0xa18fc0), linear(0xbd7f78),
  ]
  private static let fixed = linear(0x6b727c)

  static func body(_ index: Int, _ kind: BodyKind) -> SIMD3<Float> {
    kind == .dynamic ? bodies[index % bodies.count] : fixed
  }

  /// Of an island; grey for what does not move.
  static func island(_ island: Int32) -> SIMD3<Float> {
    guard island >= 0 else { return fixed }
    // Steps of the golden angle: neighbours in number are far apart in hue.
    let hue = Float(Double(island) * 0.618_033_988_75 - (Double(island) * 0.618_033_988_75).rounded(.down))
    return SIMD3(channel(hue + 1.0 / 3), channel(hue), channel(hue + 2.0 / 3))
  }

  private static func channel(_ hue: Float) -> Float {
    let x = hue - hue.rounded(.down)
    let value: Float = x < 1.0 / 6 ? 6 * x : x < 0.5 ? 1 : x < 2.0 / 3 ? 6 * (2.0 / 3 - x) : 0
    return 0.10 + 0.40 * value
  }

  /// Of the world or solver of a number, for panels.
  static func series(_ index: Int) -> GUIColor {
    GUIColor(css: FigureColor.series[index % FigureColor.series.count].dark)
  }

  /// The same for bodies.
  static func seriesBody(_ index: Int) -> SIMD3<Float> {
    linear(UInt32(FigureColor.series[index % FigureColor.series.count].dark.dropFirst(), radix: 16) ?? 0)
  }

  /// Of a stage of the step.
  static func stage(_ index: Int) -> GUIColor { GUIColor(css: FigureColor.stages[index].dark) }

  /// Of what a contact does, for lines.
  static func mode(_ mode: ContactMode) -> SIMD4<Float> {
    switch mode {
    case .open: SIMD4(0.62, 0.65, 0.70, 1)
    case .sticking: SIMD4(0.36, 0.86, 0.50, 1)
    case .sliding: SIMD4(1.0, 0.60, 0.20, 1)
    }
  }

  static func activity(_ activity: SystemPicture.Activity) -> GUIColor {
    switch activity {
    case .joint: GUIColor(0x6cb2ff)
    case .open: GUIColor(0x5b6470)
    case .sticking: GUIColor(0x5cdb80)
    case .sliding: GUIColor(0xff9933)
    case .atBound: GUIColor(0xff7b93)
    case .inside: GUIColor(0xb29dff)
    case .body: GUIColor(0x5fa8a8)
    }
  }

  /// An error of a joint (m): blue at 1 µm, red at 10 mm.
  static func error(_ error: Double) -> SIMD4<Float> {
    let decades = error > 0 ? min(max((Self.decimalLogarithm(error) + 6) / 4, 0), 1) : 0
    let t = Float(decades)
    return SIMD4(0.35 + 0.65 * t, 0.68 - 0.32 * t, 1.0 - 0.72 * t, 1)
  }

  private static func decimalLogarithm(_ value: Double) -> Double {
    // Exponent and a chord of the mantissa: a colour needs no more.
    (Double(value.exponent) + value.significand - 1) * 0.301_03
  }

  private static func linear(_ rgb: UInt32) -> SIMD3<Float> {
    func channel(_ shift: UInt32) -> Float {
      let v = Float(rgb >> shift & 0xff) / 255
      // sRGB's curve, near enough.
      return v * v * (0.15 + 0.85 * v) * 0.98
    }
    return SIMD3(channel(16), channel(8), channel(0))
  }
}
