import ConstraintSystem
import Dynamics
import Foundation
import LinearAlgebra
import Solvers

/// Where scene files are read from.
enum SceneFiles: Sendable {
  /// The file system.
  case disk
  /// Texts by path: what a recording keeps.
  case archive([String: [UInt8]])
}

/// The content of a scene file and the file that it came from.
struct SceneDocument: Sendable {
  /// Largest file (bytes).
  static let maximumSize = 64 << 20

  /// Path of the file.
  let path: String
  /// Its content.
  let root: JSONValue
  /// Its text.
  let bytes: [UInt8]
  /// Where the files are that it includes.
  let files: SceneFiles

  /// Reads a file. Throws `InputError`: `missing`, or `data` with line and column.
  init(readingFileAt path: String, from files: SceneFiles = .disk) throws {
    if case .archive(let texts) = files {
      guard let bytes = texts[path] else { throw InputError(.missing, file: path, "is not in the archive") }
      try self.init(path: path, bytes: bytes, files: files)
      return
    }
    var status = stat()
    guard stat(path, &status) == 0 else { throw InputError(.missing, file: path, "no such file") }
    // A device or a pipe has no size and may never end.
    guard status.st_mode & S_IFMT == S_IFREG else { throw InputError(.data, file: path, "not a regular file") }
    guard status.st_size <= Self.maximumSize else {
      throw InputError(.data, file: path, "larger than \(Self.maximumSize >> 20) MB")
    }
    guard let data = FileManager.default.contents(atPath: path) else {
      throw InputError(.missing, file: path, "cannot be read")
    }
    try self.init(path: path, bytes: Array(data))
  }

  /// A document from its text. Throws `InputError` (`data`).
  init(path: String, bytes: [UInt8], files: SceneFiles = .disk) throws {
    self.path = path
    self.bytes = bytes
    self.files = files
    do {
      root = try JSONReader.read(bytes)
    } catch let error as JSONError {
      throw InputError(.data, file: path, place: "line \(error.line), column \(error.column)", error.message)
    }
    guard case .object = root else {
      throw InputError(.data, file: path, "expected an object, found \(root.description)")
    }
  }

  /// Name of the scene: the file's without its ending.
  var name: String {
    let file = path.split(separator: "/").last.map(String.init) ?? path
    return file.hasSuffix(".json") ? String(file.dropLast(5)) : file
  }

  /// The folder that the file lies in.
  var folder: String {
    path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
  }
}

extension SceneDocument {
  /// The keys of a scene file.
  static let keys = [
    SceneKey("$schema", .text, "the schema of this format, for editors"),
    SceneKey("summary", .text, "one or two sentences: what it is, its source", required: true),
    SceneKey("parameters", .map(.object("parameter")), "numbers that a run may set"),
    SceneKey("define", .map(.number), "derived numbers, each may use parameters and those before it"),
    SceneKey("gravity", .vector, "gravity (m/s²), default [0, -9.81, 0]"),
    SceneKey("timestep", .number, "length of a step (s), default 1/60"),
    SceneKey("substeps", .integer, "equal substeps of a step, default 1"),
    SceneKey("steps", .integer, "steps of a run, default 600"),
    SceneKey("law", .choice(FrictionLaw.allCases.map(\.rawValue)), "friction law, default convex"),
    SceneKey(
      "stabilization", .choice(Stabilization.allCases.map(\.rawValue)),
      "how position errors are kept from growing, default projection"),
    SceneKey("geometricStiffness", .flag, "whether joint forces stiffen the bodies that they hold, default false"),
    SceneKey("contactMargin", .number, "gap (m) below which a resting contact is kept, default 0.01"),
    SceneKey("solver", .text, "solver of a run, default newton"),
    SceneKey(
      "include", .list(.any([.text, .object("include")])),
      "other scene files, relative to this one, whose bodies, joints and forces come first"),
    SceneKey("bodies", .list(.any([.object("body"), .object("bodyGroup")])), "bodies and their generators"),
    SceneKey("joints", .list(.any([.object("joint"), .object("jointGroup")])), "joints and their generators"),
    SceneKey("forces", .list(.any([.object("force"), .object("forceGroup")])), "forces and their generators"),
    SceneKey(
      "oracles", .list(.any([.object("oracle"), .object("oracleGroup")])),
      "closed-form or published values that a run is checked against"),
  ]
  static let parameterKeys = [
    SceneKey("default", .literal, "value unless it is set", required: true),
    SceneKey("minimum", .literal, "smallest value", required: true),
    SceneKey("maximum", .literal, "largest value", required: true),
    SceneKey("integer", .flag, "whether only whole numbers make sense, default false"),
    SceneKey("summary", .text, "one line with the unit", required: true),
  ]
  static let includeKeys = [
    SceneKey("file", .text, "path relative to this file", required: true),
    SceneKey("prefix", .name, "what goes before the names of its bodies and joints"),
    SceneKey("set", .map(.number), "values of its parameters"),
  ]

  /// Summary and parameters, without building anything. Throws `InputError` (`data`).
  func header() throws -> (summary: String, parameters: [SceneFile.Parameter]) {
    let context = SceneContext(file: path, world: World(), prefix: "", budget: SceneBudget())
    let root = SceneNode(value: root, place: .root, context: context)
    try root.check(Self.keys)
    let parameters = try root["parameters"]?.fields() ?? []
    guard parameters.count <= 1000 else { throw root["parameters"]!.error("more than 1000 parameters") }
    return (
      try root.required("summary").text(),
      try parameters.map { name, node in
        if let objection = context.scope.objection(toNaming: name) { throw node.error(objection) }
        context.scope.define(name, 0)
        return try Self.parameter(name, node)
      }
    )
  }

  private static func parameter(_ name: String, _ node: SceneNode) throws -> SceneFile.Parameter {
    try node.check(parameterKeys)
    func literal(_ key: String) throws -> Double {
      let node = try node.required(key)
      guard case .number(let number) = node.value else { throw node.mismatch("a number") }
      return number
    }
    let minimum = try literal("minimum")
    let maximum = try literal("maximum")
    guard minimum <= maximum else { throw node.error("minimum \(minimum) is larger than maximum \(maximum)") }
    let parameter = SceneFile.Parameter(
      name: name, summary: try node.required("summary").text(), defaultValue: try literal("default"),
      range: minimum...maximum, isInteger: try node["integer"]?.flag() ?? false)
    if let objection = parameter.objection(to: parameter.defaultValue) {
      throw try node.required("default").error(objection)
    }
    return parameter
  }
}

extension SceneFile.Parameter {
  /// Why it cannot have a value; nil where it can.
  func objection(to value: Double) -> String? {
    let found = ExpressionScope.shortText(value)
    let bounds = "from \(ExpressionScope.shortText(range.lowerBound)) to \(ExpressionScope.shortText(range.upperBound))"
    guard range.contains(value), !isInteger || value == value.rounded() else {
      return "\(name) is \(found), expected a \(isInteger ? "whole number" : "number") \(bounds)"
    }
    return nil
  }
}
