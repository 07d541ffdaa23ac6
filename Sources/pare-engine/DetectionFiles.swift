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
  ///   - savesText: write `labels/<name>.txt`: class, centre and size as fractions, confidence.
  ///   - savesJSON: write `results.json`.
  init(output: String, names: [String], savesText: Bool, savesJSON: Bool) throws {
    self.output = output
    self.savesText = savesText
    results = savesJSON ? COCOResults(names: names) : nil
    if savesText { try makeFolder(Self.labelFolder(output)) }
  }

  /// Where the label file of a picture of this name goes.
  static func labels(of name: String, in output: String) -> String {
    "\(labelFolder(output))/\(name).txt"
  }

  private static func labelFolder(_ output: String) -> String { output + "/labels" }

  /// Takes what was found in a picture.
  ///
  /// - Parameters:
  ///   - name: what its files are called, unlike all others.
  ///   - path: the picture, for COCO's number of it.
  /// - Returns: the label file, if one was written.
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
    guard savesText else { return }
    if frame == 1 { try makeFolder("\(Self.labelFolder(output))/\(name)") }
    _ = try write(detections, "\(name)/\(number)", width, height)
  }

  func finish() throws { try results?.write(to: output + "/results.json") }

  private func write(
    _ detections: [Detection], _ name: String, _ width: Int, _ height: Int
  ) throws -> String? {
    guard savesText else { return nil }
    let path = Self.labels(of: name, in: output)
    let text = LabelFile.text(
      of: detections, pictureWidth: width, pictureHeight: height, withConfidence: true)
    try writeAtomically(text, to: path)
    return path
  }

  private func makeFolder(_ path: String) throws {
    guard mkdir(path, 0o777) != 0, errno != EEXIST else { return }
    throw EngineError.cannotCreate(path, reason: String(cString: strerror(errno)))
  }
}
