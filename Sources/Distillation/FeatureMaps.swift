import Torch
import Training

/// How the map of a feature is made of its channels.
public enum MapForm: String, Hashable, Codable, Sendable {
  /// Σ|f| over the channels, divided by its mean over the map: widths and scales do not matter.
  case relative
  /// Σ|f| over the channels, as the earlier Python programs did.
  case sum
}

extension MapForm {
  /// `[N, H, W]` of a feature `[N, C, H, W]`.
  func callAsFunction(_ feature: Tensor) throws -> Tensor {
    let sum = try feature.abs().sum(dims: [1])
    guard self == .relative else { return sum }
    return try sum / (sum.mean(dims: [1, 2], keepDim: true) + tiny)
  }
}

/// What keeps a division by a sum of magnitudes finite.
private let tiny = 1e-12

/// What is added to a variance under a root.
let varianceEpsilon = 1e-6

extension Tensor {
  /// Each channel with mean 0 and variance 1 over pictures and places; of `[N, C, H, W]`.
  func standardizedChannels() throws -> Tensor {
    // Batch normalisation without anything that learns: one operation each way.
    try batchNorm(
      weight: nil, bias: nil, runningMean: nil, runningVariance: nil, training: true,
      epsilon: varianceEpsilon)
  }

  /// Divided by its length along the last dimension.
  func normalized() throws -> Tensor {
    try self / (squared().sum(dims: [-1], keepDim: true) + tiny).sqrt()
  }
}

extension [PairedFeatures] {
  /// The mean over the pairs; zero without any.
  func mean(
    like batch: DistillationBatch, _ term: (_ index: Int, PairedFeatures) throws -> Tensor
  ) throws -> Tensor {
    let values = try enumerated().map(term)
    return try values.added(on: batch.device) / Double(Swift.max(count, 1))
  }
}

extension DistillationBatch {
  /// How differently features spread over the map, as softmaxes over places, averaged over
  /// pictures.
  ///
  /// - Parameter places: those that alone take part; all without.
  func spread(_ options: MapOptions, in places: ObjectPlaces? = nil) throws -> TechniqueLoss {
    let values = try features.map { pair in
      var (s, t) = (try options.form(pair.student), try options.form(pair.teacher))
      if let places {
        let mask = try places.mask(over: s)
        switch options.form {
        // As the earlier Python programs, which let places without objects take part as zeros.
        case .sum: (s, t) = (try s * mask, try t * mask)
        case .relative:
          let absent = try (1 - mask) * -Self.absence
          (s, t) = (try s + absent, try t + absent)
        }
      }
      let divergences = try divergence(
        s.flattened(from: 1), t.flattened(from: 1), options.temperature, dim: 1)
      return try divergences.sum() / Double(pictures)
    }
    let sum = try values.added(on: device)
    let value =
      try options.form == .sum ? sum : sum / Double(max(values.count, 1))
    return TechniqueLoss("features", value, weight: options.weight)
  }

  /// What is taken off a place that does not take part in a softmax.
  private static let absence = 1e4
}

/// How maps of features are compared.
public struct MapOptions: Hashable, Codable, Sendable {
  /// How a map is made of channels. Relative maps are averaged over the pairs of layers, sums
  /// added.
  public var form = MapForm.relative
  /// What maps are divided by before the softmax over places.
  public var temperature = 1.0
  /// Weight of the features.
  public var weight = 1.0

  /// With default options.
  public init() {}

  static func legacy(weight: Double) -> MapOptions {
    var options = MapOptions()
    (options.form, options.temperature, options.weight) = (.sum, 3, weight)
    return options
  }
}

/// A strategy that compares maps of features beside the heads' outputs.
public protocol MapStrategy: OutputStrategy {
  /// How features are compared.
  var maps: MapOptions { get set }
}

extension MapStrategy {
  /// Pairs of heads, and features of any widths.
  public var needs: DistillationNeeds { .maps }
  /// Those of the heads, and features.
  public var lossNames: [String] { OutputOptions.lossNames + ["features"] }
  /// The numbers of the earlier Python programs; the masks are right.
  public static var legacy: Self? {
    var strategy = Self()
    strategy.outputs = .legacy(classWeight: 0.001, boxWeight: 0.001)
    strategy.maps = .legacy(weight: 0.001)
    return strategy
  }
}

/// As ``BoxClassStrategy``, and where features are large (docs/formulas.md 9.4): `--KDstr 4`.
public struct BoxClassFeatureStrategy: MapStrategy {
  /// Its row in the table.
  public static let method = DistillationMethod.boxClassFeature

  /// What is compared of the heads, and how.
  public var outputs = OutputOptions()
  /// How features are compared.
  public var maps = MapOptions()

  /// With default options.
  public init() {}

  /// The three terms.
  public func losses(
    _ batch: DistillationBatch, parameters: [String: Tensor]
  ) throws -> StrategyLosses {
    StrategyLosses(try outputs.terms(batch, ObjectPlaces(batch)) + [batch.spread(maps)])
  }
}

/// As ``BoxClassFeatureStrategy``, but features count only where objects are (docs/formulas.md
/// 9.4): `--KDstr 5`.
public struct FineGrainedStrategy: MapStrategy {
  /// Its row in the table.
  public static let method = DistillationMethod.fineGrained

  /// What is compared of the heads, and how.
  public var outputs = OutputOptions()
  /// How features are compared.
  public var maps = MapOptions()

  /// With default options.
  public init() {}

  /// The three terms.
  public func losses(
    _ batch: DistillationBatch, parameters: [String: Tensor]
  ) throws -> StrategyLosses {
    let places = try ObjectPlaces(batch)
    return StrategyLosses(try outputs.terms(batch, places) + [batch.spread(maps, in: places)])
  }
}

extension DistillationNeeds {
  /// Heads, and features of neck and heads whatever their widths.
  fileprivate static var maps: DistillationNeeds {
    DistillationNeeds(features: .anyWidths, places: [.neck, .headInput])
  }
}
