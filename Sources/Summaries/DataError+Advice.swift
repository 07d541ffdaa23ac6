import ArgumentParsing
import Darknet
import Datasets
import Glibc
import Runs
import Terminal

extension DataError {
  /// The same error with the line that makes a `.data` file of what is there, where a folder was named in
  /// its place, or a file that is missing.
  package var advised: any Error {
    switch self {
    case .folder(let path, let files) where files.isEmpty:
      if let found = DatasetFormat.found(at: path) {
        let place = found.source == path ? path : displayed(absolutePath(found.source))
        // An imported set, of which a folder inside was named.
        let made = (MissingFile.contents(of: place) ?? []).filter { $0.hasSuffix(".data") }
        guard made.isEmpty else {
          return DataError.folder(path: path, files: made.map { "\(place)/\($0)" })
        }
        return DataError.otherForm(
          path: path, what: "a data set in the form \(found.format.rawValue)",
          command: Self.importLine(
            DatasetFormat.Found(format: found.format, source: place),
            to: fileName(of: absolutePath(place)) + "-darknet"))
      }
      guard DatasetFormat.isLabelMe(path) else { return self }
      return MissingData(
        error: self,
        advice: "LabelMe's files are not read; write them as VOC or COCO with its own tools, and "
          + "import that")
    case .file(.cannotRead(let path, systemErrorText(ENOENT))):
      return Self.advice(onMissing: path).map { MissingData(error: self, advice: $0) } ?? self
    default: return self
    }
  }

  /// The most folders that are looked into.
  private static let placesSearched = 50

  /// What may be meant by a `.data` file that is not there; nil where its name, or others beside it, tell
  /// already.
  private static func advice(onMissing path: String) -> String? {
    let (name, folder) = (fileName(of: path), folderPath(of: path))
    guard name.hasSuffix(".data") || !name.contains("."), let missing = MissingFile(path),
      missing.advice(endings: ["data"], lists: false) == nil,
      let beside = MissingFile.contents(of: folder),
      !beside.contains(where: { $0.hasSuffix(".data") })
    else { return nil }
    let places = beside.map { folder == "." ? $0 : "\(folder)/\($0)" }.filter(isFolder)
      .prefix(placesSearched)
    for place in places {
      let names = MissingFile.contents(of: place) ?? []
      if names.contains(name) { return "did you mean '\(place)/\(name)'?" }
    }
    let stem = name.hasSuffix(".data") ? String(name.dropLast(".data".count)) : name
    let sets = places.compactMap { place in
      DatasetFormat(recognizing: place).map { DatasetFormat.Found(format: $0, source: place) }
    }
    guard let set = sets.first, sets.count == 1 else {
      return "'pare dataset import' makes one of labelled pictures: "
        + shellCommand(["pare", "dataset", "import", "voc", "PICTURES", "--output", stem])
    }
    return "\(set.source) is a data set in the form \(set.format.rawValue); import it: "
      + importLine(set, to: stem)
  }

  private static func importLine(_ found: DatasetFormat.Found, to output: String) -> String {
    shellCommand([
      "pare", "dataset", "import", found.format.rawValue, found.source, "--output", output,
    ])
  }
}

/// A data set that is not there, and what may be done about it.
private struct MissingData: Error, CustomStringConvertible {
  let error: DataError
  let advice: String

  var description: String { "\(error); \(advice)" }
}
