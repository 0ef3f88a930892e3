import Foundation

/// A figure: its drawing, what it says, and the numbers in it.
public struct Figure: Sendable {
  /// Name of its kind, as `delassus plot --list` gives it.
  public var kind: String
  /// Heading.
  public var title: String
  /// What one sees, from the numbers, and what to look for.
  public var caption: String
  /// The numbers.
  public var table: FigureTable
  var drawing: Drawing

  /// How it is drawn.
  enum Drawing: Sendable {
    /// By gnuplot: size in pixels, commands after `set terminal`, a name for every plot of them.
    case gnuplot(width: Double, height: Double, commands: String, names: [String])
    /// As it is: by itself, and for a page.
    case svg(String, inline: String)
  }

  /// Throws `InputError` where figures cannot be drawn or `file` cannot be written: asked for before minutes are spent
  /// on measuring.
  public static func check(_ file: String) throws {
    try Gnuplot.find(for: file)
    try requireWritable(file)
  }

  /// The file is opened for appending, so that what was there stays until there is something better.
  static func requireWritable(_ file: String) throws {
    let existed = FileManager.default.fileExists(atPath: file)
    guard let handle = fopen(file, "a") else {
      throw InputError(.cannotWrite, file: file, "cannot be written: \(String(cString: strerror(errno)))")
    }
    fclose(handle)
    if !existed { try? FileManager.default.removeItem(atPath: file) }
  }

  /// Throws `InputError` for a file that is neither SVG nor PNG by its ending.
  public static func requirePictureName(_ file: String) throws {
    let name = file.lowercased()
    guard name.hasSuffix(".svg") || name.hasSuffix(".png") else {
      throw InputError(.usage, file: file, "expected a name that ends in .svg or .png")
    }
  }

  /// Draws into a file of its own, SVG or PNG by its ending, on white and with fixed colours. Throws `InputError`.
  public func draw(to file: String) throws {
    try Self.requirePictureName(file)
    if file.lowercased().hasSuffix(".png") { return try Gnuplot.write(png(for: file), to: file) }
    try Gnuplot.write(Data(svg(for: file).utf8), to: file)
  }

  /// A picture by itself: white ground and the heading in it.
  package func svg(for file: String) throws -> String {
    switch drawing {
    case .gnuplot(let width, let height, let commands, let names):
      let ground = "background \"\(FigureColor.paper.light)\""
      let head = Self.head("svg dynamic", width, height + Self.headingHeight, ground)
      let text = try Gnuplot.run(head + heading(height) + commands, for: file)
      return SVGText(String(decoding: text.picture, as: UTF8.self)).named(names)
    case .svg(let text, _):
      return text
    }
  }

  /// The same for a page: no ground, no heading, colours that the page can change, ids that begin with `prefix`.
  package func inlineSVG(prefix: String) throws -> String {
    switch drawing {
    case .gnuplot(let width, let height, let commands, let names):
      let text = try Gnuplot.run(Self.head("svg dynamic", width, height, "") + commands, for: title)
      return SVGText(SVGText(String(decoding: text.picture, as: UTF8.self)).named(names))
        .inlined(prefix: prefix, label: title)
    case .svg(_, let text):
      return SVGText(text).inlined(prefix: prefix, label: title)
    }
  }

  private func png(for file: String) throws -> Data {
    guard case .gnuplot(let width, let height, let commands, _) = drawing else {
      throw InputError(.usage, file: file, "the figure \(kind) is drawn as SVG alone; give a name that ends in .svg")
    }
    // Two pixels a unit: sharp on today's screens and in print.
    let head = Self.head(
      "pngcairo", width, height + Self.headingHeight, scale: 2, "fontscale 1.5 linewidth 2 pointscale 2")
    return try Gnuplot.run(head + heading(height) + commands, for: file).picture
  }

  /// What gnuplot says while it draws the figure: nothing, where all of it is right.
  package func complaint() throws -> String {
    guard case .gnuplot(let width, let height, let commands, _) = drawing else { return "" }
    return try Gnuplot.run(Self.head("svg", width, height, "") + commands, for: title).complaint
  }

  /// Room above the plot for the heading of a picture by itself (pixels).
  static let headingHeight = 34.0

  /// Commands after the terminal's line place things in pixels from below over `canvas`, so that room above changes
  /// nothing.
  private func heading(_ height: Double) -> String {
    "set label 9999 \(Gnuplot.quoted(title)) at screen 0.5, screen \(height + 14)/canvas center font \",15\" "
      + "textcolor rgb \"\(FigureColor.ink.light)\"\n"
  }

  private static func head(
    _ terminal: String, _ width: Double, _ height: Double, scale: Double = 1, _ options: String
  ) -> String {
    """
    set terminal \(terminal) size \(Int(scale * width)),\(Int(scale * height)) font "DejaVu Sans,12" noenhanced \(options)
    set encoding utf8
    canvas = \(height)

    """
  }
}
