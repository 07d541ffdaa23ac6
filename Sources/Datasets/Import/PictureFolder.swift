import Darknet
import Vision

/// Pictures in a folder by name and by stem.
struct PictureFolder {
  let path: String
  /// File names without extension, and the paths of the pictures; several where names differ in
  /// their extension only.
  private let byStem: [String: [String]]
  private var taken: Set<String> = []

  /// The pictures directly in a folder.
  init(_ path: String) throws(FileError) {
    self.init(path, names: try folderContents(path))
  }

  /// The pictures among the names of files in a folder.
  init(_ path: String, names: [String]) {
    self.path = path
    byStem = Dictionary(grouping: names.filter { PictureFormat(path: $0) != nil }, by: fileStem)
      .mapValues { $0.map { joined(path, $0) } }
  }

  /// Whether a picture of it has been taken.
  var isUsed: Bool { !taken.isEmpty }

  /// Whether there is a picture of this stem.
  func hasPicture(_ stem: String) -> Bool { byStem[stem] != nil }

  /// The picture of a stem, which then counts as labelled. Of several the first is taken, and a
  /// remark made.
  mutating func take(_ stem: String, for annotation: String, _ set: inout AnnotationSet) -> String?
  {
    guard let all = byStem[stem], let first = all.first else { return nil }
    if all.count > 1, !taken.contains(first) {
      let others = all.dropFirst().map { fileName(of: $0).excerpt }.joined(separator: ", ")
      set.warn(
        annotation, "may be of \(others) as well as of \(fileName(of: first)), which is taken")
    }
    taken.insert(first)
    return first
  }

  /// Counts the pictures that no annotation was found for.
  func noteUnlabelled(_ set: inout AnnotationSet) {
    for path in byStem.values.joined().sorted() where !taken.contains(path) {
      set.noteUnlabelled(path)
    }
  }
}
