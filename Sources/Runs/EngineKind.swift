import Inference
import Networks
import Quantization
import Torch

/// The engines that a recipe can name, and the one place where its word becomes an engine.
///
/// The recipes of detecting, testing, comparing and profiling have one (`MachineRecipe`). Prunings
/// take ``torch``, for their networks are float; training's validation, its teachers and the times of
/// single layers and of convolutions need libtorch's own network, and make a `TorchEngine`.
public enum EngineKind: String, Codable, Hashable, Sendable, CaseIterable {
  /// libtorch.
  case torch
  /// Whole numbers alone, on the CPU: of quantized networks.
  case integer

  /// An engine over a network, where that is.
  ///
  /// - Parameter precision: of the layers' arithmetic, for libtorch.
  /// - Throws: ``TorchError`` out of memory; for ``integer`` as `IntegerEngine.init`.
  public func engine(
    _ network: Network, precision: DType = .float32
  ) throws -> any InferenceEngine {
    switch self {
    case .torch: try TorchEngine(network, precision: precision)
    case .integer: try IntegerEngine(network)
    }
  }
}
