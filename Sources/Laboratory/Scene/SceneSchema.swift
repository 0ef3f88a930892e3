import Dynamics
import LinearAlgebra

/// The JSON Schema (2020-12) of scene files, made from the tables that the reader checks against, so that both say the
/// same. `Scenes/scene.schema.json` is its text; a test compares them.
public enum SceneSchema {
  /// The schema as JSON.
  public static var text: String { schema.text() }

  static var schema: JSONValue {
    object(
      [
        ("$schema", .text("https://json-schema.org/draft/2020-12/schema")),
        ("$id", .text("scene.schema.json")),
        ("title", .text("Scene")),
        (
          "description",
          .text(
            "A world, its parameters and what is known about its motion. SI units. JSON with // and /* */ comments and "
              + "trailing commas. Wherever a number is expected, a text is an expression over the parameters, the "
              + "derived numbers and the loop variables: + - * / ^ ( ), comparisons, && || !, pi, degree, "
              + (ExpressionFunction.all.map(\.name) + ["random"]).map { "\($0)()" }.joined(separator: ", ") + ".")
        ),
      ] + objectFields(SceneDocument.keys) + [("$defs", object(definitions))])
  }

  /// Every object of the format by name, in the schema's order.
  static var definitions: [(String, JSONValue)] {
    [
      ("number", .object(fields([("anyOf", .list([type("number"), type("string")]))]))),
      ("integer", .object(fields([("anyOf", .list([type("integer"), type("string")]))]))),
      ("flag", .object(fields([("anyOf", .list([type("boolean"), type("string")]))]))),
      ("parameter", keyed(SceneDocument.parameterKeys)),
      ("include", keyed(SceneDocument.includeKeys)),
      ("rotation", keyed(BodyReader.rotationKeys)),
      ("signal", keyed(SceneNode.signalKeys)),
      ("sine", keyed(SceneNode.sineKeys)),
      ("vectorSignal", keyed(SceneNode.vectorSignalKeys)),
      ("body", keyed(BodyReader.keys)),
      ("shape", choice(ShapeCatalog.all.map { ($0.typeName, $0.summary, BodyReader.shapeKeys($0)) })),
      ("child", keyed(BodyReader.childKeys)),
      ("joint", choice(JointCatalog.all.map { ($0.typeName, $0.summary, JointReader.keys($0)) })),
      ("force", keyed(ForceReader.keys)),
      ("oracle", choice(OracleCatalog.all.map { ($0.typeName, $0.summary, OracleCatalog.commonKeys + $0.keys) })),
    ] + SceneSection.allCases.map { ($0.entry + "Group", keyed(SceneGenerator.groupKeys($0))) }
  }

  /// An object with one of several sets of keys, told apart by "type".
  private static func choice(_ types: [(name: String, summary: String, keys: [SceneKey])]) -> JSONValue {
    object([
      (
        "oneOf",
        .list(
          types.map { type in
            var keys = type.keys
            for index in keys.indices where keys[index].name == "type" { keys[index].kind = .choice([type.name]) }
            return object([("description", .text(type.summary))] + objectFields(keys))
          })
      )
    ])
  }

  private static func keyed(_ keys: [SceneKey]) -> JSONValue { object(objectFields(keys)) }

  private static func objectFields(_ keys: [SceneKey]) -> [(String, JSONValue)] {
    var result: [(String, JSONValue)] = [("type", .text("object"))]
    result.append(
      (
        "properties",
        object(
          keys.map { key in
            guard case .object(let fields) = schema(of: key.kind) else { return (key.name, .null) }
            return (key.name, .object(fields + [JSONValue.Field(key: "description", value: .text(key.summary))]))
          })
      ))
    let required = keys.filter(\.isRequired).map { JSONValue.text($0.name) }
    if !required.isEmpty { result.append(("required", .list(required))) }
    result.append(("additionalProperties", .flag(false)))
    return result
  }

  private static func schema(of kind: SceneKey.Kind) -> JSONValue {
    switch kind {
    case .number: return reference("number")
    case .integer: return reference("integer")
    case .flag: return reference("flag")
    case .literal: return type("number")
    case .text, .name: return type("string")
    case .choice(let words): return object([("enum", .list(words.map { .text($0) }))])
    case .numbers(let count):
      return object([
        ("type", .text("array")), ("items", reference("number")), ("minItems", .number(Double(count))),
        ("maxItems", .number(Double(count))),
      ])
    case .list(let kind): return object([("type", .text("array")), ("items", schema(of: kind))])
    case .map(let kind): return object([("type", .text("object")), ("additionalProperties", schema(of: kind))])
    case .object(let name): return reference(name)
    case .any(let kinds): return object([("anyOf", .list(kinds.map { schema(of: $0) }))])
    }
  }

  private static func type(_ name: String) -> JSONValue { object([("type", .text(name))]) }
  private static func reference(_ name: String) -> JSONValue { object([("$ref", .text("#/$defs/\(name)"))]) }
  private static func object(_ content: [(String, JSONValue)]) -> JSONValue { .object(fields(content)) }
  private static func fields(_ content: [(String, JSONValue)]) -> [JSONValue.Field] {
    content.map { JSONValue.Field(key: $0.0, value: $0.1) }
  }
}
