import Foundation
import Testing

import Laboratory

/// Expressions against values worked out by hand.
@Suite struct ExpressionTests {
  private func value(_ text: String, _ names: [String: Double] = [:]) throws -> Double {
    let scope = ExpressionScope()
    for (name, value) in names { scope.define(name, value) }
    return try scope.evaluate(text)
  }

  private func failure(_ text: String, _ names: [String: Double] = [:]) -> ExpressionError? {
    do {
      _ = try value(text, names)
      return nil
    } catch {
      return error as? ExpressionError
    }
  }

  @Test(arguments: [
    ("1 + 2 * 3", 7.0), ("(1 + 2) * 3", 9), ("2 - 3 - 4", -5), ("16 / 4 / 2", 2), ("2 ^ 3 ^ 2", 512), ("-2 ^ 2", -4),
    ("(-2) ^ 2", 4), ("2 ^ -1", 0.5), ("2 ^ 0.5", 2.0.squareRoot()), ("4 ^ 1.5", 8), ("4 ^ -0.5", 0.5), ("3 ^ 0", 1),
    ("--3", 3), ("2 * -3", -6), ("5 − 3", 2), ("1e-3 * 1E3", 1), (".5 + 1.", 1.5), ("1/60", 1.0 / 60),
  ])
  func precedence(text: String, expected: Double) throws {
    // Exact: each result is one correctly rounded operation, or whole numbers throughout.
    #expect(try value(text) == expected)
  }

  @Test(arguments: [
    ("1 < 2", 1.0), ("2 <= 2", 1), ("3 > 4", 0), ("3 >= 4", 0), ("1 + 1 == 2", 1), ("1 != 1", 0), ("!0", 1), ("!3", 0),
    ("1 < 2 && 2 < 3", 1), ("0 || 2", 1), ("1 || 0 && 0", 1), ("!(1 < 2) || 0", 0), ("2 * (3 > 2)", 2),
  ])
  func logic(text: String, expected: Double) throws { #expect(try value(text) == expected) }

  @Test(arguments: [
    ("min(3, 1, 2)", 1.0), ("max(3)", 3), ("abs(-2)", 2), ("sqrt(9)", 3), ("floor(-0.5)", -1), ("round(2.5)", 3),
    ("mod(-1, 4)", 3), ("mod(7.5, 2)", 1.5), ("if(2 > 1, 10, 20)", 10), ("if(0, 1 / 0, 5)", 5),
  ])
  func functions(text: String, expected: Double) throws { #expect(try value(text) == expected) }

  @Test(arguments: [
    ("sin(0.7)", sin(0.7)), ("cos(-2.5)", cos(2.5)), ("tan(1.1)", tan(1.1)), ("atan(3)", atan(3)),
    ("atan2(-1, -2)", atan2(-1, -2)), ("asin(-0.3)", asin(-0.3)), ("acos(-0.3)", acos(-0.3)), ("cos(60 * degree)", 0.5),
    ("sin(pi / 6)", 0.5),
  ])
  func trigonometry(text: String, expected: Double) throws {
    // A few units in the last place: the functions are the project's own, not the C library's.
    #expect(abs(try value(text) - expected) <= 4e-16 * max(1, abs(expected)) * 4)
  }

  @Test func namesHaveTheirPresentValue() throws {
    let scope = ExpressionScope()
    scope.define("n", 4)
    scope.pushLocal("i", 0)
    #expect(try scope.evaluate("n * i + 1") == 1)
    scope.setLocal(at: 0, 2)
    #expect(try scope.evaluate("n * i + 1") == 9)
    scope.removeLocals(from: 0)
    #expect(throws: ExpressionError.self) { try scope.evaluate("n * i + 1") }
  }

  @Test func randomNumbersAreTheSameSequenceInTheUnitInterval() throws {
    let first = ExpressionScope()
    let second = ExpressionScope()
    var sum = 0.0
    for _ in 0..<1000 {
      let x = try first.evaluate("random()")
      #expect(x >= 0 && x < 1)
      #expect(try second.evaluate("random()") == x)
      sum += x
    }
    // Mean of 1000 uniform numbers: ½ ± 0.0091 (one standard deviation); the sequence is fixed, so this cannot flicker.
    #expect(abs(sum / 1000 - 0.5) < 0.03)
  }

  @Test func valuesThatAreNoNumber() throws {
    #expect(try value("1 / 0") == .infinity)
    #expect(try value("sqrt(-1)").isNaN)
    #expect(try value("2 ^ 0.3").isNaN)
  }

  @Test(arguments: [
    ("", 1, "expected a value, found the end"), ("1 +", 4, "found the end"), ("(1", 3, "expected \")\""),
    ("1 2", 3, "expected an operator or the end, found \"2\""), ("1 = 2", 3, "expected an operator"),
    ("sine(1)", 1, "there is no function \"sine\"; did you mean \"sin\"?"),
    ("atan2(1)", 1, "takes 2 argument(s), found 1"),
    ("cuont + 1", 1, "there is no name \"cuont\" here; did you mean \"count\"?"), ("1..2", 1, "is not a number"),
    ("2 * (3 + foo)", 10, "there is no name \"foo\""), ("random(1)", 1, "takes no arguments"), ("1 + é", 5, "expected"),
  ])
  func errorsNameTheColumn(text: String, column: Int, message: String) throws {
    let error = try #require(failure(text, ["count": 3]))
    #expect(error.column == column)
    #expect(error.message.contains(message), "\(error.message)")
  }

  @Test func hostileTextsAreErrors() throws {
    let parentheses = String(repeating: "(", count: 2000)
    let message = try #require(failure(parentheses)).message
    #expect(message.contains("levels of nesting"))
    #expect(failure(String(repeating: "-", count: 4000) + "1") != nil)
    #expect(failure(String(repeating: "2^", count: 1000) + "1") != nil)
    #expect(try #require(failure(String(repeating: "1+", count: 3000) + "1")).message.contains("longer than"))
    // Long but flat is fine.
    #expect(try value(String(repeating: "1+", count: 2000) + "1") == 2001)
  }

  /// Random bytes of the grammar's alphabet never crash, and a text that is read gives the same bits twice.
  @Test func fuzz() {
    var random = RandomSequence(seed: 7)
    let alphabet = [
      "1", "2.5", "x", "(", ")", "+", "-", "*", "/", "^", "<", "&&", "!", ",", "min(", "sqrt(", " ", "random()",
    ]
    var accepted = 0
    for _ in 0..<20_000 {
      let length = Int(random.next() * 12) + 1
      let text = (0..<length).map { _ in alphabet[Int(random.next() * Double(alphabet.count))] }.joined()
      guard let first = try? value(text, ["x": 3]) else { continue }
      accepted += 1
      #expect((try? value(text, ["x": 3]))?.bitPattern == first.bitPattern)
    }
    #expect(accepted > 500)
  }
}
