import LinearAlgebra

/// Several shapes as one rigid shape.
///
/// Masses add up by the parallel-axis theorem; where children overlap, the common volume counts twice. A compound with
/// a child that has no volume has no mass properties.
public struct Compound: Shape {
  /// The shapes and their poses in the compound's frame.
  public let children: [PlacedShape]
  /// The pieces of all children.
  public let pieces: [ShapePiece]

  /// Most pieces that a compound may have.
  public static let pieceLimit = 4096

  /// A compound of `children`, at least one. Throws `ShapeError.invalidChildren`.
  public init(children: [PlacedShape]) throws {
    guard !children.isEmpty else { throw ShapeError.invalidChildren("at least one child shape") }
    var pieces: [ShapePiece] = []
    for (index, child) in children.enumerated() {
      guard child.pose.position.isFinite, (child.pose.orientation.norm - 1).magnitude < 1e-6 else {
        throw ShapeError.invalidChildren("children at finite positions with unit quaternions; child \(index) is not")
      }
      for piece in child.shape.pieces {
        let local = RigidTransform(position: child.pose.position, orientation: child.pose.orientation.normalized)
        pieces.append(ShapePiece(piece.geometry, local: local * piece.local))
      }
      guard pieces.count <= Self.pieceLimit else {
        throw ShapeError.invalidChildren("at most \(Self.pieceLimit) pieces in a compound")
      }
    }
    self.children = children
    self.pieces = pieces
  }

  /// The name in scene files.
  public static let typeName = "compound"
  /// One line for listings.
  public static let summary = "several shapes as one"
  /// The keys that it is read from.
  public static let properties = [
    PropertyDescriptor("children", .shapes, "the shapes and their poses in the compound's frame", required: true)
  ]

  /// Reads it from a scene; throws the source's error for a value that cannot be used.
  public init(reading source: any PropertySource) throws {
    do {
      try self.init(children: try source.shapes("children"))
    } catch let error as ShapeError {
      throw source.invalid("children", expected: error.description)
    }
  }

  /// Mass properties at `density` (kg/m³).
  public func massProperties(density: Double) -> MassProperties? {
    var sum = MassProperties.zero
    for child in children {
      guard let part = child.shape.massProperties(density: density) else { return nil }
      sum = sum + part.transformed(by: child.pose)
    }
    return sum
  }
}
