import Darknet
import Testing
import Torch

import Networks

@Suite struct NetworkRestTests {
  /// Counts the runs of a layer.
  private final class Counted: Layer {
    let inner: any Layer
    let count: () -> Void

    init(_ inner: any Layer, _ count: @escaping () -> Void) {
      (self.inner, self.count) = (inner, count)
    }

    func callAsFunction(_ input: Tensor, _ context: LayerContext) throws -> Tensor {
      count()
      return try inner(input, context)
    }
    func copy(_ earlier: [any Layer]) throws -> any Layer { self }
  }

  private func network(_ name: BuiltInNetwork) throws -> Network {
    try Network(
      name.configuration(classes: 3, width: 64, height: 64, widthMultiple: 0.125), seed: 3)
  }

  // From what the last convolution before each head reads, and from a layer in the midst on which all
  // heads depend.
  @Test(arguments: [BuiltInNetwork.yolov4Tiny, .yolov3Tiny, .yolov4])
  func `what lies behind given layers comes to the same as the whole`(name: BuiltInNetwork) throws {
    let network = try network(name)
    let images = try Tensor.uniform(
      [2, 3, 64, 64], low: 0, high: 1, generator: Generator(seed: 5))
    let seams = network.heads.map { network.spec.inputs(ofLayer: $0.sourceIndex)[0] }
    let tap = FeatureTap(seams)
    try withoutGrad {
      let whole = try network(images, ForwardPass(observers: [tap]))
      for place in network.heads.indices {
        let rest = try #require(try network.output(ofHead: place, from: tap.features))
        #expect(try (rest - whole[place]).abs().amax().item() < 1e-5)
      }
      #expect(try network.output(ofHead: 0, from: [:]) == nil)
      // The way of the second head goes past the first one's seam.
      let first = tap.features.filter { $0.key == seams[0] }
      #expect(try network.output(ofHead: 1, from: first) == nil)
    }
  }

  @Test func `only the layers between are run, and gradients reach what is given`() throws {
    let network = try network(.yolov4Tiny)
    let head = network.heads[1]
    let seam = network.spec.inputs(ofLayer: head.sourceIndex)[0]
    var runs: [Int] = []
    try network.replaceLayers { index, layer in
      Counted(layer) { runs.append(index) }
    }
    let shape = try network.spec.shapes(width: 64, height: 64)[seam]
    let given = try Tensor.ones([1, shape.channels, shape.height, shape.width]).requireGrad()
    let output = try #require(try network.output(ofHead: 1, from: [seam: given]))
    #expect(runs == [head.sourceIndex, head.layerIndex])
    try output.sum().backward()
    #expect(try #require(given.grad).abs().amax().item() > 0)
  }
}
