/// What to show and how.
public struct ViewerOptions: Sendable {
  /// Name or path of a scene, or path of a recording; nil: the first scene, which is part of the program.
  public var input: String?
  /// Parameters of the scene.
  public var parameters: [(name: String, value: Double)] = []
  /// The driver's solver; nil: the scene's own.
  public var solver: String?
  /// Solvers whose worlds are compared with it.
  public var comparedSolvers: [String] = []
  /// Solvers that solve its problems too.
  public var shadowSolvers: [String] = []
  /// Size of a frame (pixels of a plain screen).
  public var width = 1280
  public var height = 720
  /// Pixels for one of a plain screen; nil: as the display says, 1 without a display.
  public var scale: Float?
  /// Names of the panels that are open; nil: the usual ones.
  public var panels: [String]?
  /// Names of the layers that are drawn; nil: joints.
  public var layers: [String]?
  /// Whether the worlds stand next to each other.
  public var isSideBySide = false
  /// Whether nothing but the stage is shown.
  public var isBare = false
  /// Whether it begins paused.
  public var isPaused = false
  /// Where the last frame is written (PNG); draws without a window.
  public var screenshot: String?
  /// Number of frames, each a sixtieth of a second, after which it ends; nil: when the user leaves.
  public var frames: Int?
  /// A script to be played.
  public var script: String?
  /// Where all frames are written (MP4, by ffmpeg).
  public var video: String?
  /// Whether there is no window.
  public var isOffscreen = false

  /// A window on the first scene.
  public init() {}
}

/// Names of the panels for `--panel`.
public enum PanelNames {
  /// All of them, separated by commas.
  public static var all: String { PanelCatalog.titles.map { "\"\($0)\"" }.joined(separator: ", ") }
}

/// Names of the layers for `--layer`.
public enum LayerNames {
  /// All of them, separated by commas.
  public static var all: String { Layer.allCases.map(\.rawValue).joined(separator: ", ") }
  /// Whether there is a layer of a name.
  public static func isName(_ name: String) -> Bool { Layer(rawValue: name) != nil }
}
