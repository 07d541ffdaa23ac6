import Darknet
import Torch

extension Network {
  /// A head's raw output from given outputs of layers before it: only the layers between are run,
  /// as in inference.
  ///
  /// - Parameters:
  ///   - place: of the head in ``heads``.
  ///   - given: outputs by layer, `[N, C, H, W]`, in the network's precision; gradients flow
  ///     through.
  /// - Returns: `[N, anchors × values per anchor, H, W]`; nil where the head depends on the pictures
  ///   by a way that goes past all given layers.
  public func output(ofHead place: Int, from given: [Int: Tensor]) throws -> Tensor? {
    let head = heads[place].layerIndex
    guard let between = layersBetween(head, given: Set(given.keys)) else { return nil }
    var outputs = [Tensor?](repeating: nil, count: layers.count)
    for (layer, output) in given { outputs[layer] = try output.to(memoryFormat) }
    for layer in spec.evaluationOrder where between.contains(layer) {
      let inputs = spec.inputs(ofLayer: layer)
      guard let current = inputs.first.flatMap({ outputs[$0] }) else {
        preconditionFailure("layer \(layer) runs after what it reads")
      }
      outputs[layer] = try layers[layer](
        current,
        LayerContext(outputs: outputs, training: false, leakySlope: inputScale.leakySlope))
    }
    return outputs[head]
  }

  /// A layer and those that it depends on, up to given ones; nil where one of them reads the
  /// pictures.
  private func layersBetween(_ layer: Int, given: Set<Int>) -> Set<Int>? {
    var (found, open) = (Set<Int>(), given.contains(layer) ? [] : [layer])
    while let next = open.popLast() {
      guard found.insert(next).inserted else { continue }
      let inputs = spec.inputs(ofLayer: next)
      guard !inputs.isEmpty else { return nil }
      open += inputs.filter { !given.contains($0) }
    }
    return found
  }
}
