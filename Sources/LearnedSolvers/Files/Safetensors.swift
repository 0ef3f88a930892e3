import Foundation

/// A file of named tensors (github.com/huggingface/safetensors): eight bytes with the header's length, little-endian; the
/// header, JSON, `{"name": {"dtype": "F32", "shape": […], "data_offsets": [begin, end]}, "__metadata__": {"key": "text"}}`;
/// then the data. Only F32 is read. The file is not trusted: sizes are checked before use, and every number must be finite.
public struct Safetensors {
  /// One tensor, row after row.
  public struct Tensor: Sendable {
    /// Number of elements along each axis.
    public var shape: [Int]
    /// Its elements.
    public var values: [Float]
  }

  /// Where it was read from.
  public let path: String
  /// The header's texts.
  public let metadata: [String: String]
  private let tensors: [String: Tensor]

  /// Largest file that is read (bytes): a model has at most 32 KB of weights.
  static let largestFile = 1 << 20

  /// Reads a file. Throws `ModelError`.
  public init(readingFileAt path: String) throws {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw ModelError(.missing, file: path, "no such file, or it cannot be read")
    }
    try self.init(data, path: path)
  }

  /// The tensors of a file's bytes. Throws `ModelError`.
  init(_ data: Data, path: String) throws {
    self.path = path
    func malformed(_ place: String, _ message: String) -> ModelError {
      ModelError(.malformed, file: path, place: place, message)
    }
    guard data.count <= Self.largestFile else {
      throw malformed("size", "\(data.count) bytes, expected at most \(Self.largestFile)")
    }
    guard data.count >= 8 else {
      throw malformed("header length", "the file has \(data.count) bytes, expected 8 or more")
    }
    let bytes = [UInt8](data)
    var length: UInt64 = 0
    for index in 0..<8 { length |= UInt64(bytes[index]) << UInt64(8 * index) }
    guard length <= UInt64(bytes.count - 8) else {
      throw malformed("header length", "\(length) bytes, but the file has \(bytes.count - 8) after it")
    }
    let begin = 8 + Int(length)
    guard let header = try? JSONSerialization.jsonObject(with: Data(bytes[8..<begin])) as? [String: Any] else {
      throw malformed("header", "is not a JSON object")
    }
    metadata = header["__metadata__"] as? [String: String] ?? [:]
    var tensors: [String: Tensor] = [:]
    for (name, value) in header.sorted(by: { $0.key < $1.key }) where name != "__metadata__" {
      guard let entry = value as? [String: Any], let kind = entry["dtype"] as? String,
        let shape = entry["shape"] as? [Int], let offsets = entry["data_offsets"] as? [Int], offsets.count == 2
      else { throw malformed(name, "expected dtype, shape and two data_offsets") }
      guard kind == "F32" else { throw malformed(name, "dtype is \"\(kind)\", expected F32") }
      guard shape.allSatisfy({ $0 >= 0 && $0 <= Self.largestFile }), offsets[0] >= 0, offsets[1] >= offsets[0],
        offsets[1] <= bytes.count - begin
      else {
        throw malformed(name, "data_offsets \(offsets) lie outside of the file's \(bytes.count - begin) bytes of data")
      }
      var count = 1
      for size in shape {
        let (product, overflow) = count.multipliedReportingOverflow(by: size)
        guard !overflow, product <= Self.largestFile else { throw malformed(name, "shape \(shape) is too large") }
        count = product
      }
      guard offsets[1] - offsets[0] == 4 * count else {
        throw malformed(name, "has \(offsets[1] - offsets[0]) bytes, expected \(4 * count) for shape \(shape)")
      }
      let values = (0..<count).map { index -> Float in
        var bits: UInt32 = 0
        for byte in 0..<4 { bits |= UInt32(bytes[begin + offsets[0] + 4 * index + byte]) << UInt32(8 * byte) }
        return Float(bitPattern: bits)
      }
      if let index = values.firstIndex(where: { !$0.isFinite }) {
        throw malformed("\(name)[\(index)]", "is \(values[index]), expected a finite number")
      }
      tensors[name] = Tensor(shape: shape, values: values)
    }
    self.tensors = tensors
  }

  /// The tensor of a name with this shape. Throws `ModelError`.
  public func tensor(_ name: String, shape: [Int]) throws -> Tensor {
    let tensor = try tensor(name, rank: shape.count)
    guard tensor.shape == shape else {
      throw ModelError(.malformed, file: path, place: name, "has shape \(tensor.shape), expected \(shape)")
    }
    return tensor
  }

  /// The tensor of a name with so many axes. Throws `ModelError`.
  public func tensor(_ name: String, rank: Int) throws -> Tensor {
    guard let tensor = tensors[name] else {
      throw ModelError(
        .malformed, file: path, place: name, "is missing; the file has \(tensors.keys.sorted().joined(separator: ", "))"
      )
    }
    guard tensor.shape.count == rank else {
      throw ModelError(.malformed, file: path, place: name, "has shape \(tensor.shape), expected \(rank) axes")
    }
    return tensor
  }

  /// Whether there is a tensor of this name.
  public func contains(_ name: String) -> Bool { tensors[name] != nil }
  /// Number of elements of all tensors.
  public var weightCount: Int { tensors.values.reduce(0) { $0 + $1.values.count } }
}
