import Integers
import Networks
import Quantization
import Training

/// What whole numbers can compute of a quantized network.
public enum WholeNumbers: Hashable, Sendable {
  /// Every picture.
  case allPictures
  /// Pictures whose sums 32 bits hold; there may be others.
  case picturesOfSmallSums
  /// Nothing: a layer has what they cannot compute.
  case nothing
}

extension RunObserver {
  /// Says what keeps a quantized network from being computed with whole numbers, or which sums may
  /// not fit into 32 bits.
  ///
  /// - Parameter network: the float one.
  func warnOfWholeNumbers(
    _ state: QuantizationState, of network: Network
  ) throws -> WholeNumbers {
    // What the options alone say was said before anything was seen.
    guard state.plan.obstacle(in: network.spec) == nil else { return .nothing }
    do {
      let isTold = warnOfSums(try IntegerProgram(state.quantized(network)))
      return isTold ? .picturesOfSmallSums : .allPictures
    } catch let error where error is QuantizationError || error is IntegerError {
      warn("\(error); '--engine integer' and 'export' will refuse it")
      return .nothing
    }
  }

  /// Says which layers have sums that 32 bits do not hold for some picture.
  ///
  /// - Returns: whether there are any.
  @discardableResult
  func warnOfSums(_ program: IntegerProgram) -> Bool {
    let layers = program.layersThatMayOverflow
    guard let first = layers.first else { return false }
    let named = layers.count == 1 ? "layer \(first)" : "\(layers.count) layers, such as \(first),"
    warn(
      "32 bits do not hold every sum that \(named) can come to: at one that does not fit '--engine "
        + "integer' and exported programs stop and name the layer, libtorch goes on; fewer bits of "
        + "weights or activations fit")
    return true
  }
}
