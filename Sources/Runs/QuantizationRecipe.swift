import Boxes
import Darknet
import Datasets
import Quantization
import Reports

/// Everything that decides what a quantization by pictures comes to.
public struct QuantizationRecipe: Recipe {
  /// The network.
  public var pair: PairRecipe
  /// The `.data` file whose training pictures calibrate, and whose others judge.
  public var data: String
  /// Bits, scheme and ranges. Those of other bits or another scheme are
  /// ``QuantizationOptions/byPictures(_:weightBits:activationBits:layerBits:)`` too, with what is to
  /// differ changed.
  public var options = QuantizationOptions.byPictures()
  /// Training pictures to calibrate with, spread over their list.
  public var calibrationPictures = 256
  /// Steps in which each layer or block learns to round; the usual ones unless given.
  public var roundingSteps: Int?
  /// The list that both networks are measured on.
  public var split = DatasetSplit.valid
  /// Pictures of it to measure on, spread over it; all unless given.
  public var pictures: Int?
  /// Whether all classes count as one.
  public var isSingleClass = false
  /// Pictures a pass through the network.
  public var batchSize = 8
  /// The definition of average precision.
  public var averagePrecision = EvaluationStyle.coco
  /// Calibration pictures to measure every layer's error on; none unless given.
  public var explainedPictures = 0
  /// Points of mAP@0.5 and of mAP@0.5:0.95 that may be lost; layers get 16 bits until no more are.
  public var maximumDrop: Double?
  /// What weights and biases may take, with all that stays float; bits of weights, 2 to 8, are chosen
  /// layer by layer, and their steps by the least squared error. It goes with neither bits of layers
  /// nor ``maximumDrop``.
  public var budget: Budget?
  /// Whether pictures may calibrate that are also in the other lists.
  public var allowsSharedPictures = false
  /// Seed of the draws that intervals are made of.
  public var seed: UInt64 = 0
  /// What it runs on.
  public var machine = MachineRecipe()

  /// Pictures that ``explainedPictures`` has where layers are to be explained and no number is asked for.
  public static let usualExplainedPictures = 16

  /// What weights and biases may take.
  public enum Budget: Hashable, Sendable, Codable {
    /// So many bytes.
    case bytes(Int)
    /// A share of what they take in float, `0...1`.
    case share(Double)

    /// How many bytes that is.
    ///
    /// - Parameter whole: bytes in float.
    func bytes(of whole: Int) -> Int {
      switch self {
      case .bytes(let bytes): bytes
      case .share(let share): Int(share * Double(whole))
      }
    }

    /// As it is typed, with what a share is in bytes: "6% (1234B)".
    ///
    /// - Parameter whole: bytes in float.
    func typed(of whole: Int) -> String {
      let bytes = "\(bytes(of: whole))B"
      guard case .share(let share) = self else { return bytes }
      return "\(Figures.significant(100 * share))% (\(bytes))"
    }

    /// The least share, in tenths of a percent, that so many bytes fit into: "6.3%". Nil where no share
    /// was asked for, and where less than the whole does not hold them.
    ///
    /// - Parameter whole: bytes in float.
    func leastShare(holding least: Int, of whole: Int) -> String? {
      guard case .share = self, whole > 0 else { return nil }
      return (1..<1000).lazy.map { Figures.significant(Double($0) / 10) }
        .first { Budget.share((Double($0) ?? 0) / 100).bytes(of: whole) >= least }
        .map { $0 + "%" }
    }
  }

  /// A recipe for a pair and the pictures that calibrate and judge it.
  public init(_ pair: PairRecipe, data: String) { (self.pair, self.data) = (pair, data) }

  /// Refuses what no network can be quantized by, and takes what a budget asks for.
  ///
  /// - Throws: ``QuantizationError``, ``RunError/unusable(_:reason:)``.
  func checked() throws -> QuantizationRecipe {
    var recipe = self
    try check()
    guard budget != nil else { return recipe }
    guard options.layerBits.isEmpty else {
      throw RunError.unusable("--budget", reason: "bits of layers are given, which it chooses")
    }
    guard maximumDrop == nil else {
      throw RunError.unusable(
        "--budget", reason: "layers that '--max-drop' raises would take more; give one of both")
    }
    guard options.scheme.hasUniformWeights else {
      throw RunError.unusable(
        "--budget",
        reason: "the bits of '\(options.scheme.rawValue)' are not chosen layer by layer; take "
          + "'google' or 'pow2'")
    }
    recipe.options.weightRange = .squaredError
    return recipe
  }

  var withAbsolutePaths: QuantizationRecipe {
    var recipe = self
    recipe.pair = pair.withAbsolutePaths
    recipe.data = absolute(data)
    return recipe
  }
}
