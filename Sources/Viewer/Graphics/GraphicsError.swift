import Laboratory

/// Something that is missing for drawing: what, and what to do about it.
public struct GraphicsError: Error, CustomStringConvertible {
  /// One or two sentences.
  public let description: String

  init(_ description: String) { self.description = description }
}
