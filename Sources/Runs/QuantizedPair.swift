import Darknet
import Inference
import Networks
import Quantization
import Torch
import Training

extension Model {
  /// The quantization beside the weights, where there is one.
  package var quantizationPath: String? {
    let path = folderPath(of: weightsPath) + "/" + QuantizationFile.name
    return fileExists(path) ? path : nil
  }

  /// The network as it is used: quantized, where its quantization lies beside it.
  ///
  /// - Parameters:
  ///   - machine: what it is to run on.
  ///   - observer: is told what was taken.
  /// - Throws: ``QuantizationError`` where that file is another pair's, or broken; ``RunError`` for
  ///   arithmetic that its codes would not survive.
  package func usedNetwork(
    on device: Device, _ machine: MachineRecipe, _ observer: any RunObserver
  ) throws -> Network {
    let network = try network(on: device)
    guard let path = quantizationPath else { return network }
    guard machine.precision == .float32 else {
      throw RunError.unusable(
        "--precision",
        reason: "the network is quantized (\(path)); its codes are exact in fp32 alone")
    }
    let state = try QuantizationFile.read(path, for: spec, cfg: cfgPath, weights: weightsPath)
    observer.note("quantized, \(state.options.summary): \(path)")
    return try state.quantized(network)
  }
}

extension QuantizationOptions {
  /// "google, weights of 8 bits, activations of 8".
  package var summary: String {
    let weights =
      switch scheme {
      case .binary: "weights of 1 bit"
      case .ternary: "weights of 2 bits"
      default: "weights of \(weightBits) bits"
      }
    return "\(scheme.rawValue), \(weights), activations of \(activationBits)"
  }
}
