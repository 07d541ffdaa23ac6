import Boxes
import Foundation
import Pruning
import Reports
import Vision

/// The pictures on which the pruned network and the original differ most.
extension PruneRun {
  /// How many are shown, and how long their longer side is.
  private static let (shown, side) = (6, 416)

  /// Adds the pictures with the boxes of both networks side by side.
  func addDifferences(to page: inout HTMLReport, _ measured: Measured) {
    guard measured.predictions.count == 2 else { return }
    let (before, after) = (measured.predictions[0], measured.predictions[1])
    let confidence = measured.confidence
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
    let painter = DetectionPainter(names: before.names)
    for each in largest {
      let image = before.images[each.index]
      let name = URL(filePath: image.path).lastPathComponent
      // A picture that has gone since it was measured is left out.
      guard
        let pair = try? [before, after].map({
          try drawn($0.images[each.index], painter, from: confidence)
        })
      else { continue }
      page.pictures([(pair[0], "\(name), before"), (pair[1], "\(name), after")])
    }
  }

  private func drawn(
    _ image: StoredPredictions.Image, _ painter: DetectionPainter, from confidence: Float
  ) throws -> [UInt8] {
    var picture = try Image(contentsOf: image.path, shrunkTowards: Self.side)
    let longest = max(picture.width, picture.height)
    // Small pictures grow: there would be no room for letters.
    picture = try picture.resized(
      width: max(picture.width * Self.side / longest, 1),
      height: max(picture.height * Self.side / longest, 1),
      interpolation: longest > Self.side ? .area : .bilinear)
    let (scaleX, scaleY) = (
      Float(picture.width) / Float(image.width), Float(picture.height) / Float(image.height)
    )
    try painter.draw(
      image.detections.filter { $0.confidence >= confidence }.map { detection in
        var detection = detection
        detection.box = Box(
          x1: detection.box.x1 * scaleX, y1: detection.box.y1 * scaleY,
          x2: detection.box.x2 * scaleX, y2: detection.box.y2 * scaleY)
        return detection
      }, on: &picture)
    return try picture.encoded(as: .jpeg, quality: 82)
  }
}
