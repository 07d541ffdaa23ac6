import Darknet
import Vision

/// Reads COCO's object instances.
///
/// Taken are, of a folder, `annotations/instances_*.json` (or all files there when none is named
/// so), else the `.json` files in it, else those in the folders in it; or one file. The split is
/// the word in the name of the file, or of its folder. Pictures are looked for in the folder that
/// the annotation file is named after (`train2017`), its namesakes under `images`, beside the file,
/// and in the source.
struct COCOReader: AnnotationReader {
  func read(_ source: String, options: AnnotationOptions, into set: inout AnnotationSet) throws {
    let files = try annotationFiles(source)
    let parsed = try files.map { path in
      do { return try COCOAnnotations(contentsOf: path) } catch let fault as AnnotationFault {
        throw DatasetError.brokenAnnotations(path: path, line: fault.line, reason: fault.reason)
      }
    }
    // All files number the classes alike, whatever order they are read in.
    for (path, file) in zip(files, parsed) {
      set.declare(file.categories.map(\.name))
      warnOfRepeated(file, path, &set)
    }
    var used = UsedPictures()
    for (path, annotations) in zip(files, parsed) {
      add(annotations, path, source: source, options, &used, &set)
    }
    for path in used.unlisted() { set.noteUnlabelled(path) }
  }

  func recognizes(_ source: String) -> Bool {
    guard let file = (try? annotationFiles(source))?.first, file.lowercased().hasSuffix(".json")
    else { return false }
    let text = beginning(of: file)
    return text.first { !$0.isWhitespace } == "{"
      && ["\"images\"", "\"annotations\"", "\"categories\""].contains { text.contains($0) }
  }

  private func warnOfRepeated(
    _ annotations: COCOAnnotations, _ path: String, _ set: inout AnnotationSet
  ) {
    let categories = annotations.categories
    for (name, places) in NamesFile.repeated(categories.map(\.name)) {
      let ids = places.map { categories[$0].id }.joined(separator: " and ")
      set.warn(path, "categories \(ids.excerpt) are both '\(name.excerpt)'; taken as one class")
    }
  }

  private func annotationFiles(_ source: String) throws -> [String] {
    if fileKind(source) == .file { return [source] }
    func files(_ folder: String) throws -> [String] {
      guard fileKind(folder) == .folder else { return [] }
      return try folderContents(folder).filter { $0.lowercased().hasSuffix(".json") }
        .map { joined(folder, $0) }
    }
    let usual = try files(joined(source, "annotations"))
    let instances = usual.filter { fileName(of: $0).hasPrefix("instances") }
    if !instances.isEmpty { return instances }
    let candidates = try [usual, files(source), foldersBelow(source).flatMap(files)]
    guard let found = candidates.first(where: { !$0.isEmpty }) else {
      throw DatasetError.noAnnotations(
        path: source, expected: "annotations/instances_*.json, or .json files beside the pictures")
    }
    return found
  }

  private func add(
    _ annotations: COCOAnnotations, _ path: String, source: String, _ options: AnnotationOptions,
    _ used: inout UsedPictures, _ set: inout AnnotationSet
  ) {
    set.skip(path, annotations.faults, count: annotations.faultCount)
    let key = fileStem(path).droppingPrefix("instances_")
    let split =
      DatasetSplit(wordIn: key) ?? DatasetSplit(wordIn: fileName(of: folderPath(of: path)))
      ?? .train
    var finder = PictureFinder(
      annotations: path, source: source, key: key, allowsOutside: options.allowsOutside)
    let classes = CategoryClasses(annotations, &set)
    let objects = ObjectsByPicture(annotations)
    // Pictures that are found, of which there are no more than files.
    var seenIDs: Set<String> = []
    var seenNames: Set<String> = []
    var seenFiles: Set<String> = []
    var isListed = [Bool](repeating: false, count: annotations.pictureIDs.names.count)
    for picture in annotations.pictures {
      let own = annotations.pictureIDs.existingNumber(of: picture.id)
      if let own { isListed[Int(own)] = true }
      guard !seenIDs.contains(picture.id) else {
        set.skip(path, reason: "a second image \(picture.id.excerpt)")
        continue
      }
      guard PictureFormat(path: picture.fileName) != nil else {
        set.skip(path, reason: "\(picture.fileName.excerpt) does not end like a picture")
        continue
      }
      // Asked before the file system: there may be many.
      guard !seenNames.contains(picture.fileName) else {
        set.skip(path, reason: "a second image of \(picture.fileName.excerpt)")
        continue
      }
      let file: String
      do {
        guard let found = try finder.find(picture.fileName) else {
          set.skip(path, reason: "no picture '\(picture.fileName.excerpt)'")
          continue
        }
        file = found
      } catch {
        set.skip(path, reason: error.reason)
        continue
      }
      guard seenFiles.insert(absolutePath(file)).inserted else {
        set.skip(path, reason: "a second image of \(picture.fileName.excerpt)")
        continue
      }
      used.note(file)
      seenNames.insert(picture.fileName)
      seenIDs.insert(picture.id)
      var objects = own.map { objects[$0] } ?? []
      if objects.count > Label.maximumPerPicture {
        let excess = objects.count - Label.maximumPerPicture
        set.skip(
          path, reason: "\(picture.fileName.excerpt): \(Label.excessReason)", count: excess)
        objects = objects.dropLast(excess)
      }
      do {
        let frame = try frame(of: picture, file)
        if let remark = frame.remark {
          set.warn(file, "\(fileName(of: path)) \(remark)")
        }
        var labels: [Label] = []
        var reach = EdgeReach()
        var lost = own.map { annotations.brokenPictures.contains($0) } == true ? 1 : 0
        labels.reserveCapacity(objects.count)
        for index in objects {
          let object = annotations.objects[Int(index)]
          if object.isCrowd && !options.keepsCrowds {
            set.leaveOut(.crowd)
            continue
          }
          guard let number = classes[object.category] else {
            let id = annotations.categoryIDs.names[Int(object.category)]
            if !classes.isOther(id, set) { lost += 1 }
            let reason = set.lists(path) ? classes.refusal(of: id, set) : ""
            set.skip(path, reason: reason)
            continue
          }
          do {
            labels.append(
              try frame.label(
                object.box, classIndex: number, what: "annotation number \(object.number)",
                reach: &reach))
          } catch {
            lost += 1
            set.skip(path, reason: error.reason)
          }
        }
        set.add(
          .init(path: file, labels: labels, splits: [split]), annotation: path, lost: lost,
          reach: reach)
      } catch {
        set.skip(path, reason: error.reason)
      }
    }
    for (number, id) in annotations.pictureIDs.names.enumerated() where !isListed[number] {
      let count = objects[Int32(number)].count
      // Its annotations were skipped already.
      guard count > 0 else { continue }
      set.skip(
        path, reason: "image \(id.excerpt) of \(count) annotations is not listed", count: count)
    }
  }

  /// What the boxes are counted in.
  private func frame(
    of picture: COCOAnnotations.Picture, _ file: String
  ) throws(BadRecord) -> BoxFrame {
    do {
      return BoxFrame(
        stated: picture.size.map { (Int($0.width), Int($0.height)) },
        try PictureHeader(contentsOf: file))
    } catch {
      throw BadRecord(reason: "\(picture.fileName.excerpt): \(reason(error, at: file))")
    }
  }
}

/// The classes of the categories that objects name.
private struct CategoryClasses {
  /// The class's number by the category's; nil where there is none.
  private let numbers: [Int32?]
  /// Names of the categories by what annotations call them.
  private var names: [String: String] = [:]

  init(_ annotations: COCOAnnotations, _ set: inout AnnotationSet) {
    var names: [String: String] = [:]
    for category in annotations.categories where names[category.id] == nil {
      names[category.id] = category.name
    }
    numbers = annotations.categoryIDs.names.map { id in
      guard let name = names[id], let number = try? set.classNumber(name) else { return nil }
      return Int32(truncatingIfNeeded: number)
    }
    self.names = names
  }

  /// The class of a category.
  subscript(category: Int32) -> Int? { numbers[Int(category)].map(Int.init) }

  /// Whether a category is none of the classes that were given, and nothing else is wrong with it.
  func isOther(_ id: String, _ set: AnnotationSet) -> Bool {
    set.namesAreGiven && names[id].map { !$0.isEmpty } == true
  }

  /// Why a category, by what annotations call it, has no class.
  func refusal(of id: String, _ set: AnnotationSet) -> String {
    guard let name = names[id] else { return "category \(id.excerpt) is not listed" }
    return set.refusal(ofClass: name)
  }
}

/// The objects of each picture, as places in the list of objects, in the order of that list.
private struct ObjectsByPicture {
  private var places: [Int32]
  /// Where the places of each picture begin; one more at the end.
  private var starts: [Int]

  init(_ annotations: COCOAnnotations) {
    // A counting sort.
    starts = [Int](repeating: 0, count: annotations.pictureIDs.names.count + 1)
    for object in annotations.objects { starts[Int(object.picture) + 1] += 1 }
    for index in starts.indices.dropFirst() { starts[index] += starts[index - 1] }
    places = [Int32](repeating: 0, count: annotations.objects.count)
    var next = starts
    for (place, object) in annotations.objects.enumerated() {
      places[next[Int(object.picture)]] = Int32(truncatingIfNeeded: place)
      next[Int(object.picture)] += 1
    }
  }

  subscript(picture: Int32) -> ArraySlice<Int32> {
    places[starts[Int(picture)]..<starts[Int(picture) + 1]]
  }
}

/// Looks for the pictures that one annotation file names.
private struct PictureFinder {
  /// Folders where pictures may lie; the one that held the last comes first.
  private var folders: [Folder] = []

  /// A folder and what lies in it, read once: a file may name a million pictures that are not
  /// there.
  private struct Folder {
    var path: String
    var names: Set<String>
  }

  /// The source without links; nil where pictures may lie anywhere.
  private let bound: String?

  init(annotations path: String, source: String, key: String, allowsOutside: Bool) {
    let own = folderPath(of: path)
    let root = fileKind(source) == .folder ? source : folderPath(of: own)
    bound = allowsOutside ? nil : Self.plain(absolutePath(root))
    var paths: [String] = []
    for base in [root, own] {
      for name in [key, "images/" + key] { paths.append(joined(base, name)) }
      if let split = DatasetSplit(wordIn: key) {
        let words = split == .valid ? ["val", "valid"] : [split.rawValue]
        for word in words { paths += [joined(base, word), joined(base, "images/" + word)] }
      }
      paths += [base, joined(base, "images"), joined(base, "JPEGImages")]
    }
    var seen: Set<String> = []
    for path in paths where fileKind(path) == .folder && seen.insert(resolved(path)).inserted {
      folders.append(Folder(path: path, names: Set((try? folderContents(path)) ?? [])))
    }
  }

  /// The path of a picture, whose name may have folders before it; nil when there is none.
  ///
  /// - Throws: ``BadRecord`` for a name that leads out of the source.
  mutating func find(_ name: String) throws(BadRecord) -> String? {
    // Of a path the first folder must be there; one that begins elsewhere is asked for as it is.
    let first = name.prefix { $0 != "/" }
    let hasDots = name.split(separator: "/").contains("..")
    let isElsewhere = hasDots || ["", "."].contains(first)
    for index in folders.indices
    where isElsewhere || folders[index].names.contains(String(first)) {
      var path = joined(folders[index].path, name)
      // By name, not by what links lead to; so `x/../a.jpg` is `a.jpg`.
      if hasDots { path = Self.plain(absolutePath(path)) }
      guard fileKind(path) == .file else { continue }
      if let bound, isElsewhere,
        !Self.plain(absolutePath(path)).hasPrefix(bound == "/" ? bound : bound + "/")
      {
        throw BadRecord(
          reason: "'\(name.excerpt)' lies outside of the source; '--allow-outside' takes it")
      }
      if index > 0 { folders.swapAt(0, index) }
      return path
    }
    return nil
  }

  /// An absolute path with its `..` resolved by name: links in the set may lead anywhere.
  private static func plain(_ path: String) -> String {
    var parts: [Substring] = []
    for part in path.split(separator: "/") {
      if part == ".." { _ = parts.popLast() } else { parts.append(part) }
    }
    return "/" + parts.joined(separator: "/")
  }
}

/// The pictures that annotation files list, and the folders they lie in.
private struct UsedPictures {
  private var paths: Set<String> = []
  private var folders: Set<String> = []

  mutating func note(_ path: String) {
    let path = absolutePath(path)
    paths.insert(path)
    folders.insert(folderPath(of: path))
  }

  /// Pictures in these folders that no file lists.
  func unlisted() -> [String] {
    folders.sorted().flatMap { folder in
      ((try? folderContents(folder)) ?? []).filter { PictureFormat(path: $0) != nil }
        .map { joined(folder, $0) }.filter { !paths.contains($0) }
    }
  }
}

extension String {
  fileprivate func droppingPrefix(_ prefix: String) -> String {
    hasPrefix(prefix) ? String(dropFirst(prefix.count)) : self
  }
}
