import Boxes
import Darknet
import Vision

/// Turns a Pascal VOC data set into one in Darknet's form.
///
/// Taken are `SOURCE/Annotations` with `SOURCE/JPEGImages` and, for the splits,
/// `SOURCE/ImageSets/Main/{train,val,trainval,test}.txt`, also one folder further down; else any
/// tree of pictures with their `.xml` beside them, where folders named train, val and test are the
/// splits. A picture in no list is skipped; without lists and such folders all are `train`.
///
/// VOC counts pixels from 1 and includes both ends, so a box covers `xmin − 1 … xmax` in the
/// coordinates used here, where pixel i covers i…i+1. It is clamped to the picture.
public struct VOCImporter: Sendable {
  /// The folder to read.
  public var source: String
  /// The folder to write.
  public var output: String
  /// The name of the `.data` and `.names` files; the output folder's own when nil.
  public var name: String?
  /// Class names in their order; boxes of other classes are skipped. When nil, all that occur,
  /// sorted, so that the order does not depend on the order of files.
  public var names: [String]?
  /// Copies pictures instead of linking to them.
  public var copies = false
  /// Keeps boxes marked difficult, which VOC's own evaluation ignores.
  public var keepsDifficult = false
  /// Takes an output folder that holds something.
  public var overwrites = false

  /// An importer with the usual settings.
  public init(source: String, output: String) {
    (self.source, self.output) = (source, output)
  }

  /// Imports the data set; originals are only read.
  ///
  /// - Throws: ``DatasetError``, or `FileError` when something cannot be read or written as a whole.
  public func callAsFunction() throws -> DatasetImport {
    var report = DatasetImport()
    let entries = try findEntries(&report)
    var pictures: [(entry: Entry, boxes: [NamedBox], size: (width: Int, height: Int))] = []
    for entry in entries {
      if let read = read(entry, &report) { pictures.append((entry, read.boxes, read.size)) }
    }
    guard !pictures.isEmpty else {
      if let first = report.skipped.first, report.skipped.count == 1 {
        throw DatasetError.noAnnotations(path: first.path, expected: "annotations: \(first.reason)")
      }
      throw DatasetError.noPictures(path: source)
    }

    let classes = names ?? Set(pictures.flatMap { $0.boxes.map(\.name) }).sorted()
    guard !classes.isEmpty else {
      throw DatasetError.noLabels(path: source, pictures: pictures.count)
    }
    let number = Dictionary(
      classes.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    report.classes = classes.map { DatasetImport.ClassCount(name: $0, boxes: 0) }
    var folder = try DatasetFolder(output, name: name, overwrites: overwrites)
    for (entry, boxes, size) in pictures {
      var labels: [Label] = []
      for box in boxes {
        guard let index = number[box.name] else {
          let reason = "class '\(box.name.excerpt)' is not among the given names"
          report.skipped.append(.init(path: entry.annotation, line: box.line, reason: reason))
          continue
        }
        report.classes[index].boxes += 1
        labels.append(
          Label(
            classIndex: index, box: box.box, pictureWidth: size.width, pictureHeight: size.height))
      }
      try folder.add(
        original: entry.picture, copies: copies, labels: labels, to: entry.splits)
      report.images += 1
      report.boxes += labels.count
      for split in entry.splits { report.splitCounts[split, default: 0] += 1 }
    }
    report.data = try folder.finish(names: classes)
    if report.splitCounts[.valid] == nil {
      let reason = "no validation pictures: 'valid' is the train list"
      report.warnings.append(DatasetProblem(path: report.data, reason: reason))
    }
    return report
  }

  private struct Entry {
    var annotation: String
    var picture: String
    var splits: [DatasetSplit]
  }

  private struct NamedBox {
    var name: String
    var box: Box
    var line: Int
  }

  // MARK: Finding files

  private func findEntries(_ report: inout DatasetImport) throws -> [Entry] {
    guard let root = try standardRoot() else { return try findTree(&report) }
    let lists = try imageSets(root)
    let annotations = joined(root, "Annotations")
    let files = try folderContents(annotations).filter { $0.lowercased().hasSuffix(".xml") }
    guard !files.isEmpty else {
      throw DatasetError.noAnnotations(path: annotations, expected: "one .xml file a picture")
    }
    let folder = joined(root, "JPEGImages")
    let pictures = pictureFiles(try folderContents(folder), in: folder)
    let found = Set(files.map(fileStem))
    var entries: [Entry] = []
    for file in files {
      let (path, stem) = (joined(annotations, file), fileStem(file))
      let splits = lists.map { $0[stem] ?? [] } ?? [.train]
      guard !splits.isEmpty else {
        report.skipped.append(.init(path: path, reason: "in no list of ImageSets/Main"))
        continue
      }
      guard let picture = pictures[stem] ?? namedPicture(path, in: pictures, but: found)
      else {
        report.skipped.append(.init(path: path, reason: "no picture '\(stem)' in \(folder)"))
        continue
      }
      entries.append(Entry(annotation: path, picture: picture, splits: splits))
    }
    for stem in (lists ?? [:]).keys.sorted() where !found.contains(stem) {
      let path = joined(annotations, stem.excerpt + ".xml")
      report.skipped.append(.init(path: path, reason: "in a list, but there is no such file"))
    }
    return entries
  }

  /// The folder with `Annotations` and `JPEGImages`: the source, or the only one inside it that has
  /// them.
  private func standardRoot() throws -> String? {
    let candidates = try [source] + folderContents(source).map { joined(source, $0) }
    let roots = candidates.filter {
      fileKind(joined($0, "Annotations")) == .folder
        && fileKind(joined($0, "JPEGImages")) == .folder
    }
    return roots.first == source || roots.count == 1 ? roots.first : nil
  }

  /// The splits of each stem; nil without lists.
  private func imageSets(_ root: String) throws -> [String: [DatasetSplit]]? {
    let folder = joined(root, "ImageSets/Main")
    func read(_ name: String) throws -> [String]? {
      let path = joined(folder, name + ".txt")
      guard fileKind(path) == .file else { return nil }
      // Lists of one class have a second column, which is left out.
      return TextLines(try readFile(path)).compactMap { $0.content.tokens.first?.text }
    }
    let train = try read("train")
    let lists: [(DatasetSplit, [String]?)] = [
      (.train, try train ?? read("trainval")), (.valid, try read("val")),
      (.test, try read("test")),
    ]
    guard lists.contains(where: { $0.1 != nil }) else { return nil }
    var splits: [String: [DatasetSplit]] = [:]
    for (split, stems) in lists {
      for stem in stems ?? [] where splits[stem]?.contains(split) != true {
        splits[stem, default: []].append(split)
      }
    }
    return splits
  }

  /// Pictures with an annotation beside them, in the source and the folders below.
  private func findTree(_ report: inout DatasetImport) throws -> [Entry] {
    var entries: [Entry] = []
    var folders: [(path: String, split: DatasetSplit?)] = [(source, nil)]
    var visited: Set<String> = []
    while let (folder, split) = folders.popLast() {
      guard visited.insert(resolved(folder)).inserted else { continue }
      let contents = try folderContents(folder)
      let pictures = pictureFiles(contents, in: folder)
      for name in contents.reversed() where fileKind(joined(folder, name)) == .folder {
        folders.append((joined(folder, name), DatasetSplit(folderName: name) ?? split))
      }
      let annotations = contents.filter { $0.lowercased().hasSuffix(".xml") }
      let found = Set(annotations.map(fileStem))
      for name in annotations {
        let path = joined(folder, name)
        guard
          let picture = pictures[fileStem(name)] ?? namedPicture(path, in: pictures, but: found)
        else {
          report.skipped.append(.init(path: path, reason: "no picture of that name beside it"))
          continue
        }
        entries.append(Entry(annotation: path, picture: picture, splits: [split ?? .train]))
      }
    }
    guard !entries.isEmpty else {
      throw DatasetError.noAnnotations(
        path: source,
        expected: "Annotations and JPEGImages, or pictures with .xml files beside them")
    }
    return entries
  }

  /// The pictures among `names` by stem.
  private func pictureFiles(_ names: [String], in folder: String) -> [String: String] {
    Dictionary(
      names.filter { PictureFormat(path: $0) != nil }.map { (fileStem($0), joined(folder, $0)) },
      uniquingKeysWith: { first, _ in first })
  }

  /// The picture that an annotation names, where its own name does not say; one that has an
  /// annotation of its own (`taken`) is not it.
  private func namedPicture(
    _ path: String, in pictures: [String: String], but taken: Set<String>
  ) -> String? {
    guard let bytes = try? readFile(path), let annotation = try? VOCAnnotation(parsing: bytes)
    else { return nil }
    let stem = fileStem(annotation.fileName)
    return taken.contains(stem) ? nil : pictures[stem]
  }

  // MARK: Reading one annotation

  private func read(
    _ entry: Entry, _ report: inout DatasetImport
  ) -> (boxes: [NamedBox], size: (width: Int, height: Int))? {
    let annotation: VOCAnnotation
    let header: PictureHeader
    do {
      annotation = try VOCAnnotation(parsing: readFile(entry.annotation))
      header = try PictureHeader(contentsOf: entry.picture)
    } catch let fault as XMLPullParser.Fault {
      report.skipped.append(
        .init(path: entry.annotation, line: fault.line, reason: fault.reason))
      return nil
    } catch {
      report.skipped.append(.init(path: entry.picture, reason: reason(error, at: entry.picture)))
      return nil
    }
    let size = boxFrame(annotation, header, entry, &report)
    var boxes: [NamedBox] = []
    for object in annotation.objects {
      if object.isDifficult && !keepsDifficult {
        report.difficult += 1
        continue
      }
      do {
        let box = try box(of: object, width: size.width, height: size.height)
        boxes.append(NamedBox(name: object.name, box: box, line: object.line))
      } catch {
        report.skipped.append(
          .init(path: entry.annotation, line: object.line, reason: error.reason))
      }
    }
    return (boxes, size)
  }

  /// The size that the boxes refer to: the annotation's, when the picture has the same proportions
  /// (it may have been resized since), else the picture's own.
  private func boxFrame(
    _ annotation: VOCAnnotation, _ header: PictureHeader, _ entry: Entry,
    _ report: inout DatasetImport
  ) -> (width: Int, height: Int) {
    let size = (width: header.width, height: header.height)
    guard let width = annotation.width, let height = annotation.height, width > 0, height > 0,
      width < 1_000_000, height < 1_000_000, (width, height) != size
    else { return size }
    let ratio = Double(width * header.height) / Double(height * header.width)
    let isResized = abs(ratio - 1) < 0.01
    let reason =
      "says \(width)x\(height), the picture is \(header.width)x\(header.height); "
      + (isResized ? "taken as resized" : "the picture's size is used")
    report.warnings.append(DatasetProblem(path: entry.annotation, reason: reason))
    return isResized ? (width, height) : size
  }

  private struct BadObject: Error { var reason: String }

  private func box(
    of object: VOCAnnotation.Object, width: Int, height: Int
  ) throws(BadObject) -> Box {
    guard !object.name.isEmpty else { throw BadObject(reason: "an object without a name") }
    var corners: [Double] = []
    for key in ["xmin", "ymin", "xmax", "ymax"] {
      guard let text = object.corners[key] else {
        throw BadObject(reason: "\(object.name.excerpt) without \(key)")
      }
      guard let value = decimalValue(ArraySlice(text.utf8)) else {
        throw BadObject(reason: "\(object.name.excerpt): \(key) '\(text.excerpt)' is not a number")
      }
      corners.append(value)
    }
    let place =
      "\(object.name.excerpt) at "
      + ["xmin", "ymin", "xmax", "ymax"].map { (object.corners[$0] ?? "").excerpt }
      .joined(separator: " ")
    guard corners[2] > corners[0], corners[3] > corners[1] else {
      throw BadObject(reason: "\(place) has no area")
    }
    let (w, h) = (Double(width), Double(height))
    let box = Box(
      x1: Float(min(max(corners[0] - 1, 0), w)), y1: Float(min(max(corners[1] - 1, 0), h)),
      x2: Float(min(max(corners[2], 0), w)), y2: Float(min(max(corners[3], 0), h)))
    guard box.x2 > box.x1, box.y2 > box.y1 else {
      throw BadObject(reason: "\(place) is outside of the picture of \(width)x\(height)")
    }
    return box
  }
}

/// The text of an error without the path that begins it.
func reason(_ error: any Error, at path: String) -> String {
  let text = String(describing: error)
  return text.hasPrefix(path + ": ") ? String(text.dropFirst(path.count + 2)) : text
}
