import Foundation
import LearnedSolvers
import Testing

/// Small dense networks give what PyTorch gives.
@Suite struct DenseNetworkTests {
  struct Golden: Decodable {
    var network: String
    var inputs: [[Float]]
    var outputs: [[Float]]
  }

  /// 1e-5: single precision in both, sums in another order.
  @Test(arguments: ["sweep-policy"]) func equalsPyTorch(_ model: String) throws {
    let data = try Data(contentsOf: GoldenProblem.folder.appendingPathComponent("\(model).json"))
    let golden = try JSONDecoder().decode(Golden.self, from: data)
    #expect(golden.inputs.count >= 3)
    let weights = try Safetensors(readingFileAt: "Assets/Models/\(model).safetensors")
    let network = try DenseNetwork(
      weights, golden.network, inputs: golden.inputs[0].count, outputs: golden.outputs[0].count)
    for (x, expected) in zip(golden.inputs, golden.outputs) {
      var y = [Float](repeating: 0, count: expected.count)
      network.evaluate(x, into: &y)
      let scale = expected.map(\.magnitude).max()!
      for (found, wanted) in zip(y, expected) { #expect((found - wanted).magnitude <= 1e-5 * scale) }
    }
  }

  /// Every model is small: at most 7 500 weights and 32 KB, and there are five of them or more.
  @Test func modelsAreSmall() throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: "Assets/Models").filter {
      $0.hasSuffix(".safetensors")
    }
    #expect(files.count >= 5)
    for file in files {
      let size = try Data(contentsOf: URL(fileURLWithPath: "Assets/Models/\(file)")).count
      let weights = try Safetensors(readingFileAt: "Assets/Models/\(file)").weightCount
      #expect(size <= 32 << 10 && weights <= 7500 && weights > 0, "\(file): \(size) bytes, \(weights) weights")
    }
  }
}
