import Networks
import Torch

/// The engines that a recipe can name, and the one place where its word becomes an engine.
///
/// The recipes of detecting, testing, comparing and profiling have one (`MachineRecipe`). Prunings
/// take ``torch`` so far; training's validation, its teachers and the times of single layers and of
/// convolutions need libtorch's own network, and make a ``TorchEngine``.
public enum EngineKind: String, Codable, Hashable, Sendable, CaseIterable {
  /// libtorch.
  case torch

  /// An engine over a network, where that is.
  ///
  /// - Parameter precision: of the layers' arithmetic.
  /// - Throws: ``TorchError`` out of memory.
  public func engine(
    _ network: Network, precision: DType = .float32
  ) throws -> any InferenceEngine {
    switch self {
    case .torch: try TorchEngine(network, precision: precision)
    }
  }
}
