/// A part of the loss as readers see it: a term of the detection loss, or what a technique adds.
public struct LossPart: Hashable, Sendable {
  /// "box".
  public var name: String
  /// What it measures, in a few words: "place and size".
  public var meaning: String
  /// The figures of a technique (``EpochFigures/techniques``) that it is the sum of; empty for a
  /// term of the detection loss.
  public var figures: [String]

  /// A part.
  public init(_ name: String, _ meaning: String, figures: [String] = []) {
    (self.name, self.meaning, self.figures) = (name, meaning, figures)
  }

  /// "box: place and size".
  var label: String { "\(name): \(meaning)" }

  /// Its value.
  ///
  /// - Parameters:
  ///   - losses: as ``DetectionLoss/termNames`` names them.
  ///   - techniques: figures of the techniques by their names.
  /// - Returns: nil where the detection loss has no such term.
  public func value(losses: [Double], techniques: [String: Double]) -> Double? {
    guard figures.isEmpty else { return figures.reduce(0) { $0 + (techniques[$1] ?? 0) } }
    return DetectionLoss.termNames.firstIndex(of: name).flatMap {
      losses.indices.contains($0) ? losses[$0] : nil
    }
  }
}

extension [any TrainingTechnique] {
  /// What the loss is the sum of: the detection loss's terms, and what each technique adds.
  var lossParts: [LossPart] {
    DetectionLoss.parts
      + filter { !$0.lossNames.isEmpty }.map { technique in
        LossPart(
          technique.lossTitle.name, technique.lossTitle.meaning,
          figures: technique.lossNames.map(technique.filed))
      }
  }
}
