import Torch
import Training

/// All outputs of all cells (docs/formulas.md 9.2): `--KDstr 1`.
public struct LogitsStrategy: TemperedStrategy {
  /// Its row in the table.
  public static let method = DistillationMethod.logits

  /// How outputs are compared.
  public var form = ClassForm.sigmoid
  /// What logits are divided by.
  public var temperature = 1.0
  /// Weight of the objectness; with a softmax of all outputs.
  public var objectnessWeight = 1.0
  /// Weight of the classes.
  public var classWeight = 1.0
  /// Weight of the boxes.
  public var boxWeight = 1.0

  /// With default options.
  public init() {}

  /// A softmax of all raw outputs of an anchor.
  public static var legacy: Self? {
    var strategy = Self()
    strategy.form = .softmax
    strategy.temperature = 3
    strategy.objectnessWeight = 0.001
    return strategy
  }

  /// Pairs of heads; with a softmax, of one kind with equal anchors.
  public var needs: DistillationNeeds { DistillationNeeds(rawBoxes: form == .softmax) }

  /// One for each kind of output, or one for all.
  public var lossNames: [String] {
    form == .softmax ? ["outputs"] : ["objectness", "classes", "boxes"]
  }

  /// The terms over all cells.
  public func losses(
    _ batch: DistillationBatch, parameters: [String: Tensor]
  ) throws -> StrategyLosses {
    let objects = try batch.objectsOfTeacher()
    let comparisons = batch.heads.map { HeadComparison($0, temperature: temperature) }
    guard form == .sigmoid else {
      let rows = try batch.heads.map { pair in
        try pair.compared(
          divergence(pair.student.row(), pair.teacher.row(), temperature, dim: 2)
        ).sum()
      }
      let value = try rows.added(on: batch.device) / Double(batch.pictures)
      return StrategyLosses([TechniqueLoss("outputs", value, weight: objectnessWeight)])
    }
    func term(_ sums: [Tensor]) throws -> Tensor { try sums.added(on: batch.device) / objects }
    let weights = try batch.heads.map { try $0.certainty() }
    func weighted(_ value: (HeadComparison) throws -> Tensor) throws -> Tensor {
      try term(zip(comparisons, weights).map { try (value($0) * $1).sum() })
    }
    return StrategyLosses([
      TechniqueLoss(
        "objectness",
        try term(zip(batch.heads, comparisons).map { try $0.compared($1.objectness()).sum() }),
        weight: objectnessWeight),
      TechniqueLoss("classes", try weighted { try $0.classes() }, weight: classWeight),
      TechniqueLoss(
        "boxes",
        try weighted { head in
          let boxes = try head.boxes(.relative)
          return try head.deviations().map { try boxes + $0 } ?? boxes
        }, weight: boxWeight),
    ])
  }
}

extension HeadView {
  /// All raw outputs of an anchor, `[N, A, 5 + C, H, W]`.
  func row() throws -> Tensor {
    try Tensor.concatenated([rawBoxes, objectness.unsqueezed(2), classes], dim: 2)
  }
}
