import Darknet
import Loading
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

  /// On a CPU, where nobody watches.
  public var isShareable: Bool { !device.isCUDA && pass.observers.isEmpty }

  /// Values in `0...1`, float32.
  public func prepared(_ pictures: Tensor) throws -> Tensor {
    try pictures.asUnitRange()
  }

  /// Runs the network. On a CPU several pictures go through it side by side, a thread each: threads
  /// that share a layer wait for one another after every one of its operations.
  public func outputs(of prepared: Tensor) throws -> [Tensor] {
    let parts = self.parts(of: prepared.shape[0])
    guard parts.count > 1 else { return try whole(prepared) }
    let outputs = try TorchRuntime.sideBySide(parts.count) { index in
      try withoutGrad {
        let part = parts[index]
        return try whole(prepared.narrow(dim: 0, start: part.lowerBound, count: part.count))
      }
    }
    return try heads.indices.map { head in
      try Tensor.concatenated(outputs.map { $0[head] }, dim: 0)
    }
  }

  private func whole(_ prepared: Tensor) throws -> [Tensor] {
    try withPrecision(precision, on: device) { try network(prepared, pass) }
  }

  /// The pictures that go through the network together; all of them on a GPU, where somebody
  /// watches, and where threads would be left over.
  private func parts(of count: Int) -> [Range<Int>] {
    let threads = TorchRuntime.threadCount
    let rounds = (count + threads - 1) / threads
    guard isShareable, threads > 1, 4 * rounds * threads <= 5 * count else { return [0..<count] }
    return (0..<threads).map { part in part * count / threads..<(part + 1) * count / threads }
  }

  /// Waits for the device.
  public func synchronize() throws { try device.synchronize() }
}
