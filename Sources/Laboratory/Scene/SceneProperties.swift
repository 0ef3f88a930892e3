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

  func invalid(_ key: String, expected: String) -> any Error {
    guard let value = node[key] else { return node.error("the key \"\(key)\" is missing: expected \(expected)") }
    return value.error("expected \(expected)")
  }
}
