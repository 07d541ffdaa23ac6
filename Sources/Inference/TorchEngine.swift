import Darknet
import Networks
import Torch

/// Runs a network with libtorch.
public final class TorchEngine: InferenceEngine {
  /// The network; its batch normalisations are part of the convolutions (``Network/folded()``).
  public let network: Network
  /// Arithmetic of its layers.
  public let precision: DType
  private let pass: ForwardPass

  /// An engine over a folded copy of a network.
  ///
  /// - Parameters:
  ///   - precision: of the layers' arithmetic; outputs may be of it too.
  ///   - pass: who watches and changes the outputs of layers.
  public init(
    _ network: Network, precision: DType = .float32, pass: ForwardPass = .inference
  ) throws {
    self.network = network.isFolded ? network : try network.folded()
    self.precision = precision
    self.pass = pass
  }

  /// What it is.
  public var description: EngineDescription {
    EngineDescription(
      name: "torch", precision: precision.rawValue, device: "\(device)",
      threads: TorchRuntime.threadCount)
  }
  /// The cfg of the network.
  public var spec: NetworkSpec { network.spec }
  /// The heads of the network.
  public var heads: [any DetectionHead] { network.heads }
  /// Where the network is.
  public var device: Device { network.device }

  /// Values in `0...1`, float32.
  public func prepared(_ pictures: Tensor) throws -> Tensor {
    try pictures.contiguous().to(.float32) / 255
  }

  /// Runs the network.
  public func outputs(of prepared: Tensor) throws -> [Tensor] {
    try withPrecision(precision, on: device) { try network(prepared, pass) }
  }

  /// Waits for the device.
  public func synchronize() throws { try device.synchronize() }
}
