import Darknet
import Datasets
import Foundation
import Loading
import Networks
import Testing
import Torch

@testable import Training

/// Two whole training steps beside an independent program: `Resources/training_step.py` works out
/// forward pass, loss, gradients (as central differences), update and average in NumPy and float64.
@Suite struct TrainingStepTests {
  private struct Case: Decodable {
    struct Rates: Decodable {
      var rate: Double
      var bias: Double
      var momentum: Double
      var decay: Double
      var ramp: Double
    }
    struct Step: Decodable {
      var losses: [Double]
      var gradients: [String: String]
      var parameters: [String: String]
      var average: [String: String]
    }
    var name: String
    var cfg: String
    var overlap: String
    var rates: Rates
    var targets: [[Float]]
    var steps: [Step]
  }

  @Test(arguments: ["yolov3", "yolov4", "yolov2"])
  func `two steps are those of an independent program`(name: String) throws {
    let url = try #require(
      Bundle.module.url(forResource: "Resources/training_step", withExtension: "json"))
    let cases = try JSONDecoder().decode([Case].self, from: Data(contentsOf: url))
    let reference = try #require(cases.first { $0.name == name })
    let text = reference.cfg.split(separator: " ").joined(separator: "\n")
    let network = try Network(Configuration(parsing: text, path: "\(name).cfg"))
    try network.load(freshParameters(network))
    let net = network.spec.net
    let shape = [2, net.channels, net.height, net.width]
    let pixels = numbers(shape.reduce(1, *), seed: 77).map { Float(($0 + 1) / 2) }
    let images = try Tensor(pixels, shape: shape)
    let targets = reference.targets.map {
      BatchTarget(
        imageIndex: Int($0[0]), classIndex: Int($0[1]), centerX: $0[2], centerY: $0[3],
        width: $0[4], height: $0[5])
    }
    var loss = DetectionLoss()
    loss.overlap = try #require(DetectionLoss.Overlap(rawValue: reference.overlap))
    let optimizer = try Optimizer(network.allParameters)
    let average = try ExponentialMovingAverage(of: network)
    let rates = reference.rates

    for step in reference.steps {
      let value = try loss(
        network(images, .training), heads: network.heads, targets: targets,
        inputWidth: net.width, inputHeight: net.height, overlapShare: rates.ramp)
      expect(try value.terms.toFloats(), near: step.losses.map(Float.init), "\(name): losses")
      try (value.total * (2.0 / 64)).backward()
      for entry in try network.learnableTensors {
        let gradient = try #require(entry.tensor.grad, "\(entry.name)")
        expect(
          try gradient.toFloats(), near: try unpacked(step.gradients, entry.name),
          "\(name): gradient of \(entry.name)")
      }
      try optimizer.step(
        LearningRateSchedule.Values(
          rate: rates.rate, biasRate: rates.bias, momentum: rates.momentum,
          weightDecay: rates.decay, warmup: rates.ramp))
      try average.update()
      for entry in try network.tensors {
        expect(
          try entry.tensor.toFloats(), near: try unpacked(step.parameters, entry.name),
          "\(name): \(entry.name) after the step")
      }
      for entry in try average.network.tensors {
        expect(
          try entry.tensor.toFloats(), near: try unpacked(step.average, entry.name),
          "\(name): average of \(entry.name)")
      }
    }
  }

  /// Within 1e-4 of the largest value.
  private func expect(_ found: [Float], near expected: [Float], _ what: Comment) {
    let scale = expected.reduce(1e-6) { max($0, abs($1)) }
    #expect(found.count == expected.count, what)
    let distance = zip(found, expected).reduce(0) { max($0, abs($1.0 - $1.1)) }
    #expect(distance <= 1e-4 * scale, what)
  }

  private func unpacked(_ arrays: [String: String], _ name: String) throws -> [Float] {
    let text = try #require(arrays[name], "\(name)")
    let data = try #require(Data(base64Encoded: text))
    return data.withUnsafeBytes { bytes in
      stride(from: 0, to: bytes.count, by: 4).map {
        Float(
          bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: $0, as: UInt32.self))
        )
      }
    }
  }

  /// The same numbers as in the script, in −1..<1.
  private func numbers(_ count: Int, seed: UInt32) -> [Double] {
    var state = seed
    return (0..<count).map { _ in
      state = state &* 1_664_525 &+ 1_013_904_223
      return Double(state) / 2_147_483_648 - 1
    }
  }

  /// The script's first parameters.
  private func freshParameters(_ network: Network) throws -> NetworkParameters {
    var parameters = try network.parameters()
    let order: [ParameterRole] = [.weight, .gamma, .beta, .mean, .variance]
    for layer in parameters.layers.indices {
      for (role, array) in parameters.layers[layer] {
        let number = role == .bias ? 1 : try #require(order.firstIndex(of: role))
        let drawn = numbers(array.values.count, seed: UInt32(1000 * layer + number))
        let fanIn = Double(array.shape.dropFirst().reduce(1, *))
        parameters.layers[layer][role]?.values = drawn.map { value in
          switch role {
          case .weight: Float(value / fanIn.squareRoot())
          case .gamma, .variance: Float(1 + value / 4)
          default: Float(value / 4)
          }
        }
      }
    }
    return parameters
  }
}
