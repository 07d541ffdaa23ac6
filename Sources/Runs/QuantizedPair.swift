import Darknet
import Inference
import Networks
import Quantization
import Torch
import Training

extension Model {
  /// The quantization of the weights, where there is one beside them.
  package var quantizationPath: String? { Runs.quantizationPath(beside: weightsPath) }

  /// The codes that lie beside the weights, and their file; nil of a float pair.
  ///
  /// - Throws: ``QuantizationError`` where that file is another pair's, or broken.
  package func codes() throws -> (path: String, state: QuantizationState)? {
    guard let path = quantizationPath else { return nil }
    return (
      path, try QuantizationFile.read(path, for: spec, cfg: cfgPath, weights: weightsPath)
    )
  }

  /// The network as it is used: quantized, where its quantization lies beside it.
  ///
  /// - Parameters:
  ///   - codes: as ``codes()`` gives them; read unless given.
  ///   - machine: what it is to run on.
  ///   - observer: is told what was taken.
  /// - Throws: as ``codes()``; ``RunError`` for arithmetic that they would not survive.
  package func usedNetwork(
    _ codes: (path: String, state: QuantizationState)? = nil, on device: Device,
    _ machine: MachineRecipe, _ observer: any RunObserver
  ) throws -> Network {
    let network = try network(on: device)
    guard let (path, state) = try codes ?? self.codes() else { return network }
    guard machine.precision == .float32 else {
      throw RunError.unusable(
        "--precision",
        reason: "the network is quantized (\(path)); its codes are exact in fp32 alone")
    }
    observer.note("quantized, \(state.summary): \(path)")
    return try state.quantized(network)
  }
}

/// The quantization of weights, where there is one beside them. A folder with one for its best
/// weights alone has it for its last ones too, which it refuses.
func quantizationPath(beside weights: String) -> String? {
  if let path = QuantizationFile.find(beside: weights) { return path }
  let best = "\(folderPath(of: weights))/\(QuantizationFile.name)"
  return fileExists(best) ? best : nil
}

extension RunObserver {
  /// Says that of a quantized pair the float weights are taken; nothing of others.
  ///
  /// - Parameter what: becomes of them.
  package func noteFloat(_ weights: String, _ what: String) {
    guard let path = quantizationPath(beside: weights) else { return }
    note("\(folderPath(of: path)) is quantized already (\(fileName(of: path))): \(what)")
  }
}
