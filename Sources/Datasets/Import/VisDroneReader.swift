import Darknet
import Vision

/// Reads VisDrone-DET.
///
/// Folders with `annotations` and `images` are taken: the source, and those in it; the word in a
/// folder's name (`VisDrone2019-DET-train`, `-val`, `-test-dev`) is the split.
struct VisDroneReader: AnnotationReader {
  // Categories 1 to 10 of the toolkit's readme.
  private static let names = [
    "pedestrian", "people", "bicycle", "car", "van", "truck", "tricycle", "awning-tricycle", "bus",
    "motor",
  ]

  func read(_ source: String, options: AnnotationOptions, into set: inout AnnotationSet) throws {
    set.declare(Self.names)
    let folders = try dataFolders(source)
    guard !folders.isEmpty else {
      throw DatasetError.noAnnotations(
        path: source, expected: "folders such as VisDrone2019-DET-train with annotations and images"
      )
    }
    for folder in folders {
      let split = DatasetSplit(wordIn: fileName(of: resolved(folder))) ?? .train
      var pictures = try PictureFolder(joined(folder, "images"))
      let annotations = joined(folder, "annotations")
      for name in try folderContents(annotations) where name.lowercased().hasSuffix(".txt") {
        let path = joined(annotations, name)
        guard let picture = pictures.take(fileStem(name), for: path, &set) else {
          set.skipUnmatched(
            path, reason: "no picture '\(fileStem(name).excerpt)' in \(pictures.path)")
          continue
        }
        read(path, picture, split, &set)
      }
      pictures.noteUnlabelled(&set)
    }
  }

  /// The source and the folders in it that have `annotations` and `images`.
  private func dataFolders(_ source: String) throws(FileError) -> [String] {
    try ([source] + foldersBelow(source)).filter { folder in
      ["annotations", "images"].allSatisfy { fileKind(joined(folder, $0)) == .folder }
    }
  }

  func recognizes(_ source: String) -> Bool {
    guard let folder = (try? dataFolders(source))?.first,
      let file = firstFile(in: joined(folder, "annotations"), ending: ".txt")
    else { return false }
    // Eight whole numbers a line, with commas between.
    let line = beginning(of: file).prefix { !$0.isNewline }
    let numbers = line.split(separator: ",").compactMap { Int($0.filter { $0 != " " }) }
    return numbers.count >= 8
  }

  private func read(
    _ path: String, _ picture: String, _ split: DatasetSplit, _ set: inout AnnotationSet
  ) {
    let annotation: VisDroneAnnotation
    let header: PictureHeader
    do {
      annotation = try VisDroneAnnotation(contentsOf: path)
    } catch {
      return set.skip(path, reason: reason(error, at: path))
    }
    do { header = try PictureHeader(contentsOf: picture) } catch {
      return set.skip(picture, reason: reason(error, at: picture))
    }
    set.skip(path, annotation.faults, count: annotation.faultCount)
    var labels: [Label] = []
    var reach = EdgeReach()
    var lost = annotation.faultCount
    for object in annotation.objects {
      guard object.category != 11 else {
        set.leaveOut(.otherCategory)
        continue
      }
      guard object.category > 0, object.score != 0 else {
        set.leaveOut(.ignored)
        continue
      }
      let name = Self.names[object.category - 1]
      do {
        labels.append(
          try object.box.label(
            classIndex: set.classNumber(name), width: header.width, height: header.height,
            what: name, reach: &reach))
      } catch {
        if !error.isOtherClass { lost += 1 }
        set.skip(path, line: object.line, reason: error.reason)
      }
    }
    set.add(
      .init(path: picture, labels: labels, splits: [split]), annotation: path, lost: lost,
      reach: reach)
  }
}
