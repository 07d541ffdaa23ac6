/// How a training on codes goes: what happens when, apart from what is quantized and how
/// (docs/formulas.md 10.9 and 10.12 to 10.14).
public struct QuantizationCourse: Hashable, Sendable, Codable {
  /// The share of the steps after which batch normalisation goes by its running statistics, and
  /// ranges that are observed stay, `0...1`.
  public var freezesAfter = 0.9
  /// Where steps begin that learn.
  public var firstSteps = FirstSteps.squaredError
  /// The share of the steps over which bits fall to those that are asked for, `0...1`; 0 has these
  /// from the start.
  public var lowersOver = 0.0
  /// What the pull of weights towards their codes is multiplied by at the end; 0 is off.
  public var damping = 0.0
  /// Whether means and variances of the quantized sums are taken anew when the codes are settled.
  public var reestimates = false
  /// Last epochs in which codes stay, and a scale and a shift of each channel learn.
  public var correctedEpochs = 0

  /// The course that is taken unless another one is asked for.
  public init() {}

  /// Where steps begin that learn.
  public enum FirstSteps: String, Hashable, Sendable, Codable, CaseIterable {
    /// Where the squared error of the first values is least.
    case squaredError = "mse"
    /// Where the schemes' papers have them.
    case paper
  }

  /// Refuses values that no run can have.
  ///
  /// - Throws: ``QuantizationError/invalidCourse(_:reason:)``.
  public func check(_ scheme: QuantizationScheme) throws(QuantizationError) {
    func require(
      _ name: String, _ value: Double, in range: ClosedRange<Double>
    ) throws(QuantizationError) {
      guard range.contains(value) else {
        throw .invalidCourse(
          name, reason: "\(value) is not in \(range.lowerBound) to \(range.upperBound)")
      }
    }
    try require("freezesAfter", freezesAfter, in: 0...1)
    guard freezesAfter > 0 else {
      throw .invalidCourse(
        "freezesAfter", reason: "0 leaves no step in which the ranges of activations are seen")
    }
    try require("lowersOver", lowersOver, in: 0...0.9)
    try require("damping", damping, in: 0...1000)
    guard (0...1000).contains(correctedEpochs) else {
      throw .invalidCourse("correctedEpochs", reason: "\(correctedEpochs) is not in 0 to 1000")
    }
    guard damping == 0 || scheme.hasUniformWeights else {
      throw .invalidCourse(
        "damping", reason: "the weights of '\(scheme.rawValue)' are not on equal steps")
    }
  }
}

/// How far a training on codes is: shared by all layers of the run and of its average.
final class QuantizationClock {
  /// Optimizer steps done.
  var step = 0
  /// What the run's steps that learn do not fall below.
  let floors = StepFloors()
  /// Optimizer steps of the run.
  let steps: Int
  /// Steps done from which on the codes stay as they are.
  let settlesFrom: Int
  /// Steps done from which on scales and shifts learn.
  let correctsFrom: Int
  private let freezesFrom: Int
  private let stages: [(end: Int, bits: BitStage)]
  private let reestimates: Bool

  /// Steps that re-estimate statistics, at most; an epoch if that is shorter.
  static let reestimatingSteps = 32

  /// - Parameters:
  ///   - fewest: the bits that stages lead to.
  ///   - epochs: of each step, as a run has them.
  /// - Throws: ``QuantizationError/tooShort(steps:last:)`` for a run that would not train.
  init(
    _ course: QuantizationCourse, to fewest: BitStage, epochs: [Int]
  ) throws(QuantizationError) {
    steps = epochs.count
    let last = (epochs.last ?? 0) + 1
    correctsFrom = epochs.firstIndex { $0 >= last - course.correctedEpochs } ?? steps
    let anEpoch = epochs.count { $0 == last - 1 }
    settlesFrom = correctsFrom - (course.reestimates ? min(Self.reestimatingSteps, anEpoch) : 0)
    guard settlesFrom > 0 || settlesFrom == steps else {
      throw .tooShort(steps: steps, last: steps - settlesFrom)
    }
    reestimates = course.reestimates
    freezesFrom = min(Int((Double(steps) * course.freezesAfter).rounded(.up)), settlesFrom)
    let lowering = Double(steps) * course.lowersOver
    let all = course.lowersOver > 0 ? BitStage.all(to: fewest) : []
    stages = all.enumerated().map { place, bits in
      (Int((lowering * Double(place + 1) / Double(all.count)).rounded()), bits)
    }
  }

  /// Whether the statistics of batch normalisation and the ranges that are observed stay as they
  /// are.
  var isFrozen: Bool { step >= freezesFrom }
  /// Whether codes stay as they are, and what they give is corrected.
  var isSettled: Bool { step >= settlesFrom && settlesFrom < steps }
  /// Whether statistics of the quantized sums are being taken.
  var isReestimating: Bool { isSettled && reestimates && step < correctsFrom }

  /// Bits of the moment, in training: never fewer than are asked for.
  var stage: BitStage? { stages.first { step < $0.end }?.bits }

  /// How far the run is, `0...1`.
  var progress: Double { min(Double(step) / Double(max(steps, 1)), 1) }
}

/// Bits on the way from many to few (docs/formulas.md 10.12).
struct BitStage: Equatable {
  var activations: Int
  var weights: Int

  /// Activations go first, as in the earlier Python programs.
  private static let all = [
    BitStage(activations: 16, weights: 16), BitStage(activations: 8, weights: 16),
    BitStage(activations: 8, weights: 8), BitStage(activations: 4, weights: 8),
    BitStage(activations: 4, weights: 4), BitStage(activations: 2, weights: 4),
  ]

  /// Those that come before the fewest bits that are asked for, which follow the last.
  static func all(to asked: BitStage) -> [BitStage] {
    var stages: [BitStage] = []
    for stage in all {
      let bits = BitStage(
        activations: max(stage.activations, asked.activations),
        weights: max(stage.weights, asked.weights))
      if bits != asked, bits != stages.last { stages.append(bits) }
    }
    return stages
  }
}
