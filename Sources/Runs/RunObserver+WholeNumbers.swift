import Integers
import Networks
import Quantization
import Training

extension RunObserver {
  /// Says what keeps a quantized network from being computed with whole numbers, or which sums may
  /// not fit into 32 bits.
  ///
  /// - Parameter network: the float one.
  /// - Returns: whether whole numbers compute all of it.
  func warnOfWholeNumbers(_ state: QuantizationState, of network: Network) throws -> Bool {
    // What the options alone say was said before anything was seen.
    guard state.plan.obstacle(in: network.spec) == nil else { return false }
    do {
      warnOfSums(try IntegerProgram(state.quantized(network)))
      return true
    } catch let error where error is QuantizationError || error is IntegerError {
      warn("\(error); '--engine integer' and 'export' will refuse it")
      return false
    }
  }

  /// Says which layers have sums that 32 bits do not hold for some picture.
  func warnOfSums(_ program: IntegerProgram) {
    let layers = program.layersThatMayOverflow
    guard let first = layers.first else { return }
    let named = layers.count == 1 ? "layer \(first)" : "\(layers.count) layers, such as \(first),"
    warn(
      "32 bits do not hold every sum that \(named) can come to: at one that does not fit what runs "
        + "the network stops and names the layer; fewer bits of weights or activations fit")
  }
}
