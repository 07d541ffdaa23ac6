import Boxes
import Foundation
import Reports
import Terminal

/// What one of two networks finds, for a page that shows both side by side.
package struct ComparedFindings {
  /// What it finds.
  package let predictions: StoredPredictions
  /// What it is called under its pictures.
  package let name: String
  /// What a box has to have to be shown.
  let confidence: Float
  /// Whether the labels say so: it is the confidence at which the mean F1 of the classes is best.
  let isBest: Bool

  /// Chooses a confidence: that at which the network is best on these pictures. Where they have no
  /// labels, or no box is right at any confidence, it is the usual one of `detect`.
  package init(_ predictions: StoredPredictions, _ name: String) {
    (self.predictions, self.name) = (predictions, name)
    let result = predictions.evaluator(style: .coco).evaluate()
    isBest = result.instances > 0 && result.f1 > 0
    confidence = isBest ? Float(result.confidence) : Detection.usualConfidence
  }

  /// Whether the pictures have labels and no box is right.
  private var findsNothing: Bool {
    !isBest && predictions.images.contains { !$0.groundTruths.isEmpty }
  }

  /// The confidence, for a list of networks: "before pruning 0.31".
  fileprivate var threshold: String {
    "\(name) \(Figures.significant(Double(confidence), 2))"
      + (findsNothing ? " (no box of it is right at any)" : "")
  }

  /// What stands under a picture: "before pruning: 2 boxes".
  fileprivate func caption(_ image: Int) -> String {
    let boxes = predictions.images[image].detections.count { $0.confidence >= confidence }
    return "\(name): " + (boxes == 0 ? "nothing found" : counted(boxes, "box", "boxes"))
  }
}

extension HTMLReport {
  /// Pictures that are shown at most.
  private static let shownDifferences = 6

  /// Adds the pictures on which two networks differ most, with the boxes of both side by side, each from
  /// its own confidence on: a pruned network is less sure of what it finds as well.
  ///
  /// - Parameters:
  ///   - heading: of the section.
  ///   - first: what one network finds; `second` the other, on the same pictures in the same order.
  package mutating func addDifferences(
    _ heading: String, _ first: ComparedFindings, _ second: ComparedFindings
  ) {
    let (a, b) = (first.predictions, second.predictions)
    let largest = Disagreement.largest(
      Self.shownDifferences, of: a.images, and: b.images,
      confidences: (first.confidence, second.confidence))
    section(heading)
    let reason =
      first.isBest || second.isBest
      ? "at which it is best on these pictures (mean F1 of the classes)"
      : "that 'pare detect' takes, for no labels tell which is best"
    let confidences =
      "Each network's boxes are those from the confidence on \(reason): \(first.threshold), "
      + "\(second.threshold)."
    guard !largest.isEmpty else {
      paragraph("On none of \(a.images.count) pictures do the two networks differ in a box.")
      paragraph(confidences)
      return
    }
    paragraph(
      "Boxes \(first.name) and \(second.name), on the pictures with the most of them that the other "
        + "network does not find. \(confidences)")
    for each in largest {
      let name = URL(filePath: a.images[each.index].path).lastPathComponent.escaped
      // A picture that has gone since it was measured is left out.
      guard
        let pair = try? [first, second].map({ network in
          let painter = VerdictPainter(names: a.names, confidence: network.confidence)
          return (
            try painter.prediction(of: network.predictions.images[each.index]),
            network.caption(each.index)
          )
        })
      else { continue }
      sideBySide(pair, caption: name)
    }
  }
}
