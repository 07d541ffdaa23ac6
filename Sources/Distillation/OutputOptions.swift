import Torch
import Training

/// What several strategies compare of the heads: objectness and classes of all cells, and boxes
/// where an object is to be found (docs/formulas.md 9.2).
public struct OutputOptions: Hashable, Codable, Sendable {
  /// How objectness and classes are compared.
  public var form = ClassForm.sigmoid
  /// How far two boxes are from each other. In cells, distances are summed over the batch, as the
  /// earlier Python programs did; else it is their mean.
  public var boxDistance = BoxDistance.relative
  /// What logits are divided by.
  public var temperature = 1.0
  /// Weight of objectness and classes.
  public var classWeight = 1.0
  /// Weight of the boxes.
  public var boxWeight = 1.0

  /// With default options.
  public init() {}

  /// The numbers of the earlier Python programs.
  public static var legacy: OutputOptions { legacy(classWeight: 1e-4, boxWeight: 1e-3) }

  static func legacy(classWeight: Double, boxWeight: Double) -> OutputOptions {
    var options = OutputOptions()
    options.form = .softmax
    options.boxDistance = .cells
    options.temperature = 3
    (options.classWeight, options.boxWeight) = (classWeight, boxWeight)
    return options
  }

  static let lossNames = ["classes", "boxes"]

  /// Both terms.
  func terms(_ batch: DistillationBatch, _ places: ObjectPlaces) throws -> [TechniqueLoss] {
    [try classTerm(batch), try boxTerm(batch, places)]
  }

  /// Objectness and classes of all cells.
  func classTerm(_ batch: DistillationBatch) throws -> TechniqueLoss {
    let objects = try batch.objectsOfTeacher()
    let sums = try batch.heads.map { pair in
      let head = HeadComparison(pair, temperature: temperature)
      switch form {
      case .softmax: return try pair.compared(head.mixedClasses()).sum()
      case .sigmoid:
        let weight = try pair.certainty()
        return try pair.compared(head.objectness()).sum() + (head.classes() * weight).sum()
      }
    }
    let sum = try sums.added(on: batch.device)
    let value = try form == .softmax ? sum / Double(batch.pictures) : sum / objects
    return TechniqueLoss("classes", value, weight: classWeight)
  }

  /// Boxes of the cells that have to find an object.
  private func boxTerm(
    _ batch: DistillationBatch, _ places: ObjectPlaces
  ) throws -> TechniqueLoss {
    let sum = try zip(batch.heads, places.positives).map { pair, positives in
      try (HeadComparison(pair, temperature: 1).boxes(boxDistance) * positives).sum()
    }.added(on: batch.device)
    guard boxDistance == .relative else {
      return TechniqueLoss("boxes", sum, weight: boxWeight)
    }
    return TechniqueLoss("boxes", try sum / places.count(), weight: boxWeight)
  }
}

/// A strategy that compares the heads' outputs, whatever it compares beside them.
public protocol OutputStrategy: TemperedStrategy {
  /// What is compared of the heads, and how.
  var outputs: OutputOptions { get set }
}

extension OutputStrategy {
  /// What logits are divided by.
  public var temperature: Double {
    get { outputs.temperature }
    set { outputs.temperature = newValue }
  }
  /// Pairs of heads.
  public var needs: DistillationNeeds { DistillationNeeds() }
  /// Objectness with classes, and boxes.
  public var lossNames: [String] { OutputOptions.lossNames }
  /// The numbers of the earlier Python programs.
  public static var legacy: Self? {
    var strategy = Self()
    strategy.outputs = .legacy
    return strategy
  }
}
