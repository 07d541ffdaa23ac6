import Darknet
import Testing
import Torch

import Networks

/// A convolution whose kernel is multiplied by a factor that learns, as a quantizer would be put
/// around one. It uses nothing but what `Networks` makes public.
private final class ScaledConvolution: Layer {
  let inner: Convolution
  let factor: Parameter

  init(_ inner: Convolution, _ factor: Parameter) { (self.inner, self.factor) = (inner, factor) }

  var parameters: [ParameterRole: Parameter] { inner.parameters }
  var addedParameters: [Parameter] { [factor] }
  var convolution: Convolution? { inner }

  func callAsFunction(_ input: Tensor, _ context: LayerContext) throws -> Tensor {
    let x = try inner.convolved(input, weight: inner.weight * factor.value, bias: inner.bias)
    return try inner.activated(inner.normalized(x, context), context)
  }

  func copy(_ earlier: [any Layer]) throws -> any Layer {
    let copied = try inner.copy(earlier)
    guard let convolution = copied.convolution else { return copied }
    return ScaledConvolution(convolution, try factor.copy())
  }
}

/// Becomes a convolution with a kernel of factors, made on the host, when it is folded.
private final class FoldingConvolution: Layer {
  let inner: Convolution
  init(_ inner: Convolution) { self.inner = inner }

  var parameters: [ParameterRole: Parameter] { inner.parameters }
  var convolution: Convolution? { inner }

  func callAsFunction(_ input: Tensor, _ context: LayerContext) throws -> Tensor {
    try inner(input, context)
  }
  func copy(_ earlier: [any Layer]) throws -> any Layer {
    let copied = try inner.copy(earlier)
    return copied.convolution.map(FoldingConvolution.init) ?? copied
  }
  func folded(_ earlier: [any Layer]) throws -> any Layer {
    let factors = try Tensor.ones([3, 4, 3, 3])
    let folded = try inner.folded(earlier)
    return try folded.convolution.map {
      ScaledConvolution($0, try Parameter("factors", ParameterGroup("factors"), factors))
    } ?? folded
  }
}

/// Doubles what it watches.
private struct Doubling: LayerObserver {
  let layer: Int
  func watches(_ layer: Int) -> Bool { layer == self.layer }
  func observe(_ output: Tensor, ofLayer layer: Int, isTraining: Bool) throws -> Tensor {
    try output * 2
  }
}

@Suite struct OpeningsTests {
  private func network() throws -> Network {
    let network = try Network(
      shortCfg([
        "[convolutional] filters=3 size=3 stride=1 pad=1 activation=linear",
        "[convolutional] filters=2 size=1 stride=1 activation=linear",
      ]))
    try network.randomize()
    return network
  }

  private func images(_ network: Network) throws -> Tensor {
    try Tensor(numbers(4 * 8 * 12, seed: 7), shape: [1, 4, 8, 12])
  }

  private func lastOutput(_ network: Network, _ observers: [any LayerObserver] = []) throws
    -> Tensor
  {
    let tap = FeatureTap([network.layers.count - 1])
    _ = try network(images(network), ForwardPass(observers: observers + [tap]))
    return try #require(tap.features[network.layers.count - 1])
  }

  // A memory format shows it without a second device.
  @Test func `what a layer makes when it is folded is where the network is`() throws {
    func network() throws -> Network {
      let network = try self.network()
      try network.move(to: .cpu, memoryFormat: .channelsLast)
      try network.replaceLayers { index, layer in
        index == 0 ? layer.convolution.map(FoldingConvolution.init) : nil
      }
      return network
    }
    let (copy, itself) = (try network().folded(), try network())
    try itself.fold()
    for folded in [copy, itself] {
      let added = try #require(folded.addedParameters.first)
      #expect(folded.addedParameters.count == 1 && added.value.isContiguous(.channelsLast))
    }
  }

  @Test func `observers come in order, and later layers read what the last gives back`() throws {
    let network = try network()
    let (first, second) = (FeatureTap([0]), FeatureTap([0, 1]))
    let outputs = try withoutGrad {
      try lastOutput(network, [first, Doubling(layer: 0), second]).toFloats()
    }
    let plain = try #require(first.features[0]).toFloats()
    #expect(try #require(second.features[0]).toFloats() == plain.map { 2 * $0 })
    // The next layer is linear: 2 · (W x) + b.
    let parameters = try network.parameters()
    let bias = try #require(parameters.layers[1][.bias]).values
    let alone = try withoutGrad { try lastOutput(network).toFloats() }
    for (place, (doubled, single)) in zip(outputs, alone).enumerated() {
      let shift = bias[place / (8 * 12)]
      #expect(abs(doubled - (2 * (single - shift) + shift)) < 1e-4)
    }
    first.clear()
    #expect(first.features.isEmpty)
  }

  @Test func `a layer can be replaced from outside, and its own parameters learn`() throws {
    let network = try network()
    let before = try withoutGrad { try lastOutput(network).toFloats() }
    let written = try network.parameters()
    try network.replaceLayers { index, layer in
      guard index == 1, let convolution = layer.convolution else { return nil }
      return ScaledConvolution(
        convolution, try Parameter("toy.1.factor", ParameterGroup("toy"), .full([], 1)))
    }
    #expect(try withoutGrad { try lastOutput(network).toFloats() } == before)
    #expect(try network.parameters() == written)
    #expect(try network.allParameters.map(\.name).last == "toy.1.factor")
    let factor = try #require(network.addedParameters.first)
    try lastOutput(network).sum().backward()
    // d/df Σ (f · W x + b) = Σ W x = Σ output − Σ b at f = 1.
    let bias = try #require(written.layers[1][.bias]).values.reduce(0, +) * 96
    let slope = try #require(factor.value.grad).item()
    #expect(abs(slope - Double(before.reduce(0, +) - bias)) < 1e-2)

    let copy = try network.copy()
    #expect(copy.addedParameters.map(\.name) == ["toy.1.factor"])
    #expect(copy.addedParameters.first !== factor)
    #expect(try withoutGrad { try lastOutput(copy).toFloats() } == before)
  }

  // A memory format shows it without a second device: the layer is made on its own, as torch makes it.
  @Test func `what a replaced layer adds comes to where the network is`() throws {
    let network = try network()
    try network.move(to: .cpu, memoryFormat: .channelsLast)
    let kernel = try Parameter("toy.0.kernel", ParameterGroup("toy"), .ones([4, 3, 3, 3]))
    #expect(!kernel.value.isContiguous(.channelsLast))
    try network.replaceLayers { index, layer in
      guard index == 0, let convolution = layer.convolution else { return nil }
      return ScaledConvolution(convolution, kernel)
    }
    #expect(network.addedParameters.first === kernel)
    #expect(kernel.value.isContiguous(.channelsLast) && kernel.value.requiresGrad)
  }

  @Test func `moving and loading change values, never the objects`() throws {
    let network = try network()
    let parameters = try network.allParameters
    let values = try parameters.map { try $0.value.toFloats() }
    try network.move(to: .cpu, memoryFormat: .channelsLast)
    try network.load(network.parameters())
    #expect(try network.allParameters.elementsEqual(parameters, by: ===))
    #expect(try parameters.map { try $0.value.toFloats() } == values)
    #expect(parameters.allSatisfy { $0.value.requiresGrad == $0.group.learns })
  }
}
