import Torch

/// How a network is run once: training or not, and who watches.
public struct ForwardPass {
  /// Whether batch normalisation uses the batch's statistics and updates the running ones.
  public var isTraining: Bool
  /// Called with the outputs that they want, in this order; each is given what the one before it
  /// gave back, and later layers read what the last one gives back.
  public var observers: [any LayerObserver]
  /// What dropout draws from while training, on the network's device; nil: libtorch's default
  /// generator, which the whole process shares.
  public var random: Generator?

  /// A pass of inference, unless it is said to train.
  public init(
    isTraining: Bool = false, observers: [any LayerObserver] = [], random: Generator? = nil
  ) {
    self.isTraining = isTraining
    self.observers = observers
    self.random = random
  }

  /// A pass of inference whose every output goes through `observe`.
  public init(observe: @escaping (_ layer: Int, _ output: Tensor) throws -> Tensor) {
    self.init(observers: [EveryLayer(observe: observe)])
  }

  /// Nobody watches.
  public static var inference: ForwardPass { ForwardPass() }
  /// Batch statistics; nobody watches.
  public static var training: ForwardPass { ForwardPass(isTraining: true) }

  /// What later layers read of a layer's output.
  func observed(_ output: Tensor, ofLayer layer: Int) throws -> Tensor {
    try observers.reduce(output) { output, observer in
      guard observer.watches(layer) else { return output }
      return try observer.observe(output, ofLayer: layer, isTraining: isTraining)
    }
  }
}

/// Something that sees the outputs of layers while a network runs: masks, feature taps, quantizers
/// of activations.
public protocol LayerObserver {
  /// Whether it wants the output of a layer, by index in the cfg.
  func watches(_ layer: Int) -> Bool

  /// Takes a layer's output, `[N, C, H, W]`, and gives back what later layers read.
  ///
  /// - Parameter isTraining: whether the pass trains; ranges are learned then, and hold otherwise.
  func observe(_ output: Tensor, ofLayer layer: Int, isTraining: Bool) throws -> Tensor

  /// Called when a pass and its gradients are done: lets go of what was kept of it.
  func clear()
}

extension LayerObserver {
  /// Keeps nothing.
  public func clear() {}
}

/// Keeps the outputs of some layers as they are, gradients included, until the next pass.
public final class FeatureTap: LayerObserver {
  private let layers: Set<Int>
  /// What was seen last, `[N, C, H, W]`, by layer.
  public private(set) var features: [Int: Tensor] = [:]

  /// A tap on layers by index in the cfg.
  public init(_ layers: some Sequence<Int>) { self.layers = Set(layers) }

  /// Whether the layer is tapped.
  public func watches(_ layer: Int) -> Bool { layers.contains(layer) }

  /// Keeps the output and passes it on.
  public func observe(_ output: Tensor, ofLayer layer: Int, isTraining: Bool) -> Tensor {
    features[layer] = output
    return output
  }

  /// Lets go of what was seen, and of its gradient's history.
  public func clear() { features = [:] }
}

/// A function of every layer's output.
private struct EveryLayer: LayerObserver {
  let observe: (Int, Tensor) throws -> Tensor

  func watches(_ layer: Int) -> Bool { true }
  func observe(_ output: Tensor, ofLayer layer: Int, isTraining: Bool) throws -> Tensor {
    try observe(layer, output)
  }
}
