import Boxes
import Vision

/// Draws what is labelled, what is found, and what is wrong with it.
package struct VerdictPainter {
  private let painter: DetectionPainter
  private let confidence: Float

  package init(names: [String], confidence: Float) {
    painter = DetectionPainter(names: names)
    self.confidence = confidence
  }

  func truth(of image: StoredPredictions.Image) throws -> [UInt8] {
    try drawn(
      image,
      image.groundTruths.map {
        BoxMark(
          box: $0.box, color: Palette.color(forClass: $0.classIndex),
          text: painter.name(ofClass: $0.classIndex))
      })
  }

  /// What is found.
  package func prediction(of image: StoredPredictions.Image) throws -> [UInt8] {
    try drawn(
      image,
      image.detections.filter { $0.confidence >= confidence }
        .sorted { $0.confidence < $1.confidence }
        .map {
          BoxMark(
            box: $0.box, color: Palette.color(forClass: $0.classIndex), text: painter.label(of: $0))
        })
  }

  /// What is right below what is wrong and what is missing.
  func errors(of image: StoredPredictions.Image, _ matching: PictureMatching) throws -> [UInt8] {
    func mark(_ detection: Int, _ color: Color) -> BoxMark {
      let detection = image.detections[detection]
      return BoxMark(box: detection.box, color: color, text: painter.label(of: detection))
    }
    let marks =
      matching.found.map { mark($0.detection, .right) }
      + matching.missed.map {
        let truth = image.groundTruths[$0]
        return BoxMark(
          box: truth.box, color: .missing, text: painter.name(ofClass: truth.classIndex) + "?")
      } + matching.confused.map { mark($0.detection, .wrong) }
      + matching.invented.map { mark($0, .wrong) }
    return try drawn(image, marks)
  }

  private func drawn(_ image: StoredPredictions.Image, _ marks: [BoxMark]) throws -> [UInt8] {
    var picture = try PagePicture(
      contentsOf: image.path, size: (width: image.width, height: image.height))
    try picture.draw(marks)
    return try picture.jpeg()
  }
}
