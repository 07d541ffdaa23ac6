import Darknet
import Foundation
import Inference
import Networks
import Reports
import Torch

/// Something that plugs into the training loop: sparsity, distillation, quantization. Techniques
/// combine freely; the loop calls them in the order in which they are listed, and their names differ.
///
/// A technique first attaches (``attach(to:)``), before optimizer, average and resume exist. What it
/// adds to the network there is optimized, averaged and resumed like the rest. Each batch it may add
/// losses, each step it may change gradients and parameters. ``TellingTechnique`` and
/// ``SteeringTechnique`` are for those that speak, and that follow the validation.
public protocol TrainingTechnique: AnyObject {
  /// A short name, such as `sparsity`. Checkpoint tensors, metrics and losses are filed under it.
  var name: String { get }

  /// Called once, before anything of the run exists: the place to replace layers, to change and to add
  /// parameters, to add observers and state.
  func attach(to session: inout TrainingSession) throws

  /// Names of the terms that ``losses(_:)`` may give, in the order of their columns.
  var lossNames: [String] { get }

  /// What readers call the sum of these terms, and what it measures, in a few words.
  var lossTitle: (name: String, meaning: String) { get }

  /// Terms to add to the loss of this batch, called within the precision of the forward pass.
  func losses(_ step: TrainingStep) throws -> [TechniqueLoss]

  /// What may keep a loss finite that is no number any more, as "a smaller --option"; nil of nothing.
  var remedyOfDivergence: String? { get }

  /// Called once per optimizer step, when the gradients are complete and unscaled.
  func beforeStep(_ step: TrainingStep) throws

  /// Called once per optimizer step, after the parameters have changed.
  func afterStep(_ step: TrainingStep) throws

  /// What the parameters of the network in training, or of its average, are to those who run it: the
  /// opposite of what ``attach(to:)`` changed. Written pairs hold these.
  func finished(_ parameters: NetworkParameters) throws -> NetworkParameters

  /// What a resumed run has to know besides tensors, for the checkpoint.
  func state() throws -> Data?

  /// Takes up what ``state()`` gave; called after ``attach(to:)``.
  func restore(_ state: Data) throws
}

extension TrainingTechnique {
  /// Adds nothing.
  public func attach(to session: inout TrainingSession) throws {}
  /// Adds none.
  public var lossNames: [String] { [] }
  /// The technique's name.
  public var lossTitle: (name: String, meaning: String) { (name, "what \(name) adds") }
  /// Knows of nothing.
  public var remedyOfDivergence: String? { nil }
  /// Adds none.
  public func losses(_ step: TrainingStep) throws -> [TechniqueLoss] { [] }
  /// Does nothing.
  public func beforeStep(_ step: TrainingStep) throws {}
  /// Does nothing.
  public func afterStep(_ step: TrainingStep) throws {}
  /// Leaves them as they are.
  public func finished(_ parameters: NetworkParameters) throws -> NetworkParameters { parameters }
  /// Has none.
  public func state() throws -> Data? { nil }
  /// Takes up nothing.
  public func restore(_ state: Data) throws {}
}

/// One term of a technique's loss.
public struct TechniqueLoss {
  /// One of ``TrainingTechnique/lossNames``.
  public var name: String
  /// A scalar, the mean over the pictures of the batch; of several processes, over one's own.
  ///
  /// It is added to the detection loss, so it counts as that does: in full for a step of 64 pictures,
  /// in part for smaller ones (docs/formulas.md 5.2).
  public var value: Tensor
  /// What the term is multiplied by.
  public var weight: Double

  /// A weighted term.
  public init(_ name: String, _ value: Tensor, weight: Double = 1) {
    self.name = name
    self.value = value
    self.weight = weight
  }
}

/// A technique that has something to say: lines for the log, figures, charts, distributions.
public protocol TellingTechnique: TrainingTechnique {
  /// Lines for the start of the log: what the technique is going to act on. Also after a resume.
  func opening() throws -> [String]

  /// Lines for the log of a run that begins: what cannot come out of it as it is asked for.
  func outlook(on course: TrainingCourse) throws -> [String]

  /// Figures of the moment, for progress and the results file; the most telling come first. Reading
  /// them may wait for the device: the loop asks every few steps at most.
  func metrics() throws -> [(name: String, value: Double)]

  /// Which ``metrics()`` belong into one picture, since they have one unit.
  var charts: [TechniqueChart] { get }

  /// Values whose distribution is kept for each epoch.
  func distributions() throws -> [TechniqueDistribution]

  /// Adds to the page of a run that has come to its end what is worth seeing of its best network.
  ///
  /// - Parameter best: what this finds in the validation pictures.
  func conclude(_ page: inout HTMLReport, best: Evaluation.Outcome) throws
}

extension TellingTechnique {
  /// Says nothing.
  public func opening() throws -> [String] { [] }
  /// Says nothing.
  public func outlook(on course: TrainingCourse) throws -> [String] { [] }
  /// Has no figures.
  public func metrics() throws -> [(name: String, value: Double)] { [] }
  /// Draws nothing.
  public var charts: [TechniqueChart] { [] }
  /// Has none.
  public func distributions() throws -> [TechniqueDistribution] { [] }
  /// Adds nothing.
  public func conclude(_ page: inout HTMLReport, best: Evaluation.Outcome) throws {}
}

/// A technique that follows the validation.
public protocol SteeringTechnique: TrainingTechnique {
  /// Whether it does so in this run: a run without validation, or with one at its end only, is refused
  /// then, and the network is judged before the first step too.
  var needsEvaluation: Bool { get }

  /// Called after each validation, and before the first step where ``needsEvaluation`` asks for it.
  /// What changes here holds from the next step on, and goes into the epoch's checkpoint.
  ///
  /// - Returns: lines for the log.
  func afterEvaluation(_ evaluation: TrainingEvaluation) throws -> [String]
}

/// A technique that makes of a network more than its cfg and weights say: what else belongs to the
/// pair is written beside it.
public protocol AccompanyingTechnique: TrainingTechnique {
  /// Writes what belongs to weights that are about to be written, beside what belongs to those that
  /// are there: whenever the process ends, one of both is that of the weights.
  ///
  /// - Parameters:
  ///   - network: the network in training, or its average, whose weights they are.
  ///   - weights: their path.
  ///   - hash: SHA-256 of the new ones, in hexadecimal.
  func accompany(_ network: Network, weights: String, hash: String) throws

  /// Puts what ``accompany(_:weights:hash:)`` wrote in its place, for the weights are there now.
  func settle(weights: String) throws
}

/// What a validation came to, as techniques see it.
public struct TrainingEvaluation: Hashable, Sendable {
  /// The epoch that has ended, from 0; nil before the first step.
  public var epoch: Int?
  /// Epochs of the whole run.
  public var epochs: Int
  /// mAP at an overlap of 0.5, `0...1`.
  public var map50: Double
  /// mAP over overlaps of 0.5 to 0.95, `0...1`.
  public var map: Double
  /// Share of right detections at the threshold of the best F1.
  public var precision: Double
  /// Share of objects found at that threshold.
  public var recall: Double

  /// The figures of a validation.
  public init(
    epoch: Int?, epochs: Int, map50: Double, map: Double, precision: Double, recall: Double
  ) {
    self.epoch = epoch
    self.epochs = epochs
    self.map50 = map50
    self.map = map
    self.precision = precision
    self.recall = recall
  }
}

/// Figures of a technique over the epochs, in one picture.
public struct TechniqueChart: Hashable, Sendable {
  /// Heads the picture.
  public var title: String
  /// Names of metrics or of losses.
  public var metrics: [String]
  /// What each of them is, for people.
  public var labels: [String]

  /// A picture of some figures; their names are what people read unless labels are given, one for each.
  public init(title: String, metrics: [String], labels: [String]? = nil) {
    self.title = title
    self.metrics = metrics
    self.labels = labels ?? metrics
  }
}

/// Values of a technique after an epoch.
public struct TechniqueDistribution: Hashable, Sendable {
  /// What the values are, such as `gamma/12`.
  public var name: String
  /// The same for people.
  public var title: String
  /// The values.
  public var values: [Double]
  /// Whether the report shows it; all go into the event file.
  public var isSummary: Bool

  /// Some values under a name, which people read too unless a title is given.
  public init(
    name: String, title: String? = nil, values: [Double], isSummary: Bool = false
  ) {
    self.name = name
    self.title = title ?? name
    self.values = values
    self.isSummary = isSummary
  }
}

extension TrainingTechnique {
  /// A name of this technique among those of all: `sparsity/gamma50`.
  func filed(_ name: String) -> String { "\(self.name)/\(name)" }
}

extension [any TrainingTechnique] {
  /// Those that speak.
  var telling: [any TellingTechnique] { compactMap { $0 as? any TellingTechnique } }

  /// Those that follow the validation in this run.
  var steering: [any SteeringTechnique] {
    compactMap { $0 as? any SteeringTechnique }.filter(\.needsEvaluation)
  }

  /// The figures of all, each under its technique's name.
  func metrics() throws -> [(name: String, value: Double)] {
    try telling.flatMap { technique in
      try technique.metrics().map { (technique.filed($0.name), $0.value) }
    }
  }

  /// The distributions of all, each under its technique's name.
  func distributions() throws -> [TechniqueDistribution] {
    try telling.flatMap { technique in
      try technique.distributions().map {
        TechniqueDistribution(
          name: technique.filed($0.name), title: $0.title, values: $0.values,
          isSummary: $0.isSummary)
      }
    }
  }

  /// The charts of all, over figures under their techniques' names.
  var charts: [TechniqueChart] {
    telling.flatMap { technique in
      technique.charts.map {
        TechniqueChart(
          title: $0.title, metrics: $0.metrics.map(technique.filed), labels: $0.labels)
      }
    }
  }

  /// The terms of all, each under its technique's name.
  var lossNames: [String] { flatMap { technique in technique.lossNames.map(technique.filed) } }
}
