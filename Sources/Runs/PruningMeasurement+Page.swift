import Foundation
import Pruning
import Reports
import Terminal
import Training

/// The pictures on which the pruned network and the original differ most.
extension PruningMeasurement {
  /// How many are shown.
  private static let shown = 6

  /// Adds the pictures with the boxes of both networks side by side.
  package func addDifferences(to page: inout HTMLReport) {
    guard predictions.count == 2 else { return }
    let (before, after) = (predictions[0], predictions[1])
    let least = Figures.significant(Double(confidence), 2)
    let largest = Disagreement.largest(
      Self.shown, of: before.images, and: after.images, confidence: confidence)
    page.section("Where they differ most")
    guard !largest.isEmpty else {
      page.paragraph(
        "On none of \(before.images.count) pictures do the two networks differ in a box of at least "
          + "\(least) confidence.")
      return
    }
    page.paragraph(
      "Boxes of at least \(least) confidence, before pruning and after, on the pictures "
        + "with the most of them that the other network does not find.")
    let painter = VerdictPainter(names: before.names, confidence: confidence)
    for each in largest {
      let image = before.images[each.index]
      let name = URL(filePath: image.path).lastPathComponent.escaped
      // A picture that has gone since it was measured is left out.
      guard
        let pair = try? [before, after].map({
          try painter.prediction(of: $0.images[each.index])
        })
      else { continue }
      page.sideBySide([(pair[0], "before"), (pair[1], "after")], caption: name)
    }
  }
}
