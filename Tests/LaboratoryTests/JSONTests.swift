import Foundation
import Testing

import Laboratory

/// The JSON reader against Foundation's on plain JSON, and by hand where it goes beyond.
@Suite struct JSONTests {
  private func read(_ text: String) throws -> JSONValue { try JSONReader.read(Array(text.utf8)) }

  private func failure(_ text: String) -> JSONError? {
    do {
      _ = try read(text)
      return nil
    } catch {
      return error as? JSONError
    }
  }

  @Test func commentsAndTrailingCommas() throws {
    let value = try read(
      """
      // a scene
      { /* keys */ "b": [1, -2.5e1, true, null,], // "not": "this"
        "a": { "text": "a\\u00e9\\ud83d\\ude00\\n\\"//\\"", }, }
      """)
    guard case .object(let fields) = value else { throw CancellationError() }
    #expect(fields.map(\.key) == ["b", "a"])
    #expect(value["b"]!.description == "a list of 4")
    guard case .list(let list)? = value["b"], case .number(let number) = list[1], case .flag(true) = list[2],
      case .null = list[3]
    else { throw CancellationError() }
    #expect(number == -25)
    guard case .text(let text)? = value["a"]?["text"] else { throw CancellationError() }
    #expect(text == "aé😀\n\"//\"")
  }

  @Test(arguments: [
    ("", 1, 1, "ends where a value"), ("{\"a\": [1, 2}", 1, 12, "expected \",\" or \"]\""),
    ("{} x", 1, 4, "end of the file"),
    ("{\n  \"a\": 1,\n  \"a\": 2\n}", 3, 3, "is there twice"), ("[01]", 1, 2, "leading zeros"),
    ("[1.]", 1, 4, "after the point"),
    ("[1e400]", 1, 2, "too large"), ("[NaN]", 1, 2, "expected a number"), ("[Infinity]", 1, 2, "expected a number"),
    ("[\"a", 1, 2, "does not end"), ("[\"a\u{1}\"]", 1, 4, "control character"), ("[\"\\q\"]", 1, 3, "unknown escape"),
    ("[\"\\ud800\"]", 1, 3, "surrogate"), ("/* x", 1, 1, "comment that starts here"), ("{a: 1}", 1, 2, "key in quotes"),
    ("[\n\n @]", 3, 2, "expected a value"), ("{\"a\" 1}", 1, 6, "expected \":\""), ("[.5]", 1, 2, "expected a value"),
  ])
  func errorsNameLineAndColumn(text: String, line: Int, column: Int, message: String) throws {
    let error = try #require(failure(text))
    #expect(error.line == line && error.column == column, "\(error)")
    #expect(error.message.contains(message), "\(error.message)")
  }

  @Test func hostileTexts() {
    #expect(failure(String(repeating: "[", count: 1_000_000))?.message == "nested more than 200 deep")
    #expect(failure(String(repeating: "{\"a\":", count: 1_000_000))?.message == "nested more than 200 deep")
    #expect(throws: JSONError.self) { try JSONReader.read([0x22, 0xff, 0x22]) }
    #expect(throws: JSONError.self) { try JSONReader.read([0xff]) }
  }

  /// A value written and read again is the same text; Foundation reads the text as well.
  @Test func writingRoundTrips() throws {
    let text =
      "{ \"a\": [1, 0.1, -2.5e-300, 1e22, true, null, \"\\\"\\\\\\n\\u0001é\"], \"b\": {}, \"c\": [], \"d\": { \"e\": [[]] } }"
    for width in [20, 60, 200] {
      let written = try read(text).text(width: width)
      #expect(try read(written).text(width: width) == written)
      #expect((try? JSONSerialization.jsonObject(with: Data(written.utf8))) != nil)
    }
    #expect(try read(text).text(width: 200) == text.replacingOccurrences(of: "1e22", with: "1e+22") + "\n")
  }
}
