import Reports
import Torch
import Training

/// Where features are strong, as attention maps of length 1 (docs/formulas.md 9.5; Zagoruyko and
/// Komodakis, "Paying more attention to attention", arXiv 1612.03928): `--AT_str`.
public struct AttentionStrategy: TemperedStrategy {
  /// Its row in the table.
  public static let method = DistillationMethod.attention

  /// Weight of a pair of layers in the backbone.
  public var backboneWeight = 1.0
  /// Weight of a pair of layers in the neck.
  public var neckWeight = 1.0
  /// Weight of a pair of layers before heads.
  public var headInputWeight = 1.0
  /// Whether pairs are averaged rather than added, and squares added over the map rather than
  /// averaged: then neither the number of layers nor the size of the picture matters.
  public var isSizeFree = true
  /// Whether only places of objects count.
  public var isMasked = false
  /// What is compared of the heads besides, and how.
  public var outputs: OutputOptions?

  /// With default options.
  public init() {}

  /// `--AT_str 1`.
  public static var legacy: Self? { legacy(number: 1) }

  /// What the earlier Python programs did for a number of `--AT_str`: 1 to 5, or 10. Their lists of
  /// layers were those of three networks; here a layer's weight follows from its place.
  public static func legacy(number: Int) -> Self? {
    var strategy = Self()
    strategy.isSizeFree = false
    func set(backbone: Double, neck: Double, headInput: Double, outputs: Double? = nil) {
      strategy.backboneWeight = backbone
      strategy.neckWeight = neck
      strategy.headInputWeight = headInput
      strategy.outputs = outputs.map { .legacy(classWeight: $0, boxWeight: $0) }
    }
    switch number {
    case 1: set(backbone: 1e4, neck: 1e4, headInput: 1e4)
    case 2: set(backbone: 1e6, neck: 1e4, headInput: 1e3)
    case 3: set(backbone: 1e6, neck: 1e4, headInput: 1e3, outputs: 0.001)
    case 4: set(backbone: 1e3, neck: 1e3, headInput: 1e3, outputs: 0.001)
    case 5: set(backbone: 1e3, neck: 1e3, headInput: 1e3, outputs: 0.01)
    case 10:
      set(backbone: 1e6, neck: 1e4, headInput: 1e3, outputs: 0.01)
      strategy.isMasked = true
    default: return nil
    }
    return strategy
  }

  /// The side of the pictures that the earlier programs' weights are for, in pixels.
  private static let usualSide = 416

  /// What is odd about pictures of a size, in pixels, in a line; nil where nothing is. The mean over a
  /// map counts more the fewer places it has.
  func warning(width: Int, height: Int) -> String? {
    let usual = Self.usualSide * Self.usualSide
    guard !isSizeFree, width * height < usual else { return nil }
    let times = Double(usual) / Double(width * height)
    return
      "the weights of '--AT_str' are for pictures of \(Self.usualSide)×\(Self.usualSide) pixels: "
      + "at \(width)×\(height) attention counts \(Figures.significant(times, 2)) times as much; with "
      + "'--distill attention' the size does not matter"
  }

  /// Whether there are heads whose logits it divides.
  public var dividesLogits: Bool { outputs != nil }
  /// What logits of the heads are divided by; attention maps are not.
  public var temperature: Double {
    get { outputs?.temperature ?? 1 }
    set { outputs?.temperature = newValue }
  }
  /// Features of all places, of any widths; heads where their outputs are compared.
  public var needs: DistillationNeeds {
    DistillationNeeds(
      heads: outputs != nil || isMasked, features: .anyWidths,
      places: Set(FeaturePair.Place.allCases))
  }
  /// Attention, and those of the heads where they are compared.
  public var lossNames: [String] {
    ["attention"] + (outputs == nil ? [] : OutputOptions.lossNames)
  }

  /// The term of the attention, and those of the heads where they are compared.
  public func losses(
    _ batch: DistillationBatch, parameters: [String: Tensor]
  ) throws -> StrategyLosses {
    let places = try isMasked || outputs != nil ? ObjectPlaces(batch) : nil
    let objects = isMasked ? places : nil
    let values = try batch.features.map { features in
      func attention(_ feature: Tensor) throws -> Tensor {
        var map = try feature.squared().mean(dims: [1])
        if let objects { map = try map * objects.mask(over: map) }
        return try map.flattened(from: 1).normalized()
      }
      let squares = try (attention(features.teacher) - attention(features.student)).squared()
      let value = try isSizeFree ? squares.sum(dims: [1]).mean() : squares.mean()
      return try value * weight(of: features.pair.place)
    }
    var sum = try values.added(on: batch.device)
    if isSizeFree { sum = try sum / Double(max(values.count, 1)) }
    let attention = TechniqueLoss("attention", sum)
    guard let outputs, let places else { return StrategyLosses([attention]) }
    return StrategyLosses([attention] + (try outputs.terms(batch, places)))
  }

  private func weight(of place: FeaturePair.Place) -> Double {
    switch place {
    case .backbone: backboneWeight
    case .neck: neckWeight
    case .headInput: headInputWeight
    }
  }
}
