// What is chosen where nothing else is asked for. Figures: docs/results/quantization.md.

import Darknet

extension QuantizationOptions {
  /// Options of a quantization by pictures alone.
  ///
  /// With 8 bits or more, ranges reach as far as the values: the greatest activations are few, and
  /// heads read them. With fewer bits ranges are those of the least squared error. Where weights keep
  /// their sizes channels are evened out and rounding is learned layer by layer; with 8 bits and a step
  /// for each channel it is to the nearest instead, unless a convolution is depthwise: what rounding
  /// does evens out over the weights of a channel, but not over the few of such a one. The rest is as in
  /// ``byTraining(_:weightBits:activationBits:layerBits:)``.
  ///
  /// - Parameters:
  ///   - weightBits: of weights, 2 to 16.
  ///   - activationBits: of activations, 2 to 16.
  ///   - layerBits: bits of single layers.
  ///   - spec: the network, where its weights stay at these bits; without it rounding is learned.
  public static func byPictures(
    _ scheme: QuantizationScheme = .google, weightBits: Int = 8, activationBits: Int = 8,
    layerBits: [Int: LayerBits] = [:], of spec: NetworkSpec? = nil
  ) -> QuantizationOptions {
    var options = byTraining(
      scheme, weightBits: weightBits, activationBits: activationBits, layerBits: layerBits)
    let layers = layerBits.values
    let fewest = ([weightBits] + layers.compactMap(\.weights)).min() ?? weightBits
    options.weightRange = fewest < 8 ? .squaredError : .minMax
    let fewestRead = ([activationBits] + layers.compactMap(\.activations)).min() ?? activationBits
    options.activationRange = fewestRead < 8 ? .squaredError : .minMax
    options.isEqualized = scheme.hasUniformWeights
    let evensOut =
      fewest >= 8 && options.isPerChannel && spec?.hasDepthwiseConvolutions == false
    options.rounding = scheme.hasUniformWeights && !evensOut ? .layers : .nearest
    return options
  }

  /// Options of a training on codes: first and last layers have 8 bits where others have fewer, unless
  /// the scheme has them otherwise.
  ///
  /// - Parameters:
  ///   - weightBits: of weights, 2 to 16.
  ///   - activationBits: of activations, 2 to 16.
  ///   - layerBits: bits of single layers.
  public static func byTraining(
    _ scheme: QuantizationScheme = .google, weightBits: Int = 8, activationBits: Int = 8,
    layerBits: [Int: LayerBits] = [:]
  ) -> QuantizationOptions {
    var options = QuantizationOptions(scheme: scheme)
    (options.weightBits, options.activationBits) = (weightBits, activationBits)
    options.layerBits = layerBits
    if min(weightBits, activationBits) < 8, options.ends == .same { options.ends = .eightBits }
    return options
  }
}
