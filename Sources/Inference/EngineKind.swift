import Networks
import Torch

/// The engines that there are, and the one place where one is chosen.
public enum EngineKind: String, Codable, Hashable, Sendable, CaseIterable {
  /// libtorch.
  case torch

  /// An engine over a network.
  ///
  /// - Parameter precision: of the layers' arithmetic.
  public func engine(
    _ network: Network, precision: DType = .float32
  ) throws -> any InferenceEngine {
    switch self {
    case .torch: try TorchEngine(network, precision: precision)
    }
  }
}
