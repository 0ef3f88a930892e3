import Dynamics
import LinearAlgebra
import Testing

@Suite struct ShapeReadingTests {
  struct Refusal: Error {
    var key: String
    var expected: String
  }

  /// Properties by name.
  struct Source: PropertySource {
    var values: [String: Any]

    func has(_ key: String) -> Bool { values[key] != nil }
    func value<T>(_ key: String, _ expected: String) throws -> T {
      guard let value = values[key] as? T else { throw invalid(key, expected: expected) }
      return value
    }
    func number(_ key: String) throws -> Double { try value(key, "a number") }
    func vector(_ key: String) throws -> Vector3 { try value(key, "three numbers") }
    func flag(_ key: String) throws -> Bool { try value(key, "true or false") }
    func text(_ key: String) throws -> String { try value(key, "a word") }
    func signal(_ key: String) throws -> Signal { throw invalid(key, expected: "no signal") }
    func body(_ key: String) throws -> BodyID? { throw invalid(key, expected: "no body") }
    func vectors(_ key: String) throws -> [Vector3] { try value(key, "points") }
    func triples(_ key: String) throws -> [SIMD3<Int32>] { try value(key, "triples") }
    func shapes(_ key: String) throws -> [PlacedShape] { try value(key, "shapes") }
    func invalid(_ key: String, expected: String) -> any Error { Refusal(key: key, expected: expected) }
  }

  private static let cube: [Vector3] = (0..<8).map {
    Vector3($0 & 1 == 0 ? -1 : 1, $0 & 2 == 0 ? -1 : 1, $0 & 4 == 0 ? -1 : 1)
  }

  private static let valid: [String: [String: Any]] = [
    "sphere": ["radius": 0.5, "hollow": true], "box": ["halfExtents": Vector3(1, 2, 3)],
    "capsule": ["radius": 0.1, "halfLength": 0.4], "cylinder": ["radius": 0.1, "halfHeight": 0.4],
    "hull": ["points": cube], "plane": [:],
    "mesh": ["vertices": cube, "triangles": [SIMD3<Int32>(0, 1, 2)]],
    "compound": ["children": [PlacedShape(Sphere(radius: 1))]],
  ]

  @Test func everyShapeIsReadFromItsOwnKeys() throws {
    // As many as there are shape files; a shape that is missing from the catalog is missing here.
    #expect(ShapeCatalog.all.count == 8)
    #expect(Set(ShapeCatalog.all.map { $0.typeName }).count == ShapeCatalog.all.count)
    for type in ShapeCatalog.all {
      let values = try #require(Self.valid[type.typeName])
      let shape = try type.init(reading: Source(values: values))
      #expect(!shape.pieces.isEmpty)
      #expect(Set(values.keys).isSubset(of: type.properties.map { $0.name }))
      for property in type.properties where property.isRequired {
        var without = values
        without[property.name] = nil
        let refusal = #expect(throws: Refusal.self) { try type.init(reading: Source(values: without)) }
        #expect(refusal?.key == property.name)
      }
    }
  }

  @Test func wrongValuesNameTheirKey() {
    let nan = Double.nan
    let cases: [(String, [String: Any], String)] = [
      ("sphere", ["radius": 0.0], "radius"), ("sphere", ["radius": -1.0], "radius"),
      ("sphere", ["radius": 1e200], "radius"), ("sphere", ["radius": nan], "radius"),
      ("box", ["halfExtents": Vector3(1, 0, 1)], "halfExtents"),
      ("box", ["halfExtents": Vector3(1, 1, -2)], "halfExtents"),
      ("box", ["halfExtents": Vector3(nan, 1, 1)], "halfExtents"),
      ("capsule", ["radius": 1.0, "halfLength": 0.0], "halfLength"),
      ("cylinder", ["radius": 1e-30, "halfHeight": 1.0], "radius"),
      ("hull", ["points": [Vector3.zero, .unitX, .unitY]], "points"),
      ("mesh", ["vertices": Self.cube, "triangles": [SIMD3<Int32>(0, 1, 8)]], "triangles"),
      (
        "mesh", ["vertices": [Vector3.zero, .unitX, Vector3(0, nan, 0)], "triangles": [SIMD3<Int32>(0, 1, 2)]],
        "vertices"
      ),
      ("compound", ["children": [PlacedShape]()], "children"),
      (
        "compound", ["children": [PlacedShape(Plane(), pose: RigidTransform(orientation: Quaternion(2, 0, 0, 0)))]],
        "children"
      ),
    ]
    for (name, values, key) in cases {
      let type = ShapeCatalog.all.first { $0.typeName == name }!
      let refusal = #expect(throws: Refusal.self) { try type.init(reading: Source(values: values)) }
      #expect(refusal?.key == key)
      #expect(refusal?.expected.isEmpty == false)
    }
  }

  /// The box around a turned shape against the support of points on its surface: never outside, and touched on all six
  /// sides up to the sampling (directions 1e-2 apart miss a round rim by 1e-4 of its radius).
  @Test func boundsAreTight() throws {
    var random = CollisionRandom(seed: 9)
    let hull = try ConvexHull(points: (0..<30).map { _ in random.vector(1) })
    for _ in 0..<50 {
      let pose = RigidTransform(position: random.vector(10), orientation: random.rotation())
      func check(_ shape: any Shape, support: (Vector3) -> Vector3) {
        let box = shape.bounds(at: pose)
        for axis in 0..<3 {
          for sign in [-1.0, 1] {
            var direction = Vector3.zero
            direction[axis] = sign
            let point = pose.apply(support(pose.orientation.inverseRotate(direction)))
            let side = sign > 0 ? box.upper[axis] : box.lower[axis]
            #expect((point[axis] - side).magnitude < 1e-13 * 100)
          }
        }
      }
      check(Sphere(radius: 0.4)) { 0.4 * $0 }
      check(Capsule(radius: 0.4, halfLength: 2)) { 0.4 * $0 + Vector3(0, $0.y > 0 ? 2 : -2, 0) }
      check(Box(halfExtents: Vector3(1, 2, 3))) { Vector3($0.x > 0 ? 1 : -1, $0.y > 0 ? 2 : -2, $0.z > 0 ? 3 : -3) }
      check(Cylinder(radius: 0.5, halfHeight: 2)) { d in
        let rim = Vector3(d.x, 0, d.z).normalized()
        return 0.5 * rim + Vector3(0, d.y > 0 ? 2 : -2, 0)
      }
      check(hull) { d in
        hull.polyhedron.vertices.array.max { $0.dot(d) < $1.dot(d) }!
      }
    }
    #expect(Plane().bounds(at: .identity) == .infinite)
  }
}
