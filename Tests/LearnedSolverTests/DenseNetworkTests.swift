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

  /// Eight vectors at a time give the bits of one at a time, in every lane and whatever the other lanes hold.
  @Test(arguments: ["layer0", "layer1", "layer2"]) func eightEqualOne(_ layer: String) throws {
    let weights = try Safetensors(readingFileAt: "Assets/Models/contact-guess.safetensors")
    let one = try DenseNetwork(weights, layer, inputs: 14, outputs: 4)
    let eight = EightfoldNetwork(one)
    var x = [SIMD8<Float>](repeating: .zero, count: 14)
    for input in 0..<14 {
      for lane in 0..<6 { x[input][lane] = Float((7 * input + 5 * lane) % 13) / 6 - 1 }
      x[input][6] = 1e30
      x[input][7] = .nan
    }
    var y = [SIMD8<Float>](repeating: .zero, count: 4)
    eight.evaluate(x, into: &y)
    for lane in 0..<7 {
      var alone = [Float](repeating: 0, count: 4)
      one.evaluate(x.map { $0[lane] }, into: &alone)
      #expect(y.map { $0[lane].bitPattern } == alone.map(\.bitPattern), "lane \(lane)")
    }
    #expect(y.allSatisfy { $0[7].isNaN })
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
