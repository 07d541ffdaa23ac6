import Darknet
import Networks
import Testing
import Torch
import _TestSupport

@Suite struct NetworkWalkTests {
  @Test func `a walk gives what the network gives, and a part of it that of its pictures`() throws {
    for seed in 0..<6 as Range<UInt64> {
      let random = RandomNetwork(seed: seed)
      let configuration = try random.configuration
      let network = try Network(
        configuration, randomParameters(NetworkSpec(configuration), seed: seed))
      let shape = network.spec.inputShape
      let pictures = try Tensor.uniform(
        [3, shape.channels, shape.height, shape.width], low: 0, high: 1,
        generator: Generator(seed: seed))
      try withoutGrad {
        let expected = try network(pictures)
        var walk = try NetworkWalk(network, pictures)
        var part: NetworkWalk?
        var order: [Int] = []
        while let layer = walk.next {
          if order.count == network.layers.count / 2 { part = try walk.picking([2, 0]) }
          order.append(layer)
          try walk.advance()
        }
        #expect(order == network.spec.evaluationOrder)
        guard var part else { return }
        while part.next != nil { try part.advance() }
        for (head, output) in zip(network.heads, expected) {
          #expect(try walk.output(of: head.layerIndex)?.toFloats() == output.toFloats())
          let picked = try output.indexSelect(dim: 0, [2, 0])
          let found = try #require(part.output(of: head.layerIndex))
          #expect(try (found - picked).abs().amax().item() < 1e-4)
        }
      }
    }
  }
}
