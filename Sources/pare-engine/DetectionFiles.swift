import Boxes
import Darknet
import Datasets
import Foundation

/// Label files and COCO results of detections, picture by picture.
struct DetectionFiles {
  let output: String
  private let savesText: Bool
  private var results: COCOResults?

  /// - Parameters:
  ///   - savesText: write `labels/<picture>.txt`: class, centre and size as fractions, confidence.
  ///   - savesJSON: write `results.json`.
  init(output: String, names: [String], savesText: Bool, savesJSON: Bool) throws {
    self.output = output
    self.savesText = savesText
    results = savesJSON ? COCOResults(names: names) : nil
    guard savesText else { return }
    try FileManager.default.createDirectory(
      atPath: output + "/labels", withIntermediateDirectories: true)
  }

  mutating func add(_ detections: [Detection], path: String, width: Int, height: Int) throws {
    results?.add(detections, path: path)
    guard savesText else { return }
    let stem = URL(filePath: path).deletingPathExtension().lastPathComponent
    let text = LabelFile.text(
      of: detections, pictureWidth: width, pictureHeight: height, withConfidence: true)
    try writeAtomically(text, to: "\(output)/labels/\(stem).txt")
  }

  func finish() throws { try results?.write(to: output + "/results.json") }
}
