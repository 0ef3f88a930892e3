import ConstraintSystem
import Dynamics
import Foundation
import LearnedSolvers
import LinearAlgebra
import Solvers

/// Builds a scene from its document and those that it includes.
///
/// Order: parameters, derived numbers, included files, bodies, joints, forces, oracles. An included file has names of
/// its own; only its bodies, joints and forces are used.
final class SceneBuilder {
  private let world = World()
  private let budget = SceneBudget()
  private var oracles: [any Oracle] = []
  /// Canonical paths of the files that include one another down to the present one.
  private var chain: [String] = []
  /// Every file that was read, by path.
  private var sources: [String: [UInt8]] = [:]

  /// The scene of `document` with all parameters given in `values`. Throws `InputError`.
  static func build(_ document: SceneDocument, parameters values: [(name: String, value: Double)]) throws -> Scene {
    let builder = SceneBuilder()
    let context = SceneContext(file: document.path, world: builder.world, prefix: "", budget: builder.budget)
    let root = SceneNode(value: document.root, place: .root, context: context)
    try builder.read(document, root, values)

    var settings = StepSettings()
    if let gravity = root["gravity"] { builder.world.gravity = try gravity.vector() }
    if let timestep = root["timestep"] {
      settings.timestep = try timestep.number(in: 1e-9...1e3, "a time from 1e-9 to 1000 s")
    }
    if let substeps = root["substeps"] { settings.substeps = try substeps.integer(in: 1...10_000) }
    if let law = root["law"] {
      settings.law = FrictionLaw(rawValue: try law.choice(FrictionLaw.allCases.map(\.rawValue), "friction law"))!
    }
    if let node = root["stabilization"] {
      settings.stabilization = Stabilization(
        rawValue: try node.choice(Stabilization.allCases.map(\.rawValue), "stabilization"))!
    }
    if let node = root["geometricStiffness"] { settings.geometricStiffness = try node.flag() }
    if let margin = root["contactMargin"] {
      settings.contactMargin = try margin.number(in: 0...1e3, "a gap from 0 to 1000 m")
    }
    try builder.readOracles(root)
    return Scene(
      name: document.name, summary: try root.required("summary").text(), parameters: values, world: builder.world,
      settings: settings, steps: try root["steps"]?.integer(in: 0...1_000_000_000) ?? 600,
      solver: try solver(root["solver"]), oracles: builder.oracles, file: document.path, sources: builder.sources)
  }

  /// Parameters, derived numbers, included files, bodies, joints and forces.
  private func read(
    _ document: SceneDocument, _ root: SceneNode, _ values: [(name: String, value: Double)]
  ) throws {
    let path = URL(fileURLWithPath: document.path).resolvingSymlinksInPath().path
    if let first = chain.firstIndex(of: path) {
      let names = (chain[first...] + [path]).map { URL(fileURLWithPath: $0).lastPathComponent }
      throw InputError(
        .data, file: document.path, place: "include", "files include each other: " + names.joined(separator: " → "))
    }
    chain.append(path)
    sources[document.path] = document.bytes
    defer { chain.removeLast() }

    let context = root.context
    for (name, value) in values { context.scope.define(name, value) }
    if let seed = values.first(where: { $0.name == "seed" }) {
      context.scope.random = RandomSequence(seed: seed.value.bitPattern)
    }
    for (name, node) in try root["define"]?.fields() ?? [] {
      if let objection = context.scope.objection(toNaming: name) { throw node.error(objection) }
      context.scope.define(name, try node.number())
    }
    for entry in try root["include"]?.items() ?? [] { try include(entry, from: document) }
    try forEach(.bodies, in: root, BodyReader.add)
    try forEach(.joints, in: root, JointReader.add)
    try forEach(.forces, in: root, ForceReader.add)
  }

  private func forEach(_ section: SceneSection, in root: SceneNode, _ add: (SceneNode) throws -> Void) throws {
    guard let list = root[section.rawValue] else { return }
    try SceneGenerator(section: section, context: root.context).forEach(in: list, add)
  }

  private func include(_ entry: SceneNode, from document: SceneDocument) throws {
    budget.includes += 1
    guard budget.includes <= SceneBudget.maximumIncludes else {
      throw entry.error("more than \(SceneBudget.maximumIncludes) included files")
    }
    var fileNode = entry
    if case .object = entry.value {
      try entry.check(SceneDocument.includeKeys)
      fileNode = try entry.required("file")
    }
    let relative = try fileNode.text()
    guard !relative.hasPrefix("/") else { throw fileNode.error("expected a path relative to this file") }
    let included: SceneDocument
    do {
      included = try SceneDocument(readingFileAt: "\(document.folder)/\(relative)", from: document.files)
    } catch let error as InputError where error.kind == .missing {
      throw fileNode.error("\"\(relative)\": \(error.message)")
    }
    let prefix = entry.context.prefix + (try entry["prefix"]?.name() ?? "")
    let context = SceneContext(file: included.path, world: world, prefix: prefix, budget: budget)
    let parameters = try included.header().parameters
    let given = try entry["set"]?.fields().map { name, node in (name, node, try node.number()) } ?? []
    var values: [(name: String, value: Double)] = parameters.map { ($0.name, $0.defaultValue) }
    for (name, node, value) in given {
      guard let index = parameters.firstIndex(where: { $0.name == name }) else {
        let hint = NearestName.hint(name, among: parameters.map(\.name))
        throw node.error("\"\(relative)\" has no parameter \"\(name)\"" + hint)
      }
      if let objection = parameters[index].objection(to: value) { throw node.error(objection) }
      values[index].value = value
    }
    try read(included, SceneNode(value: included.root, place: .root, context: context), values)
  }

  private func readOracles(_ root: SceneNode) throws {
    guard let list = root[SceneSection.oracles.rawValue] else { return }
    try SceneGenerator(section: .oracles, context: root.context).forEach(in: list) { node in
      oracles.append(try OracleCatalog.read(node))
    }
  }

  /// A solver text that the catalog can make.
  private static func solver(_ node: SceneNode?) throws -> String? {
    guard let node else { return nil }
    let text = try node.text()
    do {
      _ = try SolverCatalog.complete.make(text)
    } catch let error as SolverTextError {
      throw node.error(error.description)
    }
    return text
  }
}
