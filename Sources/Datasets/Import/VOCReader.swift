import Darknet
import Vision

/// Reads Pascal VOC, and DIOR, which is kept alike.
///
/// Taken are the annotations, the pictures and, for the splits,
/// `ImageSets/Main/{train,val,trainval,test}.txt` of the source, or of the only folder in it that
/// has them; else any tree of pictures with their `.xml` beside them, where folders named train, val
/// and test are the splits. A picture in no list is skipped; without lists and such folders all are
/// `train`.
///
/// VOC counts pixels from 1 and includes both ends, so a box covers `xmin − 1 … xmax` in the
/// coordinates used here, where pixel i covers i…i+1. It is clamped to the picture.
struct VOCReader: AnnotationReader {
  var layout: Layout

  /// Where a data set's files lie.
  struct Layout {
    /// Folders of annotations; the first that exists is taken.
    var annotations: [String]
    /// Folders of pictures; all that exist are taken.
    var pictures: [String]
    /// Folders of lists; the first that exists is taken.
    var lists: [String]
    /// Classes in the order of the set's own publication; none means sorted.
    var names: [String]

    static let voc = Layout(
      annotations: ["Annotations"], pictures: ["JPEGImages"], lists: ["ImageSets/Main"], names: [])

    // Li et al., Object detection in optical remote sensing images, 2020, section 3: the order of
    // the 20 classes there.
    static let dior = Layout(
      annotations: ["Annotations/Horizontal Bounding Boxes", "Annotations"],
      pictures: ["JPEGImages-trainval", "JPEGImages-test", "JPEGImages"],
      lists: ["ImageSets/Main", "Main", "ImageSets"],
      names: [
        "airplane", "airport", "baseballfield", "basketballcourt", "bridge", "chimney", "dam",
        "Expressway-Service-area", "Expressway-toll-station", "golffield", "groundtrackfield",
        "harbor", "overpass", "ship", "stadium", "storagetank", "tenniscourt", "trainstation",
        "vehicle", "windmill",
      ])
  }

  func read(_ source: String, options: AnnotationOptions, into set: inout AnnotationSet) throws {
    set.declare(layout.names)
    let entries = try standardRoot(source).map { try listed($0, &set) } ?? tree(source, &set)
    for entry in entries { read(entry, options, &set) }
  }

  private struct Entry {
    var annotation: String
    var picture: String
    var splits: [DatasetSplit]
  }

  // MARK: Finding files

  private struct Root {
    var path: String
    var annotations: String
    var pictures: [String]
  }

  /// The source with the layout's folders, or the only folder inside it that has them.
  private func standardRoot(_ source: String) throws -> Root? {
    func root(_ path: String) -> Root? {
      func existing(_ names: [String]) -> [String] {
        names.map { joined(path, $0) }.filter { fileKind($0) == .folder }
      }
      let pictures = existing(layout.pictures)
      guard let annotations = existing(layout.annotations).first, !pictures.isEmpty else {
        return nil
      }
      return Root(path: path, annotations: annotations, pictures: pictures)
    }
    if let own = root(source) { return own }
    let below = try foldersBelow(source).compactMap(root)
    return below.count == 1 ? below.first : nil
  }

  /// The pictures of a set in the layout.
  private func listed(_ root: Root, _ set: inout AnnotationSet) throws -> [Entry] {
    let lists = try imageSets(root.path)
    let files = try folderContents(root.annotations).filter { $0.lowercased().hasSuffix(".xml") }
    guard !files.isEmpty else {
      throw DatasetError.noAnnotations(path: root.annotations, expected: "one .xml file a picture")
    }
    let folders = try root.pictures.map { try PictureFolder($0) }
    let pictures = folders.reduce(into: [:]) { all, folder in
      all.merge(folder.byStem) { first, _ in first }
    }
    let found = Set(files.map(fileStem))
    var entries: [Entry] = []
    for file in files {
      let (path, stem) = (joined(root.annotations, file), fileStem(file))
      guard let picture = pictures[stem] ?? namedPicture(path, in: pictures, but: found)
      else {
        let places = root.pictures.joined(separator: ", ")
        set.skip(path, reason: "no picture '\(stem)' in \(places)")
        continue
      }
      // Without lists the folders say it, as in DIOR's JPEGImages-test.
      let own = DatasetSplit(wordIn: fileName(of: folderPath(of: picture))) ?? .train
      let splits = lists.map { $0[stem] ?? [] } ?? [own]
      guard !splits.isEmpty else {
        set.skip(path, reason: "in no list of ImageSets/Main")
        continue
      }
      entries.append(Entry(annotation: path, picture: picture, splits: splits))
    }
    for stem in (lists ?? [:]).keys.sorted() where !found.contains(stem) {
      let path = joined(root.annotations, stem.excerpt + ".xml")
      set.skip(path, reason: "in a list, but there is no such file")
    }
    return entries
  }

  /// The splits of each stem; nil without lists.
  private func imageSets(_ root: String) throws -> [String: [DatasetSplit]]? {
    let folders = layout.lists.map { joined(root, $0) }
    guard let folder = folders.first(where: { fileKind($0) == .folder }) else { return nil }
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
  private func tree(_ source: String, _ set: inout AnnotationSet) throws -> [Entry] {
    var entries: [Entry] = []
    var folders: [(path: String, split: DatasetSplit?)] = [(source, nil)]
    var visited: Set<String> = []
    while let (folder, split) = folders.popLast() {
      guard visited.insert(resolved(folder)).inserted else { continue }
      let contents = try folderContents(folder)
      let pictures = PictureFolder(folder, names: contents).byStem
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
          set.skip(path, reason: "no picture of that name beside it")
          continue
        }
        entries.append(Entry(annotation: path, picture: picture, splits: [split ?? .train]))
      }
    }
    guard !entries.isEmpty else {
      throw DatasetError.noAnnotations(
        path: source,
        expected: "\(layout.annotations.joined(separator: " or ")) and "
          + "\(layout.pictures.joined(separator: " or ")), or pictures with .xml files beside them")
    }
    return entries
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

  private func read(_ entry: Entry, _ options: AnnotationOptions, _ set: inout AnnotationSet) {
    let annotation: VOCAnnotation
    let header: PictureHeader
    do {
      annotation = try VOCAnnotation(
        parsing: readFile(entry.annotation), keepsDifficult: options.keepsDifficult)
      header = try PictureHeader(contentsOf: entry.picture)
    } catch let fault as AnnotationFault {
      return set.skip(entry.annotation, [fault])
    } catch {
      return set.skip(entry.picture, reason: reason(error, at: entry.picture))
    }
    let size = boxFrame(annotation, header, entry, &set)
    if annotation.difficultCount > 0 { set.leaveOut(.difficult, annotation.difficultCount) }
    var faults = annotation.faults
    var faultCount = annotation.faultCount
    var labels: [Label] = []
    for object in annotation.objects {
      let corners = object.corners
      let box = PixelBox(
        x1: corners[0] - 1, y1: corners[1] - 1, x2: corners[2], y2: corners[3])
      do {
        labels.append(
          try box.label(
            classIndex: set.classNumber(object.name), width: size.width, height: size.height,
            what: place(object)))
      } catch {
        faultCount += 1
        faults.append(AnnotationFault(line: object.line, reason: error.reason))
      }
    }
    faults.sort { ($0.line ?? 0, $0.reason) < ($1.line ?? 0, $1.reason) }
    set.skip(entry.annotation, faults, count: faultCount)
    set.add(
      .init(path: entry.picture, labels: labels, splits: entry.splits),
      annotation: entry.annotation)
  }

  /// The size that the boxes refer to: the annotation's, when the picture has the same proportions
  /// (it may have been resized since), else the picture's own.
  private func boxFrame(
    _ annotation: VOCAnnotation, _ header: PictureHeader, _ entry: Entry,
    _ set: inout AnnotationSet
  ) -> (width: Int, height: Int) {
    let size = (width: header.width, height: header.height)
    guard let width = annotation.width, let height = annotation.height, width > 0, height > 0,
      width < 1_000_000, height < 1_000_000, (width, height) != size
    else { return size }
    let ratio = Double(width * header.height) / Double(height * header.width)
    let isResized = abs(ratio - 1) < 0.01
    set.warn(
      entry.annotation,
      "says \(width)x\(height), the picture is \(header.width)x\(header.height); "
        + (isResized ? "taken as resized" : "the picture's size is used"))
    return isResized ? (width, height) : size
  }

  private func place(_ object: VOCAnnotation.Object) -> String {
    let corners = object.corners.map { decimalText($0) }
    return "\(object.name.excerpt) at \(corners.joined(separator: " "))"
  }
}

/// A number for a message: whole ones without a fraction.
private func decimalText(_ value: Double) -> String {
  Int(exactly: value).map(String.init) ?? "\(value)"
}

/// The text of an error without the path that begins it.
func reason(_ error: any Error, at path: String) -> String {
  let text = String(describing: error)
  return text.hasPrefix(path + ": ") ? String(text.dropFirst(path.count + 2)) : text
}
