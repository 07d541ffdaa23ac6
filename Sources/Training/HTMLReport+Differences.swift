import Boxes
import Foundation
import Reports
import Terminal

extension HTMLReport {
  /// Pictures that are shown at most.
  private static let shownDifferences = 6

  /// Adds the pictures on which two networks differ most, with the boxes of both side by side.
  ///
  /// - Parameters:
  ///   - heading: of the section.
  ///   - first: what one network finds, and what it is called under its pictures; `second` likewise, on
  ///     the same pictures in the same order.
  ///   - confidence: what a box has to have to be shown.
  package mutating func addDifferences(
    _ heading: String, _ first: (predictions: StoredPredictions, name: String),
    _ second: (predictions: StoredPredictions, name: String), confidence: Float
  ) {
    let least = Figures.significant(Double(confidence), 2)
    let (a, b) = (first.predictions, second.predictions)
    let largest = Disagreement.largest(
      Self.shownDifferences, of: a.images, and: b.images, confidence: confidence)
    section(heading)
    guard !largest.isEmpty else {
      paragraph(
        "On none of \(a.images.count) pictures do the two networks differ in a box of at least "
          + "\(least) confidence.")
      return
    }
    paragraph(
      "Boxes of at least \(least) confidence, \(first.name) and \(second.name), on the pictures "
        + "with the most of them that the other network does not find.")
    let painter = VerdictPainter(names: a.names, confidence: confidence)
    for each in largest {
      let name = URL(filePath: a.images[each.index].path).lastPathComponent.escaped
      // A picture that has gone since it was measured is left out.
      guard
        let pair = try? [a, b].map({ try painter.prediction(of: $0.images[each.index]) })
      else { continue }
      sideBySide([(pair[0], first.name), (pair[1], second.name)], caption: name)
    }
  }
}
