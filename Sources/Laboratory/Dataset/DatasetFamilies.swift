import ConstraintSystem
import Foundation
import Solvers

/// Reads what a dataset is made of: scenes, and JSON files of families such as `Training/families.json`.
public enum DatasetFamilies {
  private static let keys = [
    "name", "scene", "group", "split", "parameters", "law", "steps", "noise", "timestep", "substeps", "weight",
    "samples",
  ]

  /// The families of the arguments in their order: files of families, scene files, names of scenes. Throws `InputError`.
  public static func read(_ arguments: [String]) throws -> [DatasetFamily] {
    var families: [DatasetFamily] = []
    for argument in arguments {
      if argument.hasSuffix(".json"), let list = try list(argument) {
        families += try list.enumerated().map { index, value in
          try family(value, file: argument, place: "families[\(index)]")
        }
      } else {
        families.append(DatasetFamily(try SceneFile.find(argument)))
      }
    }
    var names: Set<String> = []
    for family in families where !names.insert(family.name).inserted {
      throw InputError(.usage, place: family.name, "is the name of two families")
    }
    return families
  }

  /// The families that a split draws from: held-out ones, or those of training, which validation shares with other seeds.
  /// nil: all.
  public static func select(_ families: [DatasetFamily], split: DatasetFamily.Split?) throws -> [DatasetFamily] {
    guard let split else { return families }
    var chosen = families.filter { $0.split == (split == .validation ? .training : split) }
    guard !chosen.isEmpty else {
      throw InputError(.usage, place: "--split", "no family is of the split \(split.rawValue)")
    }
    for index in chosen.indices { chosen[index].split = split }
    return chosen
  }

  /// The list of a file of families; nil for a file that is a scene. Throws `InputError`.
  private static func list(_ path: String) throws -> [JSONValue]? {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw InputError(.missing, file: path, "no such file")
    }
    guard !isFolder.boolValue, let data = FileManager.default.contents(atPath: path) else {
      throw InputError(.data, file: path, "cannot be read")
    }
    do {
      let root = try JSONReader.read(Array(data))
      guard let value = root["families"] else { return nil }
      guard case .list(let list) = value, !list.isEmpty else {
        throw InputError(.data, file: path, place: "families", "expected a list, found \(value.description)")
      }
      return list
    } catch let error as JSONError {
      throw InputError(.data, file: path, place: "line \(error.line), column \(error.column)", error.message)
    }
  }

  private static func family(_ value: JSONValue, file: String, place: String) throws -> DatasetFamily {
    func error(_ key: String, _ message: String) -> InputError {
      InputError(.data, file: file, place: key.isEmpty ? place : "\(place).\(key)", message)
    }
    func text(_ key: String) throws -> String? {
      guard let value = value[key] else { return nil }
      guard case .text(let text) = value, !text.isEmpty, !text.contains("\n") else {
        throw error(key, "expected a text, found \(value.description)")
      }
      return text
    }
    func draw(_ value: JSONValue, _ key: String, in range: ClosedRange<Double>) throws -> ParameterDraw {
      switch ParameterDraw.read(value) {
      case .failure(let failure): throw error(key, "expected \(failure.expected)")
      case .success(let draw):
        guard draw.extremes.allSatisfy(range.contains) else {
          throw error(key, "expected numbers from \(range.lowerBound) to \(range.upperBound)")
        }
        return draw
      }
    }
    func choice<Value: RawRepresentable & CaseIterable>(_ key: String, _ type: Value.Type) throws -> Value?
    where Value.RawValue == String {
      guard let name = try text(key) else { return nil }
      guard let value = Value(rawValue: name) else {
        throw error(key, "expected one of \(Value.allCases.map(\.rawValue).joined(separator: ", ")), found \"\(name)\"")
      }
      return value
    }

    guard case .object(let fields) = value else { throw error("", "expected an object, found \(value.description)") }
    for field in fields where !keys.contains(field.key) {
      throw error(field.key, "unknown key" + NearestName.hint(field.key, among: keys))
    }
    guard let sceneName = try text("scene") else { throw error("scene", "expected the name of a scene") }
    let scene: SceneFile
    do { scene = try SceneFile.find(sceneName) } catch let missing as InputError where missing.kind == .missing {
      throw error("scene", "\"\(sceneName)\": \(missing.message)")
    }
    var family = DatasetFamily(scene)
    family.name = try text("name") ?? scene.name
    family.split = try choice("split", DatasetFamily.Split.self) ?? .training
    family.group = try text("group") ?? family.split.rawValue
    family.law = try choice("law", FrictionLaw.self)
    family.samples = 10
    if let value = value["parameters"] {
      guard case .object(let fields) = value else {
        throw error("parameters", "expected an object, found \(value.description)")
      }
      for field in fields {
        guard let parameter = scene.parameters.first(where: { $0.name == field.key }) else {
          throw error(
            "parameters.\(field.key)",
            "the scene \"\(scene.name)\" has no such parameter"
              + NearestName.hint(field.key, among: scene.parameters.map(\.name)))
        }
        family.parameters.append(
          (field.key, try draw(field.value, "parameters.\(field.key)", in: parameter.range)))
      }
    }
    if let value = value["steps"] { family.steps = try draw(value, "steps", in: 1...1e6) }
    if let value = value["noise"] { family.noise = try draw(value, "noise", in: 0...100) }
    if let value = value["timestep"] { family.timestep = try draw(value, "timestep", in: 1e-9...10) }
    if let value = value["substeps"] { family.substeps = try draw(value, "substeps", in: 1...1e4) }
    if let value = value["weight"] {
      guard case .number(let weight) = value, weight > 0, weight <= 1e6 else {
        throw error("weight", "expected a number above 0")
      }
      family.weight = weight
    }
    if let value = value["samples"] {
      guard case .number(let samples) = value, samples >= 2, samples <= 1e6, samples == samples.rounded() else {
        throw error("samples", "expected a whole number of at least 2")
      }
      family.samples = Int(samples)
    }
    return family
  }
}
