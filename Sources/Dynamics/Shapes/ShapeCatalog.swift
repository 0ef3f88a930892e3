/// Every shape by name: one line each. Adding a shape adds its file and its line, nothing else.
public enum ShapeCatalog {
  /// All shape types, in the order of listings.
  public static let all: [any Shape.Type] = [
    Sphere.self,
    Box.self,
    Capsule.self,
    Cylinder.self,
    ConvexHull.self,
    Plane.self,
    TriangleMesh.self,
    Compound.self,
  ]
}
