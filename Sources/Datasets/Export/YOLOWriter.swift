import Darknet
import Terminal

/// Writes label files with a `data.yaml`; the labels are the same to the digit.
struct YOLOWriter: AnnotationWriter {
  private let output: String
  private let names: [String]
  private var splits: Set<DatasetSplit> = []

  init(_ output: String, names: [String]) { (self.output, self.names) = (output, names) }

  func pictureFolder(_ split: DatasetSplit) -> String { "images/" + split.shortName }

  mutating func add(_ picture: ExportedPicture) throws {
    let folder = joined(output, "labels/" + picture.split.shortName)
    if splits.insert(picture.split).inserted { try makeFolder(folder) }
    try writeBytes(
      Array(LabelFile.text(of: picture.labels).utf8),
      to: joined(folder, fileStem(picture.name) + ".txt"))
  }

  func finish() throws -> String {
    // Relative places belong to the file's own folder, in other programs too if no path is said.
    var text = ""
    for split in DatasetSplit.allCases {
      // Other programs insist on both.
      let shown = splits.contains(split) ? split : DatasetSplit.train
      guard split != .test || splits.contains(.test) else { continue }
      text += "\(split.shortName): images/\(shown.shortName)\n"
    }
    text += "nc: \(names.count)\nnames:\n"
    for (number, name) in names.enumerated() { text += "  \(number): \(name.quotedAsJSON)\n" }
    let path = joined(output, "data.yaml")
    try writeAtomically(text, to: path)
    return path
  }
}
