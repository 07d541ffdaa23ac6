import Torch

/// A network that is run one layer after another, by whoever looks at what lies between.
///
/// An output is kept as long as a later layer reads it. A copy of a walk goes on by itself.
///
/// ```swift
/// var walk = try NetworkWalk(network, images)
/// while let layer = walk.next { print(layer, try walk.advance().shape) }
/// ```
public struct NetworkWalk {
  private let network: Network
  private let pass: ForwardPass
  /// Outputs that are still needed, by layer.
  private var outputs: [Tensor?]
  /// What the next layer reads, if it reads the layer before it.
  private var current: Tensor
  private var position = 0

  /// A walk that has not begun.
  ///
  /// - Parameters:
  ///   - images: `[N, channels, height, width]`, values in `0...1`.
  ///   - pass: whether the network trains, and who watches its layers.
  /// - Throws: ``NetworkError/wrongInput(found:channels:)``.
  public init(_ network: Network, _ images: Tensor, _ pass: ForwardPass = .inference) throws {
    guard images.rank == 4, images.shape[1] == network.spec.net.channels else {
      throw NetworkError.wrongInput(found: images.shape, channels: network.spec.net.channels)
    }
    (self.network, self.pass) = (network, pass)
    outputs = [Tensor?](repeating: nil, count: network.layers.count)
    current = try network.scaled(images).to(network.memoryFormat)
  }

  /// The layer that runs next, by index in the cfg; nil at the end.
  public var next: Int? {
    network.plan.steps.indices.contains(position) ? network.plan.steps[position].layer : nil
  }

  /// The output of a layer that ran, as long as it is kept; heads' outputs are kept to the end.
  public func output(of layer: Int) -> Tensor? { outputs[layer] }

  /// Runs the next layer, which there has to be, and gives its output.
  ///
  /// - Throws: what an observer throws, or ``TorchError``.
  @discardableResult public mutating func advance() throws -> Tensor {
    let step = network.plan.steps[position]
    let context = LayerContext(
      outputs: outputs, training: pass.isTraining, leakySlope: network.inputScale.leakySlope,
      random: pass.random)
    let output = try pass.observed(
      network.layers[step.layer](current, context), ofLayer: step.layer)
    outputs[step.layer] = output
    // Nothing reads on from a head.
    if !network.spec.layers[step.layer].isHead { current = output }
    for forgotten in step.forgets { outputs[forgotten] = nil }
    position += 1
    return output
  }

  /// The same walk over some of its pictures alone.
  ///
  /// - Parameter pictures: places in the batch.
  public func picking(_ pictures: [Int]) throws -> NetworkWalk {
    var walk = self
    walk.current = try current.indexSelect(dim: 0, pictures)
    walk.outputs = try outputs.map { try $0?.indexSelect(dim: 0, pictures) }
    return walk
  }
}
