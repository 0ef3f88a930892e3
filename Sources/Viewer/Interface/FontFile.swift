import Foundation

/// The font of the interface: the first that is installed of those that have Greek and mathematical signs.
enum FontFile {
  static let candidates = [
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf", "/usr/share/fonts/TTF/DejaVuSans.ttf",
    "/usr/share/fonts/dejavu-sans-fonts/DejaVuSans.ttf", "/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf",
    "/usr/share/fonts/truetype/liberation/LiberationSans-Regular.ttf",
  ]

  /// Its path; nil: Dear ImGui's own, which has Latin letters alone.
  static var path: String? { candidates.first { FileManager.default.fileExists(atPath: $0) } }
}
