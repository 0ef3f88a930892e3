import Foundation
import LearnedSolvers
import Testing

/// Weights are untrusted: what is wrong with a file is said by file and place.
@Suite struct SafetensorsTests {
  /// A file with one tensor `a` of two numbers, as its header and data say.
  static func file(
    header: String = #"{"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}"#,
    values: [Float] = [1, -2], length: UInt64? = nil
  ) -> Data {
    var data = Data()
    let text = Data(header.utf8)
    withUnsafeBytes(of: (length ?? UInt64(text.count)).littleEndian) { data.append(contentsOf: $0) }
    data.append(text)
    for value in values { withUnsafeBytes(of: value.bitPattern.littleEndian) { data.append(contentsOf: $0) } }
    return data
  }

  /// What reading it says; "" where it is read.
  static func message(_ data: Data) throws -> String {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).safetensors").path
    try data.write(to: URL(fileURLWithPath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    do {
      _ = try Safetensors(readingFileAt: path).tensor("a", shape: [2])
      return ""
    } catch let error as ModelError {
      #expect(error.file == path)
      return error.description.replacingOccurrences(of: path, with: "F")
    }
  }

  @Test func aSoundFileIsRead() throws {
    #expect(try Self.message(Self.file()) == "")
  }

  @Test(arguments: [
    (Data(), "F: header length: the file has 0 bytes, expected 8 or more"),
    (SafetensorsTests.file(length: 1 << 62), "F: header length: 4611686018427387904 bytes"),
    (SafetensorsTests.file(header: "no"), "F: header: is not a JSON object"),
    (SafetensorsTests.file(values: [1]), "F: a: data_offsets [0, 8] lie outside"),
    (SafetensorsTests.file(values: [1, .nan]), "F: a[1]: is nan, expected a finite number"),
    (SafetensorsTests.file(values: [.infinity, 1]), "F: a[0]: is inf"),
    (
      SafetensorsTests.file(header: #"{"a": {"dtype": "F64", "shape": [1], "data_offsets": [0, 8]}}"#),
      "F: a: dtype is \"F64\", expected F32"
    ),
    (
      SafetensorsTests.file(header: #"{"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}"#),
      "F: a: has shape [1], expected [2]"
    ),
    (
      SafetensorsTests.file(header: #"{"a": {"dtype": "F32", "shape": [3], "data_offsets": [0, 8]}}"#),
      "F: a: has 8 bytes, expected 12"
    ),
    (
      SafetensorsTests.file(
        header: #"{"a": {"dtype": "F32", "shape": [1099511627776, 1099511627776], "data_offsets": [0, 8]}}"#),
      "F: a: data_offsets"
    ),
    (
      SafetensorsTests.file(header: #"{"b": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}"#),
      "F: a: is missing; the file has b"
    ),
  ])
  func whatIsWrongIsNamed(_ data: Data, _ expected: String) throws {
    let message = try Self.message(data)
    #expect(message.hasPrefix(expected), "\(message)")
  }

  @Test func aMissingFileIsNamed() {
    #expect(throws: ModelError.self) { try Safetensors(readingFileAt: "/nowhere/x.safetensors") }
  }
}
