import Boxes
import Darknet
import Inference
import Networks
import Quantization
import Torch
import Training

/// The codes that a quantized pair runs on.
public struct PairCodes: Hashable, Sendable {
  /// Their file.
  public let path: String
  /// "google, weights of 8 bits, activations of 8", and how many convolutions are float.
  public let summary: String
  /// Bytes of the weights on them (`QuantizationState.byteCount`).
  public let bytes: Int
  /// Bytes of their file, which has steps and names too; nil where they are not known.
  public var fileBytes: Int?
}

extension PairCodes {
  init(_ path: String, _ state: QuantizationState, of spec: NetworkSpec) {
    self.init(path: path, summary: state.summary, bytes: state.byteCount(spec))
    fileBytes = try? ReadOnlyFile(opening: path).byteCount
  }
}

extension Model {
  /// The quantization of the weights, where there is one beside them.
  package var quantizationPath: String? { Runs.quantizationPath(beside: weightsPath) }

  /// The codes that lie beside the weights, and their file; nil of a float pair.
  ///
  /// - Throws: ``QuantizationError`` where that file is another pair's, or broken.
  private func codes() throws -> (path: String, state: QuantizationState)? {
    guard let path = quantizationPath else { return nil }
    return (
      path, try QuantizationFile.read(path, for: spec, cfg: cfgPath, weights: weightsPath)
    )
  }

  /// The network as it is used: quantized, where its quantization lies beside it.
  ///
  /// - Parameters:
  ///   - machine: what it is to run on.
  ///   - observer: is told what was taken.
  /// - Returns: the network, and its codes, where it is on some.
  /// - Throws: ``QuantizationError`` where their file is another pair's, or broken; ``RunError`` for
  ///   arithmetic that they would not survive.
  package func usedNetwork(
    on device: Device, _ machine: MachineRecipe, _ observer: any RunObserver
  ) throws -> (network: Network, codes: PairCodes?) {
    let network = try network(on: device)
    guard let (path, state) = try codes() else { return (network, nil) }
    guard machine.precision == .float32 else {
      throw RunError.unusable(
        "--precision",
        reason: "the network is quantized (\(path)); its codes are exact in fp32 alone")
    }
    observer.note("quantized, \(state.summary): \(path)")
    return (try state.quantized(network), PairCodes(path, state, of: spec))
  }
}

/// The quantization of weights, where there is one beside them. A folder with one for its best
/// weights alone has it for its last ones too, which it refuses.
func quantizationPath(beside weights: String) -> String? {
  if let path = QuantizationFile.find(beside: weights) { return path }
  let best = "\(folderPath(of: weights))/\(QuantizationFile.name)"
  return fileExists(best) ? best : nil
}

/// What float weights are worth on validation pictures, as is recorded beside them; nil where that is
/// said of the codes that lie there, or not at all.
package func floatValidation(cfg: String, weights: String) -> DetectionQuality? {
  quantizationPath(beside: weights) == nil
    ? ModelDescription.validation(cfg: cfg, weights: weights) : nil
}

extension RunObserver {
  /// Says that of a quantized pair the float weights are taken, or that the codes beside them are those
  /// of others; nothing where none lie there.
  ///
  /// - Parameter what: becomes of them.
  package func noteFloat(_ weights: String, _ what: String) {
    guard let path = quantizationPath(beside: weights) else { return }
    do {
      try QuantizationFile.require(path, of: weights)
    } catch QuantizationError.otherPair(let path, let file) {
      return warn("\(QuantizationError.words(ofCodes: path, beside: file)); it is left aside")
    } catch {
      return warn("\(error)")
    }
    note("\(folderPath(of: path)) is quantized already (\(fileName(of: path))): \(what)")
  }
}
