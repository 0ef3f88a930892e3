import LinearAlgebra

/// The half-space y ≤ 0 of its frame: solid below, its surface the plane y = 0. It has no mass.
public struct Plane: Shape {
  /// The half-space y ≤ 0.
  public init() {}

  /// The name in scene files.
  public static let typeName = "plane"
  /// One line for listings.
  public static let summary = "half-space y ≤ 0 of its frame; without mass"
  /// The keys that it is read from.
  public static let properties: [PropertyDescriptor] = []

  /// Reads it from a scene; throws the source's error for a value that cannot be used.
  public init(reading source: any PropertySource) throws { self.init() }

  /// The pieces that collide.
  public var pieces: [ShapePiece] { [ShapePiece(Geometry(.plane))] }

  /// None: it has no volume.
  public func massProperties(density: Double) -> MassProperties? { nil }
}
