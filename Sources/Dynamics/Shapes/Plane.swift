import LinearAlgebra

/// The half-space y ≤ 0 of its frame: solid below, its surface the plane y = 0. It has no mass.
public struct Plane: Shape {
  /// The half-space y ≤ 0.
  public init() {}

  public static let typeName = "plane"
  public static let summary = "half-space y ≤ 0 of its frame; without mass"
  public static let properties: [PropertyDescriptor] = []

  public init(reading source: any PropertySource) throws { self.init() }

  public var pieces: [ShapePiece] { [ShapePiece(Geometry(.plane))] }

  public func massProperties(density: Double) -> MassProperties? { nil }
}
