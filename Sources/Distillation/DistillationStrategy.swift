import Networks
import Torch
import Training

/// A way to make a student like its teacher: terms of a loss over pairs of heads and of features.
///
/// A strategy is a value. Its stored properties are its options, with the defaults that
/// docs/formulas.md 9 gives; what learns beside the student (``parameters(for:generator:)``) is
/// kept by who trains. All of a batch is worked out on the device with shapes that do not depend on
/// its pictures.
public protocol DistillationStrategy: Codable, Hashable, Sendable {
  /// Its row in the table of strategies.
  static var method: DistillationMethod { get }

  /// With default options.
  init()

  /// With the numbers of the earlier Python programs; nil where they had no such strategy.
  static var legacy: Self? { get }

  /// What a batch has to bring.
  var needs: DistillationNeeds { get }

  /// Names of the terms that ``losses(_:parameters:)`` gives, in the order of their columns.
  var lossNames: [String] { get }

  /// What learns beside the student: first values for each pair of features.
  ///
  /// - Parameters:
  ///   - pairs: those that the batches will hold, in the same order.
  ///   - generator: where random first values come from; on the CPU.
  func parameters(
    for pairs: [FeaturePair], generator: Generator
  ) throws -> [StrategyParameter]

  /// The terms for a batch, of which every one is there in every batch.
  ///
  /// - Parameter parameters: what ``parameters(for:generator:)`` asked for, by name, as they are
  ///   now.
  func losses(
    _ batch: DistillationBatch, parameters: [String: Tensor]
  ) throws -> StrategyLosses
}

extension DistillationStrategy {
  /// There is none.
  public static var legacy: Self? { nil }

  /// Nothing learns beside the student.
  public func parameters(
    for pairs: [FeaturePair], generator: Generator
  ) throws -> [StrategyParameter] { [] }

  /// Its name, as `--distill` takes it.
  public var name: String { Self.method.rawValue }
}

/// A strategy that softens what it compares.
public protocol TemperedStrategy: DistillationStrategy {
  /// What logits are divided by before they are compared; 1 leaves them as they are.
  var temperature: Double { get set }
  /// Whether it has logits to divide, with its options as they are.
  var dividesLogits: Bool { get }
}

extension TemperedStrategy {
  /// It has.
  public var dividesLogits: Bool { true }
}

/// What a strategy asks of the pairing of two networks.
public struct DistillationNeeds: Hashable, Sendable {
  /// What features are to it.
  public enum Features: Hashable, Sendable {
    /// It looks at none.
    case none
    /// It compares maps that do not depend on widths: no adapter is needed.
    case anyWidths
    /// It compares channel by channel: an adapter where widths differ.
    case equalWidths
  }

  /// What features are to it.
  public var features: Features
  /// Where in the networks it wants them from.
  public var places: Set<FeaturePair.Place>
  /// Whether it does what it can where no feature can be matched.
  public var worksWithoutFeatures = false
  /// Whether it needs pairs of heads.
  public var heads: Bool
  /// Whether it compares raw box values: heads have to be of one kind with equal anchors.
  public var rawBoxes: Bool
  /// Whether it asks for ``DistillationBatch/runTeacher``.
  public var teacherPass: Bool

  /// Whether it asks the teacher for nothing but its heads' outputs, which can be kept.
  var areHeadsAlone: Bool { features == .none && !teacherPass }

  /// What a strategy needs.
  public init(
    heads: Bool = true, features: Features = .none,
    places: Set<FeaturePair.Place> = [], rawBoxes: Bool = false, teacherPass: Bool = false
  ) {
    self.heads = heads
    self.features = features
    self.places = places
    self.rawBoxes = rawBoxes
    self.teacherPass = teacherPass
  }
}

/// A tensor that learns beside the student.
public struct StrategyParameter {
  /// Unique within the strategy.
  public var name: String
  /// What it is to the optimizer.
  public var group: ParameterGroup
  /// The first values.
  public var value: Tensor

  /// A parameter with its first values.
  public init(_ name: String, _ group: ParameterGroup, _ value: Tensor) {
    self.name = name
    self.group = group
    self.value = value
  }
}

/// What a strategy makes of a batch.
public struct StrategyLosses {
  /// The terms; each is a scalar, the mean over the batch's pictures.
  public var terms: [TechniqueLoss]
  /// Scalars without gradient that tell of the batch, such as the share of boxes that the teacher
  /// has better.
  public var figures: [(name: String, value: Tensor)]

  /// Terms and figures.
  public init(_ terms: [TechniqueLoss], figures: [(name: String, value: Tensor)] = []) {
    self.terms = terms
    self.figures = figures
  }

  /// The weighted sum of the terms.
  public func total() throws -> Tensor? {
    try terms.reduce(nil as Tensor?) { sum, term in
      let weighted = try term.value * term.weight
      return try sum.map { try $0 + weighted } ?? weighted
    }
  }
}
