import Darknet

/// What decides how a network is quantized.
public struct QuantizationOptions: Hashable, Sendable, Codable {
  /// How weights and activations come to their codes.
  public var scheme = QuantizationScheme.google
  /// Bits of the weights, 2 to 16; ternary and binary weights have their own.
  public var weightBits = 8
  /// Bits of the activations, 2 to 16.
  public var activationBits = 8
  /// Bits of single layers, by index in the cfg, where they differ; of layers without weights those of
  /// what they read.
  public var layerBits: [Int: LayerBits] = [:]
  /// The most bits that weights of any layer may have, where what they are for has no more; nil
  /// where nothing limits them, as in files of earlier versions.
  public var mostWeightBits: Int?
  /// What becomes of the convolutions that see the picture and of those that heads read.
  public var ends = Ends.same
  /// Whether each output channel of a convolution has a step of its own.
  public var isPerChannel = true
  /// How the range of an activation is chosen.
  public var activationRange = RangeRule.minMax
  /// How the range of weights is chosen.
  public var weightRange = WeightRange.minMax
  /// Which power of two stands for a range, where the scheme has them; nil takes what suits: by pictures
  /// alone the least that holds it, in a training on codes the nearest.
  public var powers: Powers?
  /// How summands and sum of a shortcut go together.
  public var shortcuts = ShortcutRule.own
  /// Whether the activations' code 0 stands for zero also where the scheme has it anywhere; nil in
  /// files of earlier versions, which had no choice.
  public var isSymmetric: Bool?

  /// Whether zero may be any code of an activation.
  var hasZeroPoints: Bool { scheme.hasZeroPoints && isSymmetric != true }

  /// Whether channels of activations are evened out before they are put on codes, which
  /// ``PostTraining`` alone does (docs/formulas.md 10.10).
  public var isEqualized = false

  /// Which of its neighbours on the grid a weight takes.
  public var rounding = Rounding.nearest

  /// Whether biases take back what rounding shifts (``BiasCorrection``).
  public var correctsBiases = false

  /// The scheme's own options.
  ///
  /// As in the paper, DoReFa's ends stay float; those of ternary and binary weights have 8 bits.
  /// Powers of two have one step for all weights of a layer, which is what integer hardware shifts
  /// by.
  public init(scheme: QuantizationScheme = .google) {
    self.scheme = scheme
    switch scheme {
    case .dorefa: ends = .float
    case .ternary, .binary: ends = .eightBits
    default: break
    }
    isPerChannel = !scheme.hasPowersOfTwo && scheme != .dorefa
  }

  /// Bits of one layer.
  public struct LayerBits: Hashable, Sendable, Codable {
    /// Of its weights; nil leaves them float.
    public var weights: Int?
    /// Of what it reads; nil asks for nothing, so that it is float where no other layer asks.
    public var activations: Int?

    /// Bits of weights and of what is read.
    public init(weights: Int?, activations: Int?) {
      (self.weights, self.activations) = (weights, activations)
    }

    /// Refuses what a layer of a network cannot have: ``QuantizationError/noSuchLayer(_:layers:)``.
    func check(forLayer layer: Int, of spec: NetworkSpec) throws(QuantizationError) {
      guard spec.layers.indices.contains(layer), spec.layers[layer].computes,
        weights == nil || spec.layers[layer].convolution != nil
      else { throw .noSuchLayer(layer, layers: spec.layers.count) }
    }
  }

  /// What becomes of the first and the last convolutions.
  public enum Ends: String, Hashable, Sendable, Codable, CaseIterable {
    /// They are quantized like the others.
    case same
    /// They have 8 bits where the others have fewer.
    case eightBits = "8"
    /// They stay float.
    case float
  }

  /// How the range of weights is chosen.
  public enum WeightRange: String, Hashable, Sendable, Codable, CaseIterable {
    /// The largest magnitude.
    case minMax = "min-max"
    /// The least squared error.
    case squaredError = "mse"
  }

  /// Which power of two stands for a range (docs/formulas.md 10.2).
  public enum Powers: String, Hashable, Sendable, Codable, CaseIterable {
    /// The nearest, as in the earlier Python programs: it cuts off up to a third of the range.
    case nearest
    /// The least that holds the range. Of a range of the least squared error it is the power that has
    /// it.
    case covering
  }

  /// Which of its neighbours on the grid a weight takes.
  public enum Rounding: String, Hashable, Sendable, Codable, CaseIterable {
    /// The nearer one.
    case nearest
    /// The one by which each layer gives again what it gives in the float network
    /// (``Reconstruction``).
    case layers
    /// The same for blocks of layers.
    case blocks
  }

  /// How summands and sum of a shortcut go together.
  public enum ShortcutRule: String, Hashable, Sendable, Codable, CaseIterable {
    /// Each has its own step. Of two powers of two the coarser codes are shifted onto the finer
    /// step, so nothing is lost before the sum: the earlier programs' way 1, `min`, without its
    /// rounding.
    case own
    /// All share one step: the earlier programs' way 2, `max`.
    case shared = "max"
  }

  /// Bits of a layer that has none of its own.
  ///
  /// - Parameter isEnd: whether it sees the picture, or only heads read it.
  package func bits(isEnd: Bool) -> LayerBits {
    let weights =
      switch scheme {
      case .ternary: 2
      case .binary: 1
      default: weightBits
      }
    switch isEnd ? ends : .same {
    case .same: return LayerBits(weights: weights, activations: activationBits)
    case .eightBits:
      return LayerBits(
        weights: limited(max(weights, 8)), activations: max(activationBits, 8))
    case .float: return LayerBits(weights: nil, activations: nil)
    }
  }

  /// Bits that a layer asks of what it reads; nil where it asks for none.
  ///
  /// - Parameter isEnd: whether it sees the picture, or only heads read it.
  func readBits(ofLayer index: Int, _ spec: NetworkSpec, isEnd: Bool) -> Int? {
    if spec.layers[index].isHead { return nil }
    if let own = layerBits[index] { return own.activations }
    return spec.layers[index].convolution == nil
      ? activationBits : bits(isEnd: isEnd).activations
  }

  /// Bits of weights, or as many as weights may have.
  public func limited(_ bits: Int) -> Int { min(bits, mostWeightBits ?? bits) }

  /// Refuses what no network could be quantized by.
  ///
  /// - Throws: ``QuantizationError``.
  public func check() throws(QuantizationError) {
    let layers = layerBits.values
    let ofLayers = layers.flatMap { [$0.weights, $0.activations] }.compactMap(\.self)
    for bits in [weightBits, activationBits] + ofLayers where !CodeRange.allowedBits.contains(bits)
    { throw .bits(bits) }
    let ofWeights = [weightBits] + layers.compactMap(\.weights)
    if let most = mostWeightBits, let found = ofWeights.first(where: { $0 > most }) {
      throw .tooManyWeightBits(found, most: most)
    }
    if case .percentile(let share) = activationRange, !(share > 0.5 && share <= 1) {
      throw .percentile(share)
    }
    if activationRange == .cosineVote, !scheme.hasPowersOfTwo { throw .noVote(scheme) }
    if isSymmetric == true, scheme == .lsqPlus { throw .noSymmetry(scheme) }
    if isPerChannel, scheme == .dorefa { throw .oneStep(scheme) }
    if isEqualized, !scheme.hasUniformWeights { throw .notEqualized(scheme) }
    if rounding != .nearest, !scheme.hasUniformWeights { throw .notRounded(scheme) }
  }

  /// Refuses what does not fit a network either: ``QuantizationError/noSuchLayer(_:layers:)``.
  func check(_ spec: NetworkSpec) throws(QuantizationError) {
    try check()
    for (layer, bits) in layerBits.sorted(by: { $0.key < $1.key }) {
      try bits.check(forLayer: layer, of: spec)
    }
  }
}
