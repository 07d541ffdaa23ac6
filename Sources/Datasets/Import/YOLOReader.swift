import Darknet
import Vision

/// Reads label files with a `data.yaml`, as YOLO programs of the PyTorch world keep them.
///
/// The source is the file, or the folder that it is in. Pictures are those in the folders that it
/// names and below, or in the lists. The labels of a picture lie where Darknet looks for them.
struct YOLOReader: AnnotationReader {
  func read(_ source: String, options: AnnotationOptions, into set: inout AnnotationSet) throws {
    let file = try descriptionFile(source)
    let description: YOLODescription
    do {
      description = try YOLODescription(
        parsing: readTextFile(file, limit: YOLODescription.maximumBytes).bytes)
    } catch let fault as AnnotationFault {
      throw DatasetError.brokenAnnotations(path: file, line: fault.line, reason: fault.reason)
    }
    set.declare(description.names)
    set.warnOfRepeated(description.names, in: file)
    for split in DatasetSplit.allCases {
      for place in description.places[split] ?? [] {
        let path = try locate(place, description, file)
        guard options.allowsOutside || !isAbove(path, file) else {
          throw DatasetError.aboveSource(place, path: path, file: file)
        }
        let names = description.names
        if fileKind(path) == .folder {
          let pictures = try picturesBelow(path)
          if pictures.isEmpty { set.skip(path, reason: "there is no picture in this folder") }
          try set.addLabelled(pictures, names: names, split: split, list: path)
        } else {
          let list = try DataFile.pictures(inList: path)
          try set.addLabelled(list, names: names, split: split, list: path)
        }
      }
    }
    set.noteUnmatchedLabels()
  }

  func recognizes(_ source: String) -> Bool {
    guard let file = try? descriptionFile(source) else { return false }
    return (file.hasSuffix(".yaml") || file.hasSuffix(".yml"))
      && beginning(of: file).contains("names")
  }

  /// Whether a folder has the description's own in it, as `/` has: all that is there would be
  /// looked through.
  private func isAbove(_ folder: String, _ file: String) -> Bool {
    let own = resolved(folderPath(of: absolutePath(file)))
    let above = resolved(folder)
    return own != above && own.hasPrefix(above.hasSuffix("/") ? above : above + "/")
  }

  private func descriptionFile(_ source: String) throws -> String {
    guard fileKind(source) == .folder else { return source }
    let files = try folderContents(source).filter {
      $0.hasSuffix(".yaml") || $0.hasSuffix(".yml")
    }
    guard let file = files.first(where: { $0.hasPrefix("data.") }) ?? files.first,
      files.count == 1 || file.hasPrefix("data.")
    else {
      throw DatasetError.noAnnotations(
        path: source,
        expected: files.isEmpty
          ? "a data.yaml, such as two lines 'names: [cat, dog]' and 'train: images'"
          : "a data.yaml; name one of the files")
    }
    return joined(source, file)
  }

  /// Where a folder or list is: below `path`, else beside the description. Some tools write places
  /// as seen from a folder inside of the set (`../train/images`), so the dots are tried without.
  private func locate(
    _ place: String, _ description: YOLODescription, _ file: String
  ) throws -> String {
    let own = folderPath(of: absolutePath(file))
    let bases = [description.path.map { joined(own, $0) }, own].compactMap { $0 }
    var inside = place
    while inside.hasPrefix("../") { inside.removeFirst(3) }
    let candidates = bases.map { joined($0, place) } + bases.map { joined($0, inside) }
    guard let found = candidates.first(where: { fileKind($0) != nil }) else {
      throw DatasetError.brokenAnnotations(
        path: candidates[0].printablePath, line: nil,
        reason: "there is no such folder or list, which \(file) names as '\(place.excerpt)'")
    }
    return found
  }

  private func picturesBelow(_ root: String) throws -> [String] {
    var pictures: [String] = []
    var folders = [root]
    var visited: Set<String> = []
    var useless = 0
    while let folder = folders.popLast() {
      guard visited.insert(resolved(folder)).inserted else { continue }
      useless += 1
      for name in try folderContents(folder) {
        let path = joined(folder, name)
        useless += 1
        if PictureFormat(path: name) != nil {
          pictures.append(path)
          useless -= 1
        } else if isFolderOfSet(path) {
          folders.append(path)
        }
        guard useless <= AnnotationSet.uselessLines + pictures.count else {
          throw DatasetError.uselessFiles(folder: root, count: useless - 1)
        }
      }
    }
    return pictures.sorted()
  }
}

extension AnnotationSet {
  /// Lines of a list that may be of no use, beside as many again as are: with more of them the list
  /// is that of another place, and asking for each takes long.
  static let uselessLines = 100_000

  /// Adds pictures whose labels are in Darknet's form already.
  ///
  /// - Parameters:
  ///   - names: class names by class number.
  ///   - list: where the pictures are listed, for messages.
  /// - Throws: ``DatasetError/uselessLines(list:count:)`` when very many are of no use.
  mutating func addLabelled(
    _ paths: some Sequence<String>, names: [String], split: DatasetSplit, list: String
  ) throws(DatasetError) {
    var numbers: [Int: Int] = [:]
    var useful = 0
    var useless = 0
    for path in paths {
      guard useless <= Self.uselessLines + useful else {
        throw .uselessLines(list: list, count: useless - 1)
      }
      useless += 1
      guard PictureFormat(path: path) != nil else {
        skip(list, reason: "\(path.printablePath) does not end like a picture")
        continue
      }
      guard fileKind(path) == .file else {
        skip(list, reason: "no picture \(path.printablePath): \(missingPicture(path))")
        continue
      }
      // Small sets have the same pictures in two lists.
      guard !addListed(path, to: split) else { continue }
      (useful, useless) = (useful + 1, useless - 1)
      var labels: [Label] = []
      var lost = 0
      var reach = EdgeReach()
      // A picture without a label file is background.
      let labelPath = labelFile(ofPicture: path)
      if let labelPath {
        do {
          let file = try LabelFile(
            contentsOf: labelPath, classCount: names.count, cutsBoxes: true)
          lost = file.badLines
          reach = file.reach
          for problem in file.problems {
            skip(labelPath, line: problem.line, reason: problem.reason)
          }
          for label in file.labels {
            var label = label
            do {
              let number =
                try numbers[label.classIndex] ?? classNumber(names[label.classIndex])
              numbers[label.classIndex] = number
              label.classIndex = number
              labels.append(label)
            } catch let error as BadRecord {
              if !error.isOtherClass { lost += 1 }
              skip(labelPath, reason: error.reason)
            }
          }
        } catch {
          lost = 1
          skip(labelPath, reason: reason(error, at: labelPath))
        }
      }
      add(
        Picture(path: path, labels: labels, splits: [split]), annotation: labelPath ?? path,
        lost: lost, reach: reach)
    }
  }
}
