import Darknet
import Testing
import Torch
import _TestSupport

@testable import Networks

/// A cfg in short: a `[net]` of that input, and blocks written as `[route] layers=0,1`.
func shortCfg(
  width: Int = 12, height: Int = 8, channels: Int = 4, _ blocks: [String]
) throws -> Configuration {
  let net = "[net] width=\(width) height=\(height) channels=\(channels)"
  let lines = ([net] + blocks).flatMap { $0.split(separator: " ") }
  return try Configuration(parsing: lines.joined(separator: "\n"), path: "short.cfg")
}

/// Numbers in −1..<1, the same for a seed.
func numbers(_ count: Int, seed: UInt64) throws -> [Float] {
  try Tensor.uniform([count], low: -1, high: 1, generator: Generator(seed: seed)).toFloats()
}

extension Network {
  /// Draws every parameter anew, running statistics too, so that none is a zero or a one.
  func randomize(seed: UInt64 = 1) throws {
    var parameters = try parameters()
    for layer in parameters.layers.indices {
      for (number, role) in ParameterRole.allCases.enumerated() {
        guard let array = parameters.layers[layer][role] else { continue }
        var values = try numbers(array.values.count, seed: seed &+ UInt64(100 * layer + number))
        if role == .variance { values = values.map { 1.25 + $0 } }
        parameters.layers[layer][role] = ParameterArray(shape: array.shape, values: values)
      }
    }
    try load(parameters)
  }

  /// The output of every layer.
  func outputs(
    _ images: Tensor, training: Bool = false
  ) throws -> [Tensor] {
    let tap = FeatureTap(layers.indices)
    _ = try callAsFunction(images, ForwardPass(isTraining: training, observers: [tap]))
    return layers.indices.compactMap { tap.features[$0] }
  }
}

/// Runs a cfg with random parameters on two random pictures, and compares every layer with the slow
/// forward pass in plain Swift.
func expectReferenceOutputs(_ configuration: Configuration) throws {
  let network = try Network(configuration)
  try network.randomize()
  let net = network.spec.net
  let shape = [2, net.channels, net.height, net.width]
  let pixels = try numbers(shape.reduce(1, *), seed: 7)
  for format in [MemoryFormat.contiguous, .channelsLast] {
    try network.move(to: .cpu, memoryFormat: format)
    let outputs = try withoutGrad { try network.outputs(Tensor(pixels, shape: shape)) }
    let reference = try ReferenceNetwork(configuration, network.parameters())
    for picture in 0..<2 {
      let count = pixels.count / 2
      let input = FeatureMap(
        net.channels, net.height, net.width,
        pixels[picture * count..<(picture + 1) * count].map(Double.init))
      for (index, expected) in reference.outputs(input).enumerated() {
        let found = try outputs[index].select(dim: 0, index: picture)
        #expect(found.shape == [expected.channels, expected.height, expected.width])
        let scale = expected.values.reduce(1e-3) { max($0, abs($1)) }
        let distance = zip(try found.toFloats(), expected.values).reduce(0) {
          max($0, abs(Double($1.0) - $1.1))
        }
        #expect(distance <= 2e-5 * scale, "layer \(index) of \(configuration.text)")
      }
    }
  }
}

/// Compares the gradient of the sum of all heads' or the last layer's squares with finite
/// differences, at one place of every learnable tensor.
func expectTrueGradients(_ configuration: Configuration, training: Bool) throws {
  let network = try Network(configuration)
  try network.randomize(seed: 3)
  let net = network.spec.net
  let shape = [2, net.channels, net.height, net.width]
  let images = try Tensor(numbers(shape.reduce(1, *), seed: 9), shape: shape)
  func loss() throws -> Tensor {
    let outputs = try network.outputs(images, training: training)
    return try (outputs.last ?? images).squared().mean()
  }
  try loss().backward()
  for entry in try network.learnableTensors {
    let gradient = try #require(entry.tensor.grad, "\(entry.name)").toFloats()
    let start = try entry.tensor.detach().clone()
    let place = entry.tensor.count / 2
    func moved(by step: Float) throws -> Double {
      var values = try start.toFloats()
      values[place] += step
      return try withoutGrad {
        try entry.tensor.copyInPlace(Tensor(values, shape: entry.tensor.shape))
        let value = try loss().item()
        try entry.tensor.copyInPlace(start)
        return value
      }
    }
    let step: Float = 3e-3
    let slope = (try moved(by: step) - moved(by: -step)) / Double(2 * step)
    #expect(
      abs(slope - Double(gradient[place])) < 0.02 * max(0.1, abs(slope)), "\(entry.name)")
  }
}
