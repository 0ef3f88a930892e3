import Foundation

/// The colours of figures and of the report, each for light and for dark surroundings.
///
/// A figure is drawn in the light colours. Within a page every one of them becomes a CSS custom property of the same
/// name with the light colour as fallback, so that the page can turn dark; for that no two may have the same light
/// value.
package struct FigureColor: Sendable, Hashable {
  /// Name of the custom property, without the dashes.
  package var name: String
  /// On white, as "#rrggbb".
  package var light: String
  /// On nearly black.
  package var dark: String

  init(_ name: String, _ light: String, _ dark: String) {
    self.name = name
    self.light = light
    self.dark = dark
  }

  /// As a value of CSS.
  package var css: String { "var(--\(name), \(light))" }

  static let ink = FigureColor("ink", "#22262b", "#e4e7eb")
  static let soft = FigureColor("soft", "#5d646d", "#a2aab5")
  static let grid = FigureColor("grid", "#e3e6ea", "#31363f")
  static let frame = FigureColor("frame", "#9aa1aa", "#666e7a")
  static let muted = FigureColor("muted", "#b6bcc5", "#535b67")
  static let paper = FigureColor("paper", "#ffffff", "#171a1f")
  static let plate = FigureColor("plate", "#f7f8fa", "#1f2329")
  /// Text on small and on large heat.
  static let onLow = FigureColor("on-low", "#1d2b3d", "#cfdaea")
  static let onHigh = FigureColor("on-high", "#fdfeff", "#0c1622")
  static let accent = FigureColor("accent", "#0b5fae", "#7cbcff")

  /// One a solver: apart in lightness too, so that they stay apart for eyes that confuse red and green.
  package static let series = [
    FigureColor("series-0", "#1b64b0", "#6cb2ff"), FigureColor("series-1", "#d1480b", "#ff8f5a"),
    FigureColor("series-2", "#007a5a", "#35cf9f"), FigureColor("series-3", "#b23a8e", "#f291d0"),
    FigureColor("series-4", "#a87600", "#e9bb45"), FigureColor("series-5", "#16a0ba", "#5bd8ec"),
    FigureColor("series-6", "#5a3fb8", "#b29dff"), FigureColor("series-7", "#8a1538", "#ff7b93"),
    FigureColor("series-8", "#6a8a00", "#b9d63a"), FigureColor("series-9", "#6b5344", "#cdb4a2"),
  ]

  /// One a stage of a step, in the order of `StepStage.allCases`.
  package static let stages = [
    FigureColor("stage-broadphase", "#b3bfc9", "#5f6d79"), FigureColor("stage-narrowphase", "#7f909e", "#8b9cab"),
    FigureColor("stage-assembly", "#dda53a", "#d9a441"), FigureColor("stage-guess", "#9272c4", "#a98ad9"),
    FigureColor("stage-setup", "#e2702b", "#f08a4b"), FigureColor("stage-solve", "#2369b3", "#5aa5f0"),
    FigureColor("stage-inference", "#c4438f", "#e87abb"), FigureColor("stage-integration", "#4a9f6e", "#5fc08a"),
    FigureColor("stage-other", "#8d8b86", "#a5a39e"),
  ]

  /// From small to large: darker on white, lighter on black.
  package static let heat: [FigureColor] = (0..<16).map { index in
    let place = Double(index) / 15
    return FigureColor(
      "heat-\(index)",
      hexadecimal(mix([SIMD3(222, 234, 247), SIMD3(66, 133, 190), SIMD3(8, 29, 88)], place)),
      hexadecimal(mix([SIMD3(33, 44, 60), SIMD3(45, 118, 182), SIMD3(216, 238, 255)], place)))
  }

  /// The heat colour of a share between 0 and 1.
  static func heat(_ share: Double) -> FigureColor { heat[min(max(Int(share * 16), 0), 15)] }

  /// All of them.
  package static let all =
    [ink, soft, grid, frame, muted, paper, plate, onLow, onHigh, accent] + series + stages + heat

  /// The custom properties for one of the two surroundings: a list of CSS declarations.
  package static func declarations(dark: Bool) -> String {
    all.map { "--\($0.name): \(dark ? $0.dark : $0.light);" }.joined(separator: " ")
  }

  private static func mix(_ stops: [SIMD3<Double>], _ place: Double) -> SIMD3<Double> {
    let scaled = min(max(place, 0), 1) * Double(stops.count - 1)
    let first = min(Int(scaled), stops.count - 2)
    return stops[first] + (stops[first + 1] - stops[first]) * (scaled - Double(first))
  }

  private static func hexadecimal(_ color: SIMD3<Double>) -> String {
    String(format: "#%02x%02x%02x", Int(color.x), Int(color.y), Int(color.z))
  }
}
