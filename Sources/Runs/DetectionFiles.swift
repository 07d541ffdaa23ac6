import Boxes
import Darknet
import Datasets
import Foundation
import Storage

/// Label files and COCO results of detections, picture by picture.
struct DetectionFiles {
  let output: OutputFolder
  private let savesText: Bool
  private var results: COCOResults?

  /// The file of COCO results in the output folder.
  static let results = "results.json"

  /// - Parameters:
  ///   - savesText: write `labels/<name>.txt`: class, centre and size as fractions, confidence.
  ///   - savesJSON: write `results.json`.
  init(output: OutputFolder, names: [String], savesText: Bool, savesJSON: Bool) {
    self.output = output
    self.savesText = savesText
    results = savesJSON ? COCOResults(names: names) : nil
  }

  /// The label file of a picture of this name, in the output folder.
  static func labels(of name: String) -> String { "labels/\(name).txt" }

  /// Takes what was found in a picture.
  ///
  /// - Parameters:
  ///   - name: what its files are called, unlike all others.
  ///   - path: the picture, for COCO's number of it.
  /// - Returns: where the label file will be, if one was written.
  @discardableResult
  mutating func add(
    _ detections: [Detection], name: String, path: String, width: Int, height: Int
  ) throws -> String? {
    results?.add(detections, path: path)
    return try write(detections, name, width, height)
  }

  /// Takes what was found in a frame, counted from 1: `labels/<name>/000001.txt`, and COCO's number
  /// is that of the frame where there is one video alone.
  mutating func add(
    _ detections: [Detection], name: String, frame: Int, width: Int, height: Int
  ) throws {
    let digits = "\(frame)"
    let number = String(repeating: "0", count: max(6 - digits.count, 0)) + digits
    results?.add(detections, path: "\(name)/\(number)")
    _ = try write(detections, "\(name)/\(number)", width, height)
  }

  func finish() throws {
    guard let results else { return }
    try results.write(to: output.place(for: Self.results))
  }

  private func write(
    _ detections: [Detection], _ name: String, _ width: Int, _ height: Int
  ) throws -> String? {
    guard savesText else { return nil }
    let file = Self.labels(of: name)
    let text = LabelFile.text(
      of: detections, pictureWidth: width, pictureHeight: height, withConfidence: true)
    try writeAtomically(text, to: output.place(for: file))
    return "\(output.path)/\(file)"
  }
}
