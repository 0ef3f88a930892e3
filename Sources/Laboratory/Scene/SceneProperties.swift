import Dynamics
import LinearAlgebra

/// The properties of a joint or a shape as a scene file has them.
struct SceneProperties: PropertySource {
  let node: SceneNode

  func has(_ key: String) -> Bool { node[key] != nil }
  func number(_ key: String) throws -> Double { try node.required(key).number() }
  func vector(_ key: String) throws -> Vector3 { try node.required(key).vector() }
  func flag(_ key: String) throws -> Bool { try node.required(key).flag() }
  func text(_ key: String) throws -> String { try node.required(key).text() }
  func signal(_ key: String) throws -> Signal { try node.required(key).signal() }
  func body(_ key: String) throws -> BodyID? { try node.required(key).body() }
  func vectors(_ key: String) throws -> [Vector3] {
    try node.required(key).items(of: "a list of points").map { try $0.vector() }
  }

  func triples(_ key: String) throws -> [SIMD3<Int32>] {
    let range = Int(Int32.min)...Int(Int32.max)
    return try node.required(key).items(of: "a list of triples of whole numbers").map { item in
      let triple = try item.items(count: 3, of: "three whole numbers")
      return SIMD3(
        Int32(try triple[0].integer(in: range)), Int32(try triple[1].integer(in: range)),
        Int32(try triple[2].integer(in: range)))
    }
  }

  func shapes(_ key: String) throws -> [PlacedShape] {
    try node.required(key).items(of: "a list of shapes").map { item in
      try item.check(BodyReader.childKeys)
      return PlacedShape(try BodyReader.shape(try item.required("shape")), pose: try BodyReader.pose(item))
    }
  }

  func invalid(_ key: String, expected: String) -> any Error {
    guard let value = node[key] else { return node.error("the key \"\(key)\" is missing: expected \(expected)") }
    return value.error("expected \(expected)")
  }
}
