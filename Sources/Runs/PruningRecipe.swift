import Boxes
import Darknet
import Datasets
import Pruning

/// Everything that decides what a pruning comes to, kept as `recipe.json` beside the pair that it
/// gave.
public struct PruningRecipe: Recipe {
  /// The network that is pruned, and how pictures are shown to it.
  public var pair: PairRecipe

  /// The `.data` file of the pictures; without one nothing is measured.
  public var data: String?
  /// Whether all its classes count as one.
  public var isSingleClass = false
  /// The list that is measured on.
  public var split = DatasetSplit.valid
  /// How many of its pictures, spread over it; all unless given.
  public var pictures: Int?
  /// Pictures a pass through the network.
  public var batchSize = 16
  /// The definition of average precision.
  public var averagePrecision = EvaluationStyle.coco

  /// How channels are chosen, and by what score.
  public var method: PruningMethod
  /// Which convolutions may lose channels.
  public var scope = PruningScope.all
  /// What the scores of layers are made comparable by.
  public var normalization = ImportanceScore.Normalization.none
  /// How much goes; where there is a ``target`` it says the rest.
  public var request: PruningRequest
  /// What is searched for.
  public var target: PruningTarget?
  /// Whether a layer may lose all its channels but its best one, and a share be beyond the cliff.
  public var force = false
  /// Whether statistics are re-estimated on training pictures.
  public var recalibrates = false
  /// Whether the scales that are left are brought back to about 1.
  public var restoresScales = false
  /// Whether mAP is measured at rising shares first, and a share beyond the cliff refused.
  public var measuresCurve = false
  /// Points of mAP@0.5 and of mAP@0.5:0.95 that may be lost, or the pruning is refused.
  public var allowedLoss: Double?

  /// Seed of whatever is drawn.
  public var seed: UInt64 = 0
  /// `auto`, `cpu`, `cuda` or `cuda:N`.
  public var device = "auto"
  /// CPU threads of tensor operations; set by the work unless given.
  public var threads: Int?

  /// A recipe for a pair.
  public init(_ pair: PairRecipe, method: PruningMethod, request: PruningRequest) {
    (self.pair, self.method, self.request) = (pair, method, request)
  }

  /// A recipe for a pair as it is.
  public init(cfg: String, weights: String, method: PruningMethod, request: PruningRequest) {
    self.init(PairRecipe(cfg: cfg, weights: weights), method: method, request: request)
  }

  /// The same with absolute paths, so that it means the same from everywhere.
  var withAbsolutePaths: PruningRecipe {
    var recipe = self
    recipe.pair = pair.withAbsolutePaths
    recipe.data = data.map(absolute)
    return recipe
  }

  /// Whether the pruning cannot be done without pictures.
  package var needsPictures: Bool {
    needsLabels || recalibrates || method.score.needsPictures
  }

  /// Whether mAP decides what is pruned, or whether anything is.
  var needsLabels: Bool { measuresCurve || allowedLoss != nil || target?.isJudgedByLabels == true }
}

/// What a pruning is to reach.
public enum PruningTarget: Hashable, Codable, Sendable {
  /// A figure that follows from the widths, by the smallest share that does.
  case size(of: Figure, within: Budget)
  /// Milliseconds of a picture on this machine, by the smallest share that does; widths lie at the
  /// edges of measured staircases.
  case latency(within: Budget)
  /// The largest share that loses no more points, of mAP@0.5 and of mAP@0.5:0.95.
  case loss(points: Double)
  /// The best of many drawn networks that keep a share of the multiplications, or nearly.
  case bestCandidate(count: Int, share: Double, delta: Double)
  /// A share for every stage of the network.
  ///
  /// - Parameters:
  ///   - boundaries: layers before which a stage begins; the network's own stages where there are
  ///     none.
  ///   - percents: the shares; that of the request for all where there are none.
  case stages(boundaries: [Int], percents: [Double])

  /// A figure that follows from widths.
  public enum Figure: String, Hashable, Codable, Sendable {
    /// Trainable parameters.
    case parameters
    /// Multiply-accumulate operations of one picture.
    case macs
    /// Bytes of the `.weights` file.
    case weightsBytes

    func value(_ cost: NetworkCost) -> Int {
      switch self {
      case .parameters: cost.parameters
      case .macs: cost.macs
      case .weightsBytes: cost.weightsByteCount
      }
    }

    var words: String {
      switch self {
      case .parameters: "parameters"
      case .macs: "multiplications"
      case .weightsBytes: "bytes of weights"
      }
    }
  }

  /// How much may remain of something.
  public enum Budget: Hashable, Sendable {
    /// A share of what there is, `0...1`.
    case share(Double)
    /// An amount.
    case amount(Double)

    /// The amount, of what there is.
    func amount(of whole: Double) -> Double {
      switch self {
      case .share(let share): share * whole
      case .amount(let amount): amount
      }
    }
  }

  /// Whether mAP decides what is pruned.
  var isJudgedByLabels: Bool {
    switch self {
    case .loss, .bestCandidate: true
    case .size, .latency, .stages: false
    }
  }
}

extension PruningTarget.Budget: Codable {
  private enum Key: CodingKey {
    case share, amount
  }

  /// Reads `{"share": 0.3}` or `{"amount": 5e6}`.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    if let share = try values.decodeIfPresent(Double.self, forKey: .share) {
      self = .share(share)
    } else {
      self = .amount(try values.decode(Double.self, forKey: .amount))
    }
  }

  /// Writes what ``init(from:)`` reads.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    switch self {
    case .share(let share): try values.encode(share, forKey: .share)
    case .amount(let amount): try values.encode(amount, forKey: .amount)
    }
  }
}
