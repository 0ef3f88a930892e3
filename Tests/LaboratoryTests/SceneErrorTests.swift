import Laboratory
import Testing

/// Everything that can be wrong in a scene file is an error that names the place and what was expected.
@Suite struct SceneErrorTests {
  private static func body(_ keys: String) -> String { "\"bodies\": [{ \"name\": \"a\", \(keys) }]" }
  private static func joint(_ keys: String) -> String {
    "\"bodies\": [{ \"name\": \"alpha\", \"mass\": 1 }, { \"name\": \"beta\", \"mass\": 1 }], \"joints\": [{ \(keys) }]"
  }
  private static func force(_ keys: String) -> String {
    "\"bodies\": [{ \"name\": \"alpha\", \"mass\": 1 }], \"forces\": [{ \(keys) }]"
  }
  private static func oracle(_ keys: String) -> String {
    "\"bodies\": [{ \"name\": \"alpha\", \"mass\": 1 }], \"oracles\": [{ \(keys) }]"
  }
  private static let sphere = "\"shape\": { \"type\": \"sphere\", \"radius\": 1 }"

  static let cases: [(content: String, place: String, message: String)] = [
    // Unknown keys at every level, with the nearest name.
    ("\"bodeis\": []", "bodeis", "unknown key \"bodeis\"; did you mean \"bodies\"?"),
    (body("\"mass\": 1, \"frictoin\": 1"), "bodies[0].frictoin", "did you mean \"friction\"?"),
    (body("\"shape\": { \"type\": \"sphere\", \"radus\": 1 }"), "bodies[0].shape.radus", "did you mean \"radius\"?"),
    (
      body("\"mass\": 1, \"rotation\": { \"axis\": [0, 0, 1], \"angel\": 1 }"), "bodies[0].rotation.angel",
      "did you mean \"angle\"?"
    ),
    (joint("\"type\": \"ball\", \"b\": \"beta\", \"ancor\": [0, 0, 0]"), "joints[0].ancor", "did you mean \"anchor\"?"),
    (force("\"body\": \"alpha\", \"forse\": [0, 0, 0]"), "forces[0].forse", "did you mean \"force\"?"),
    (oracle("\"type\": \"position\", \"body\": \"alpha\", \"tiem\": 1"), "oracles[0].tiem", "did you mean \"time\"?"),
    ("\"parameters\": { \"n\": { \"defualt\": 1 } }", "parameters.n.defualt", "did you mean \"default\"?"),
    // Names of things.
    (
      body("\"shape\": { \"type\": \"spere\" }"), "bodies[0].shape.type",
      "there is no shape \"spere\"; did you mean \"sphere\"?"
    ),
    (body("\"kind\": \"sttic\""), "bodies[0].kind", "did you mean \"static\"?"),
    (
      joint("\"type\": \"hing\", \"b\": \"beta\""), "joints[0].type",
      "there is no joint \"hing\"; did you mean \"hinge\"?"
    ),
    (
      joint("\"type\": \"ball\", \"a\": \"alpa\", \"b\": \"beta\", \"anchor\": [0, 0, 0]"), "joints[0].a",
      "there is no body \"alpa\"; did you mean \"alpha\"?"
    ),
    (force("\"body\": \"gamma\""), "forces[0].body", "there is no body \"gamma\""),
    (force("\"body\": \"world\""), "forces[0].body", "expected a body"),
    (oracle("\"type\": \"positon\""), "oracles[0].type", "did you mean \"position\"?"),
    ("\"law\": \"coulom\"", "law", "did you mean \"coulomb\"?"),
    ("\"stabilization\": \"none\"", "stabilization", "there is no stabilization \"none\""),
    ("\"solver\": \"pgss\"", "solver", "did you mean \"pgs\"?"),
    // Missing keys.
    (body("\"shape\": {}"), "bodies[0].shape", "the key \"type\" is missing"),
    (body("\"shape\": { \"type\": \"sphere\" }"), "bodies[0].shape", "the key \"radius\" is missing"),
    (joint("\"type\": \"ball\", \"anchor\": [0, 0, 0]"), "joints[0]", "the key \"b\" is missing"),
    (joint("\"type\": \"ball\", \"b\": \"beta\""), "joints[0]", "the key \"anchor\" is missing"),
    (
      oracle("\"type\": \"position\", \"body\": \"alpha\", \"direction\": [1, 0, 0], \"time\": 1, \"expected\": 1"),
      "oracles[0]", "expected \"tolerance\" or \"relativeTolerance\""
    ),
    // Kinds of values.
    (body("\"mass\": \"one +\""), "bodies[0].mass", "column 6: expected a value, found the end"),
    (body("\"mass\": true"), "bodies[0].mass", "expected a number or an expression, found true"),
    (
      body("\"mass\": 1, \"position\": [1, 2]"), "bodies[0].position", "expected a list of 3 numbers, found a list of 2"
    ),
    (body("\"mass\": 1, \"position\": [1, null, 2]"), "bodies[0].position[1]", "found null"),
    (body("\"mass\": 1, \"name2\": 1"), "bodies[0].name2", "unknown key"),
    ("\"bodies\": {}", "bodies", "expected a list of bodies, found an object"),
    ("\"bodies\": [1]", "bodies[0]", "expected an object, found the number 1.0"),
    ("\"joints\": [1]", "joints[0]", "expected an object with the key \"type\""),
    ("\"steps\": 1.5", "steps", "expected a whole number"),
    ("\"steps\": -1", "steps", "expected a whole number from 0"),
    ("\"substeps\": 0", "substeps", "expected a whole number from 1"),
    ("\"timestep\": 0", "timestep", "expected a time"),
    ("\"gravity\": 9.81", "gravity", "expected a list of 3 numbers"),
    // Values that are no number, or none that can be used.
    (body("\"mass\": \"1 / 0\""), "bodies[0].mass", "gives inf, expected a finite number"),
    (body("\"mass\": \"sqrt(-1)\""), "bodies[0].mass", "expected a finite number"),
    (body("\"mass\": -1"), "bodies[0].mass", "expected a number greater than 0, found -1.0"),
    (body("\"density\": 0, \(sphere)"), "bodies[0].density", "expected a number greater than 0"),
    (body("\"density\": 1, \"mass\": 1, \(sphere)"), "bodies[0].density", "a density or a mass, not both"),
    (body("\"mass\": 1, \"orientation\": [1, 1, 0, 0]"), "bodies[0].orientation", "expected a unit quaternion"),
    (body("\"mass\": 1, \"rotation\": { \"axis\": [0, 0, 0], \"angle\": 1 }"), "bodies[0].rotation.axis", "not zero"),
    (
      body("\"mass\": 1, \"orientation\": [1, 0, 0, 0], \"rotation\": { \"axis\": [0, 0, 1], \"angle\": 1 }"),
      "bodies[0].rotation", "not both"
    ),
    (body("\"mass\": 1, \"inertia\": [1, -1, 1]"), "bodies[0]", "the inertia tensor is not positive definite"),
    (body("\"mass\": 1, \"inertia\": [1, 1]"), "bodies[0].inertia", "expected [xx, yy, zz]"),
    (body("\"inertia\": [1, 1, 1]"), "bodies[0].inertia", "together with \"mass\""),
    (body("\"mass\": 1, \"centerOfMass\": [1, 1, 1]"), "bodies[0].centerOfMass", "together with \"inertia\""),
    (body("\"mass\": 1, \"friction\": -0.1"), "bodies[0].friction", "expected a coefficient"),
    (body("\"mass\": 1, \"restitution\": 1.5"), "bodies[0].restitution", "from 0 to 1"),
    (body("\"mass\": 1, \"mask\": -1"), "bodies[0].mask", "expected a whole number"),
    (body("\"position\": [0, 0, 0]"), "bodies[0]", "a dynamic body needs a mass"),
    (body("\"shape\": { \"type\": \"plane\" }"), "bodies[0]", "a dynamic body needs a mass"),
    (body("\"shape\": { \"type\": \"plane\" }, \"mass\": 1"), "bodies[0].mass", "no inertia"),
    (body("\"shape\": { \"type\": \"sphere\", \"radius\": -1 }"), "bodies[0].shape.radius", "expected"),
    (
      body("\"shape\": { \"type\": \"hull\", \"points\": [[0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 1, 0]] }"),
      "bodies[0].shape.points", "expected"
    ),
    (
      "\"bodies\": [{ \"name\": \"a\", \"mass\": 1 }, { \"name\": \"a\", \"mass\": 1 }]", "bodies[1]",
      "a body of this name already"
    ),
    (body("\"mass\": 1").replacing("\"a\"", with: "\"world\""), "bodies[0].name", "cannot have the name \"world\""),
    (
      joint("\"type\": \"ball\", \"a\": \"beta\", \"b\": \"beta\", \"anchor\": [0, 0, 0]"), "joints[0].b",
      "expected another body"
    ),
    (
      joint("\"type\": \"ball\", \"b\": \"beta\", \"anchor\": [0, 0, 0], \"breakingForce\": 0"),
      "joints[0].breakingForce", "greater than 0"
    ),
    (
      force(
        "\"body\": \"alpha\", \"force\": { \"direction\": [1, 0, 0], \"signal\": { \"table\": [[0, 1], [0, 2]] } }"),
      "forces[0].force.signal.table[1]", "expected a time after 0.0 s"
    ),
    (
      force("\"body\": \"alpha\", \"force\": { \"direction\": [1, 0, 0], \"signal\": { \"table\": [] } }"),
      "forces[0].force.signal.table", "at least one"
    ),
    (
      force("\"body\": \"alpha\", \"force\": { \"direction\": [0, 0, 0], \"signal\": 1 }"), "forces[0].force.direction",
      "not zero"
    ),
    (
      oracle("\"type\": \"travel\", \"body\": \"alpha\", \"direction\": [1, 0, 0], \"expected\": 1, \"tolerance\": -1"),
      "oracles[0].tolerance", "expected a tolerance"
    ),
    // Names in expressions.
    ("\"define\": { \"pi\": 3 }", "define.pi", "is a function or constant"),
    ("\"define\": { \"2x\": 3 }", "define.2x", "starts with no digit"),
    ("\"define\": { \"x\": \"y\", \"y\": 1 }", "define.x", "there is no name \"y\" here"),
    ("\"bodies\": [{ \"for\": { \"i\": 2, \"x\": \"ii\" }, \"mass\": 1 }]", "bodies[0].for.x", "did you mean \"i\"?"),
    (
      "\"define\": { \"i\": 3 }, \"bodies\": [{ \"for\": { \"i\": 2 }, \"mass\": 1 }]", "bodies[0].for.i",
      "the name \"i\" is taken"
    ),
    ("\"bodies\": [{ \"for\": { \"i\": 2 }, \"mass\": \"i\" }]", "bodies[0].mass", "greater than 0, found 0.0 (i = 0)"),
    ("\"bodies\": [{ \"for\": { \"i\": 0.5 }, \"mass\": 1 }]", "bodies[0].for.i", "expected a whole number"),
    ("\"bodies\": [{ \"for\": { \"i\": -1 }, \"mass\": 1 }]", "bodies[0].for.i", "expected a whole number from 0"),
    ("\"bodies\": [{ \"name\": \"b{i\", \"mass\": 1 }]", "bodies[0].name", "has no \"}\""),
    ("\"bodies\": [{ \"name\": \"b{j}\", \"mass\": 1 }]", "bodies[0].name", "there is no name \"j\""),
    ("\"bodies\": [{ \"each\": [{ \"mass\": 1 }], \"mass\": 1 }]", "bodies[0].mass", "unknown key \"mass\""),
    // Parameters.
    (
      "\"parameters\": { \"n\": { \"default\": 5, \"minimum\": 0, \"maximum\": 4, \"summary\": \"\" } }",
      "parameters.n.default", "n is 5, expected a number from 0 to 4"
    ),
    (
      "\"parameters\": { \"n\": { \"default\": 1, \"minimum\": 2, \"maximum\": 1, \"summary\": \"\" } }",
      "parameters.n", "larger than maximum"
    ),
    (
      "\"parameters\": { \"n\": { \"default\": 1.5, \"minimum\": 1, \"maximum\": 2, \"integer\": true, \"summary\": \"\" } }",
      "parameters.n.default", "expected a whole number"
    ),
    (
      "\"parameters\": { \"sin\": { \"default\": 1, \"minimum\": 1, \"maximum\": 2, \"summary\": \"\" } }",
      "parameters.sin", "is a function or constant"
    ),
    (
      "\"parameters\": { \"n\": { \"default\": \"1\", \"minimum\": 1, \"maximum\": 2, \"summary\": \"\" } }",
      "parameters.n.default", "expected a number, found the text"
    ),
  ]

  @Test(arguments: cases)
  func errorsNamePlaceAndExpectation(content: String, place: String, message: String) throws {
    let error = try #require(SceneText.failure(content), "no error for \(content)")
    #expect(error.kind == .data)
    #expect(error.file == "test.json")
    #expect(error.place == place)
    #expect(error.message.contains(message), "\(error.message)")
  }

  @Test func aSummaryIsRequired() {
    #expect(throws: InputError.self) { try SceneFile(text: "{}", path: "x.json") }
    #expect(throws: InputError.self) { try SceneFile(text: "[]", path: "x.json") }
  }

  @Test func syntaxErrorsNameTheLine() throws {
    let error = #expect(throws: InputError.self) { try SceneFile(text: "{\n  \"summary\" 1\n}", path: "x.json") }
    #expect(error?.place == "line 2, column 13")
    #expect(error?.kind == .data)
  }

  @Test func parametersThatAreSetWrong() throws {
    let text = """
      { "summary": "s", "parameters": { "count": { "default": 3, "minimum": 1, "maximum": 9, "integer": true, "summary": "n" } } }
      """
    let file = try SceneFile(text: text, path: "x.json")
    func failure(_ name: String, _ value: Double) -> InputError? {
      do {
        _ = try file.build(setting: [(name: name, value: value)])
        return nil
      } catch { return error as? InputError }
    }
    #expect(failure("count", 4) == nil)
    for (name, value, message) in [
      ("cuont", 4.0, "has no parameter \"cuont\"; did you mean \"count\"?"),
      ("count", 10, "count is 10, expected a whole number from 1 to 9"),
      ("count", 2.5, "count is 2.5, expected a whole number from 1 to 9"), ("count", .nan, "count is nan"),
      ("count", .infinity, "count is inf"),
    ] {
      let error = try #require(failure(name, value))
      #expect(error.kind == .usage)
      #expect(error.message.contains(message), "\(error.message)")
    }
  }

  /// Loops are counted before anything is built: these would take hours and terabytes.
  @Test(arguments: [
    "\"bodies\": [{ \"for\": { \"i\": 1000001 }, \"mass\": 1 }]",
    "\"bodies\": [{ \"for\": { \"i\": 1000, \"j\": 1000, \"k\": 1000 }, \"mass\": 1 }]",
    "\"bodies\": [{ \"for\": { \"i\": 1e9 }, \"if\": \"0\", \"mass\": 1 }]",
    "\"bodies\": [{ \"for\": { \"i\": 100000 }, \"each\": [{ \"for\": { \"j\": 100000 }, \"if\": \"0\", \"mass\": 1 }] }]",
    "\"bodies\": [{ \"for\": { \"i\": [-1e9, 1e9] }, \"each\": [] }]",
    "\"bodies\": [{ \"for\": { \"i\": 4000 }, \"each\": [{ \"for\": { \"j\": 4000 }, \"each\": [] }] }]",
  ])
  func loopsAreBounded(content: String) throws {
    let error = try #require(SceneText.failure(content))
    #expect(error.message.contains("more than 1000000 bodies") || error.message.contains("passes through loops"))
  }

  @Test func manyErrorsInLargeWorldsAreCheap() throws {
    let content = """
      "bodies": [{ "for": { "i": 20000 }, "name": "body number {i}", "mass": 1 }],
      "forces": [{ "body": "body nmuber 19999" }]
      """
    let error = try #require(SceneText.failure(content))
    #expect(error.message.utf8.count < 300, "\(error.message)")
  }
}
