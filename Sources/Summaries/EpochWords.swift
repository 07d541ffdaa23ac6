import Distillation
import Pruning
import Reports
import Terminal
import Training

/// What is shown of a training while it runs.
package struct EpochWords {
  /// Figures of the techniques that fit a line; results.csv has all.
  private static let metricCount = 3
  /// Columns that an epoch's line takes with all terms of the loss, at most.
  private static let wholeEpoch = 140

  /// What the loss is the sum of.
  private let parts: [LossPart]
  /// Of the terminal; nil where lines may have any length.
  private let columns: Int?

  /// - Parameters:
  ///   - parts: what the loss is the sum of.
  ///   - columns: of the terminal; nil where lines may have any length.
  package init(_ parts: [LossPart], columns: Int?) { (self.parts, self.columns) = (parts, columns) }

  /// Whether the terms of the detection loss are shown. Where they do not always fit, no line has
  /// them, so that all lines are alike.
  private var showsTerms: Bool {
    columns.map { $0 >= Self.wholeEpoch } ?? true
  }

  /// Explains what the lines of epochs show of the loss, and nothing else.
  package var explanation: String {
    let shown = showsTerms ? parts : parts.filter { !$0.figures.isEmpty }
    let words = shown.map { "\($0.name) (\($0.meaning))" }
    let sum = words.dropLast().joined(separator: ", ") + " and " + (words.last ?? "")
    if showsTerms { return "loss: the sum of \(sum); less is better" }
    return "loss: less is better; "
      + words.map { "\($0) is a part of it; " }.joined()
      + "results.csv and report.html have \(words.isEmpty ? "its terms" : "the other terms")"
  }

  /// Figures of a batch, beside its bar.
  package func figures(_ progress: TrainingProgress) -> [(String, String)] {
    // The total first: what does not fit the line is left out from its end.
    var figures = progress.losses.suffix(1).map { ("loss", Figures.fixed($0, 3)) }
    let metrics = Dictionary(progress.metrics.map { ($0.name, $0.value) }) { $1 }
    let terms = terms(progress.losses, metrics)
    figures += terms.filter(\.isAdded).map { ($0.name, $0.value) }
    figures += progress.metrics.filter { !isTerm($0.name) }.prefix(Self.metricCount)
      .map { Self.words($0.name, $0.value) }
    if showsTerms { figures += terms.filter { !$0.isAdded }.map { ($0.name, $0.value) } }
    if let memory = progress.memory, memory > 0 {
      figures.append(("memory", Figures.bytes(memory)))
    }
    return figures
  }

  /// The parts of the loss with their values, and whether a technique adds them.
  private func terms(
    _ losses: [Double], _ techniques: [String: Double]
  ) -> [(name: String, value: String, isAdded: Bool)] {
    parts.compactMap { part in
      part.value(losses: losses, techniques: techniques).map {
        (part.name, Figures.fixed($0, 3), !part.figures.isEmpty)
      }
    }
  }

  /// Whether a figure of a technique is one of the terms that a part of the loss sums up.
  private func isTerm(_ name: String) -> Bool { parts.contains { $0.figures.contains(name) } }

  /// What techniques add to the loss, each with the terms that it is the sum of, where they fit; else
  /// with where these are.
  private func added(_ figures: EpochFigures) -> [LinePart] {
    parts.filter { !$0.figures.isEmpty }.compactMap { part in
      let terms = part.figures.compactMap { name in
        figures.techniques[name].map { (name: name, value: $0) }
      }
      guard let sum = part.value(losses: figures.losses, techniques: figures.techniques) else {
        return nil
      }
      let head = "\(part.name) \(Figures.fixed(sum, 3))"
      let detail = DistillationTechnique.words(ofTerms: terms)
      guard terms.count > 1, !detail.isEmpty else { return LinePart(head) }
      let whole = "\(head): \(detail)"
      guard let columns, whole.displayWidth > columns - 2 else { return LinePart(whole) }
      return LinePart("\(head): the sum of \(terms.count) terms, which are in results.csv")
    }
  }

  /// A technique's figure as readers know it.
  private static func words(_ name: String, _ value: Double) -> (String, String) {
    SparsityTechnique.words(of: name, value) ?? DistillationTechnique.words(of: name, value) ?? (
      name, Figures.significant(value, 3)
    )
  }

  /// The line of an epoch that has ended.
  ///
  /// - Parameters:
  ///   - telling: names of ``EpochFigures/techniques``, the most telling first.
  ///   - left: how long the rest of the run takes, where that is known.
  package func line(
    _ figures: EpochFigures, telling: [String], isBest: Bool, left: String?
  ) -> String {
    var parts = [LinePart("epoch \(figures.epoch + 1)")]
    parts += figures.losses.suffix(1).map { LinePart("loss \(Figures.fixed($0, 3))") }
    if showsTerms {
      let terms = terms(figures.losses, figures.techniques).map { "\($0.name) \($0.value)" }
      parts.append(LinePart("(\(terms.joined(separator: ", ")))"))
      parts.append(LinePart("\(Figures.fixed(figures.imagesPerSecond, 1)) pictures/s"))
    }
    if let map50 = figures.map50, let map = figures.map {
      parts.append(LinePart("mAP@0.5 \(Figures.fixed(map50, 4))"))
      parts.append(LinePart("mAP@0.5:0.95 \(Figures.fixed(map, 4))", rank: 1))
    }
    let own =
      added(figures)
      + telling.filter { !isTerm($0) }.prefix(Self.metricCount).compactMap { name in
        figures.techniques[name].map { Self.words(name, $0) }.map { LinePart("\($0) \($1)") }
      }
    var end: [LinePart] = []
    // Without validation every epoch is.
    if isBest, figures.map50 != nil { end.append(LinePart("kept")) }
    if let left { end.append(LinePart(left, rank: 1)) }
    return line(parts, own, end)
  }

  /// All in one line where that fits; else the figures of techniques in a second one.
  private func line(_ parts: [LinePart], _ own: [LinePart], _ end: [LinePart]) -> String {
    let whole = (parts + own + end).map(\.text).joined(separator: "  ")
    guard let columns, whole.displayWidth > columns else { return whole }
    let first = fittedLine(parts + end, to: columns)
    guard !own.isEmpty else { return first }
    let ranked = own.enumerated().map { LinePart($1.text, rank: $0) }
    return first + "\n  " + fittedLine(ranked, to: columns - 2)
  }
}
