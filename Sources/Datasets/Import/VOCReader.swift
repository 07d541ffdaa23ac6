import Darknet
import Vision

/// Reads Pascal VOC, and DIOR, which is kept alike.
///
/// Taken are the annotations, the pictures and, for the splits,
/// `ImageSets/Main/{train,val,trainval,test}.txt` of the source, or of the folders in it that have
/// them; else any tree of pictures with their `.xml` beside them. Without lists a folder named
/// train, val or test is the split of what is in it. A picture in no list is skipped; without lists
/// and such folders all are `train`.
///
/// VOC counts pixels from 1 and includes both ends, so a box covers `xmin − 1 … xmax` in the
/// coordinates used here, where pixel i covers i…i+1. It is clamped to the picture.
struct VOCReader: AnnotationReader {
  var layout: VOCLayout

  func read(_ source: String, options: AnnotationOptions, into set: inout AnnotationSet) throws {
    set.declare(layout.names)
    let roots = try layout.roots(source)
    let entries =
      roots.isEmpty
      ? try tree(source, &set) : try divided(roots, source).flatMap { try listed($0, $1, &set) }
    for entry in entries { read(entry, options, &set) }
  }

  private struct Entry {
    var annotation: String
    var picture: String
    var splits: [DatasetSplit]
  }

  func recognizes(_ source: String) -> Bool {
    guard let roots = try? layout.roots(source) else { return false }
    // DIOR's folders are VOC's and more; names that only DIOR has tell it.
    guard layout.names.isEmpty else {
      return roots.contains { $0.annotations.hasSuffix("Bounding Boxes") || $0.pictures.count > 1 }
    }
    let folders = [source] + ((try? foldersBelow(source)) ?? []).prefix(20)
    return (roots.map(\.annotations) + folders).contains { folder in
      firstFile(in: folder, ending: ".xml").map { beginning(of: $0).contains("<annotation") }
        ?? false
    }
  }

  // MARK: Finding files

  /// The sets of a source with the splits that their folders' names stand for. Several sets are one
  /// only when each is a split.
  private func divided(
    _ roots: [VOCLayout.Root], _ source: String
  ) throws -> [(VOCLayout.Root, DatasetSplit?)] {
    let all = roots.map { ($0, DatasetSplit(wordIn: fileName(of: $0.path))) }
    guard all.count == 1 || all.allSatisfy({ $0.1 != nil }) else {
      let names = roots.map { fileName(of: $0.path) }.joined(separator: ", ")
      throw DatasetError.noAnnotations(
        path: source,
        expected: "one set, or folders train, val and test; import each of \(names.excerpt) and "
          + "put them together with 'pare dataset merge'")
    }
    return roots.count == 1 && roots[0].path == source ? [(roots[0], nil)] : all
  }

  /// The pictures of a set in the layout.
  private func listed(
    _ root: VOCLayout.Root, _ split: DatasetSplit?, _ set: inout AnnotationSet
  ) throws -> [Entry] {
    let annotations = try StemIndex([root.annotations]) { $0.lowercased().hasSuffix(".xml") }
    guard !annotations.files.isEmpty else {
      throw DatasetError.noAnnotations(path: root.annotations, expected: "one .xml file a picture")
    }
    let pictures = try StemIndex(root.pictures) { PictureFormat(path: $0) != nil }
    let lists = try root.lists.flatMap { folder in
      try VOCImageSets(folder) { annotations.hasKey($0) || pictures.hasKey($0) }
    }
    var taken: Set<String> = []
    var entries: [Entry] = []
    for (key, path) in annotations.files {
      guard
        let picture = picture(of: path, among: pictures.files(key), &set)
          ?? namedPicture(path, in: pictures, but: annotations)
      else {
        let places = root.pictures.joined(separator: ", ")
        set.skipUnmatched(path, reason: "no picture '\(key.excerpt)' in \(places)")
        continue
      }
      taken.insert(picture)
      // Without lists the folders say it, as in DIOR's JPEGImages-test.
      let own =
        DatasetSplit(wordIn: fileName(of: folderPath(of: picture)))
        ?? DatasetSplit(wordIn: fileName(of: folderPath(of: path))) ?? split ?? .train
      let splits = lists.map { $0[key].isEmpty ? $0[fileName(of: key)] : $0[key] } ?? [own]
      guard !splits.isEmpty else {
        let lists = (root.lists ?? "").dropFirst(root.path.count).drop { $0 == "/" }
        set.skip(path, reason: "in no list of \(lists)")
        continue
      }
      entries.append(Entry(annotation: path, picture: picture, splits: splits))
    }
    for stem in lists?.stems ?? [] where annotations.files(stem).isEmpty {
      let path = joined(root.annotations, stem.excerpt + ".xml")
      set.skip(path, reason: "in a list, but there is no such file")
    }
    for (_, path) in pictures.files where !taken.contains(path) { set.noteUnlabelled(path) }
    return entries
  }

  /// Pictures with an annotation beside them, in the source and the folders below.
  private func tree(_ source: String, _ set: inout AnnotationSet) throws -> [Entry] {
    var entries: [Entry] = []
    var unlabelled: [String] = []
    var folders: [(path: String, split: DatasetSplit?)] = [(source, nil)]
    var visited: Set<String> = []
    while let (folder, split) = folders.popLast() {
      guard visited.insert(resolved(folder)).inserted else { continue }
      let contents = try folderContents(folder)
      for name in contents.reversed() where isFolderOfSet(joined(folder, name)) {
        folders.append((joined(folder, name), DatasetSplit(folderName: name) ?? split))
      }
      // Their names alone: what is below is another folder's.
      let pictures = StemIndex(contents.filter { PictureFormat(path: $0) != nil }, in: folder)
      let annotations = StemIndex(contents.filter { $0.lowercased().hasSuffix(".xml") }, in: folder)
      var taken: Set<String> = []
      for (stem, path) in annotations.files {
        guard
          let picture = picture(of: path, among: pictures.files(stem), &set)
            ?? namedPicture(path, in: pictures, but: annotations)
        else {
          set.skipUnmatched(path, reason: "no picture of that name beside it")
          continue
        }
        taken.insert(picture)
        entries.append(Entry(annotation: path, picture: picture, splits: [split ?? .train]))
      }
      unlabelled += pictures.files.map(\.path).filter { !taken.contains($0) }
    }
    guard !entries.isEmpty else {
      throw DatasetError.noAnnotations(
        path: source,
        expected: "a folder \(layout.annotations[0]) beside one of pictures, such as "
          + "\(layout.pictures[0]), or pictures with .xml files beside them")
    }
    for path in unlabelled { set.noteUnlabelled(path) }
    return entries
  }

  /// The picture of an annotation among those of its stem: the one that it names, else the first.
  private func picture(
    of annotation: String, among pictures: [String], _ set: inout AnnotationSet
  ) -> String? {
    guard pictures.count > 1 else { return pictures.first }
    let named = (try? fileAnnotation(annotation)).map { fileName(of: $0.fileName) }
    if let picture = pictures.first(where: { fileName(of: $0) == named }) { return picture }
    let others = pictures.dropFirst().map { fileName(of: $0).excerpt }.joined(separator: ", ")
    set.warn(
      annotation, "may be of \(others) as well as of \(fileName(of: pictures[0])), which is taken")
    return pictures[0]
  }

  /// The picture that an annotation names, where its own name does not say; one that has an
  /// annotation of its own (`taken`) is not it.
  private func namedPicture(
    _ path: String, in pictures: StemIndex, but taken: StemIndex
  ) -> String? {
    guard let annotation = try? fileAnnotation(path) else { return nil }
    let stem = fileStem(annotation.fileName)
    return taken.files(stem).isEmpty ? pictures.files(stem).first : nil
  }

  private func fileAnnotation(_ path: String) throws -> VOCAnnotation {
    try VOCAnnotation(parsing: readFile(path, limit: VOCAnnotation.maximumBytes))
  }

  // MARK: Reading one annotation

  private func read(_ entry: Entry, _ options: AnnotationOptions, _ set: inout AnnotationSet) {
    let annotation: VOCAnnotation
    let header: PictureHeader
    do {
      annotation = try VOCAnnotation(
        parsing: readFile(entry.annotation, limit: VOCAnnotation.maximumBytes),
        keepsDifficult: options.keepsDifficult)
    } catch let fault as AnnotationFault {
      return set.skip(entry.annotation, [fault])
    } catch {
      return set.skip(entry.annotation, reason: reason(error, at: entry.annotation))
    }
    do { header = try PictureHeader(contentsOf: entry.picture) } catch {
      return set.skip(entry.picture, reason: reason(error, at: entry.picture))
    }
    let frame = BoxFrame(stated: annotation.size, header)
    let remarks = [frame.remark] + annotation.remarks
    for remark in remarks { if let remark { set.warn(entry.annotation, remark) } }
    if annotation.difficultCount > 0 { set.leaveOut(.difficult, annotation.difficultCount) }
    var faults = annotation.faults
    var faultCount = annotation.faultCount
    var labels: [Label] = []
    var reach = EdgeReach()
    var lost = annotation.faultCount
    for object in annotation.objects {
      let corners = object.corners
      let box = PixelBox(
        x1: corners[0] - 1, y1: corners[1] - 1, x2: corners[2], y2: corners[3])
      do {
        labels.append(
          try frame.label(
            box, classIndex: set.classNumber(object.name), what: place(object), reach: &reach))
      } catch {
        faultCount += 1
        if !error.isOtherClass { lost += 1 }
        faults.append(AnnotationFault(line: object.line, reason: error.reason))
      }
    }
    faults.sort { ($0.line ?? 0, $0.reason) < ($1.line ?? 0, $1.reason) }
    set.skip(entry.annotation, faults, count: faultCount)
    set.add(
      .init(path: entry.picture, labels: labels, splits: entry.splits),
      annotation: entry.annotation, lost: lost, reach: reach)
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
