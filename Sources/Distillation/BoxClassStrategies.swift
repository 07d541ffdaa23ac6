import Torch
import Training

/// Objectness and classes of all cells, and boxes where an object is to be found (docs/formulas.md
/// 9.2): `--KDstr 3`.
public struct BoxClassStrategy: OutputStrategy {
  /// Its row in the table.
  public static let method = DistillationMethod.boxClass

  /// What is compared of the heads, and how.
  public var outputs = OutputOptions()

  /// With default options.
  public init() {}

  /// The two terms.
  public func losses(
    _ batch: DistillationBatch, parameters: [String: Tensor]
  ) throws -> StrategyLosses {
    StrategyLosses(try outputs.terms(batch, ObjectPlaces(batch)))
  }
}

/// As ``BoxClassStrategy``, but a box counts only where the student's is further from the object
/// than the teacher's (docs/formulas.md 9.2): `--KDstr 2`. It then aims at the object itself.
public struct RelativeBoxStrategy: OutputStrategy {
  /// Its row in the table.
  public static let method = DistillationMethod.relativeBox

  /// What is compared of the heads, and how.
  public var outputs = OutputOptions()
  /// By how much the student's distance has to exceed the teacher's.
  public var margin = 0.0

  /// With default options.
  public init() {}

  /// The two terms; the figure `worse` is the share of boxes that the teacher has better.
  public func losses(
    _ batch: DistillationBatch, parameters: [String: Tensor]
  ) throws -> StrategyLosses {
    let classes = try outputs.classTerm(batch)
    let zero = try classes.value.detach() * 0
    var (sum, worse, count) = (zero, zero, zero)
    for pair in batch.heads {
      let matches = try HeadMatches(batch.targets, pair.student, pair.anchors)
      let isMatch = try matches.isMatch(in: pair)
      func distance(_ view: HeadView) throws -> Tensor {
        try outputs.boxDistance.measure(matches.rows(view.boxes), matches.truth, in: pair.student)
      }
      let (ofStudent, ofTeacher) = (try distance(pair.student), try distance(pair.teacher))
      let isWorse = try (ofStudent.detach() .> ofTeacher + margin).to(.float32) * isMatch
      sum = try sum + (isWorse * ofStudent).sum()
      worse = try worse + isWorse.sum()
      count = try count + isMatch.sum()
    }
    let boxes = try outputs.boxDistance == .cells ? sum : sum / count.clamped(min: 1)
    return StrategyLosses(
      [classes, TechniqueLoss("boxes", boxes, weight: outputs.boxWeight)],
      figures: [("worse", try worse / count.clamped(min: 1))])
  }
}

/// Outputs alone of the anchors that have to find an object (docs/formulas.md 9.2): `--KDstr 6`.
public struct AnchorCellsStrategy: TemperedStrategy {
  /// Its row in the table.
  public static let method = DistillationMethod.anchorCells

  /// How outputs are compared.
  public var form = ClassForm.sigmoid
  /// What logits are divided by.
  public var temperature = 1.0
  /// Weight of objectness and classes; with a softmax of all outputs.
  public var classWeight = 1.0
  /// Weight of the boxes.
  public var boxWeight = 1.0

  /// With default options.
  public init() {}

  /// A softmax of all raw outputs of a cell's anchors.
  public static var legacy: Self? {
    var strategy = Self()
    strategy.form = .softmax
    strategy.temperature = 3
    strategy.classWeight = 0.001
    return strategy
  }

  /// Pairs of heads; with a softmax, of one kind with equal anchors.
  public var needs: DistillationNeeds { DistillationNeeds(rawBoxes: form == .softmax) }

  /// Objectness with classes and boxes, or one for all.
  public var lossNames: [String] {
    form == .softmax ? ["outputs"] : OutputOptions.lossNames
  }

  /// The terms over all cells with an object.
  public func losses(
    _ batch: DistillationBatch, parameters: [String: Tensor]
  ) throws -> StrategyLosses {
    let places = try ObjectPlaces(batch)
    guard form == .sigmoid else {
      let sums = try zip(batch.heads, places.positives).map { pair, positives in
        let mask = try positives.clamped(max: 1).unsqueezed(2)
        func cells(_ view: HeadView) throws -> Tensor {
          try (view.row() * mask).flattened(from: 1, to: 2)
        }
        return try divergence(cells(pair.student), cells(pair.teacher), temperature, dim: 1).sum()
      }
      let value = try sums.added(on: batch.device) / Double(batch.pictures)
      return StrategyLosses([TechniqueLoss("outputs", value, weight: classWeight)])
    }
    let count = try places.count()
    func term(_ value: (HeadComparison) throws -> Tensor) throws -> Tensor {
      try zip(batch.heads, places.positives).map { pair, positives in
        try (value(HeadComparison(pair, temperature: temperature)) * positives).sum()
      }.added(on: batch.device) / count
    }
    return StrategyLosses([
      TechniqueLoss(
        "classes", try term { try $0.objectness() + $0.classes() }, weight: classWeight),
      TechniqueLoss("boxes", try term { try $0.boxes(.relative) }, weight: boxWeight),
    ])
  }
}
