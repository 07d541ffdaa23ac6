import Darknet
import Vision

/// Reads BDD100K's boxes.
///
/// Label files are looked for in `labels` (or the source) and the folders in it: files of a split,
/// whose names say which (`det_train.json`, `bdd100k_labels_images_val.json`), or folders `train`,
/// `val`, `test` of one file a picture. Pictures lie in `images/100k/SPLIT`, or in a folder of the
/// split's name at a place like it.
struct BDD100KReader: AnnotationReader {
  // The ten classes of detection, in the order of BDD100K's documentation ("Object Detection").
  private static let names = [
    "pedestrian", "rider", "car", "truck", "bus", "train", "motorcycle", "bicycle",
    "traffic light", "traffic sign",
  ]
  // The names of 2018 that were replaced in 2020.
  private static let newNames = ["person": "pedestrian", "motor": "motorcycle", "bike": "bicycle"]

  func read(_ source: String, options: AnnotationOptions, into set: inout AnnotationSet) throws {
    set.declare(Self.names)
    let files = try labelFiles(source)
    guard !files.isEmpty else {
      throw DatasetError.noAnnotations(
        path: source, expected: "label files such as labels/det_20/det_train.json")
    }
    var pictures: [DatasetSplit: [PictureFolder]] = [:]
    for split in DatasetSplit.allCases {
      pictures[split] = try pictureFolders(source, split).map { try PictureFolder($0) }
    }
    var seen: [DatasetSplit: Set<String>] = [:]
    for (path, split) in files {
      let folders = pictures[split] ?? []
      let isOfOnePicture = isOfOnePicture(path)
      // Of a picture's file all or nothing is taken.
      var pending: [(BDD100KAnnotations.Frame, String)] = []
      do {
        let annotations = try BDD100KAnnotations(contentsOf: path) { frame in
          let stem = fileStem(frame.name)
          guard let place = folders.firstIndex(where: { $0.hasPicture(stem) }),
            let picture = pictures[split]?[place].take(stem, for: path, &set)
          else {
            let reason = "no picture '\(frame.name.excerpt)' of the \(split) images"
            // A file of many frames is no label file of one picture.
            if isOfOnePicture {
              set.skipUnmatched(path, reason: reason)
            } else {
              set.skip(path, reason: reason)
            }
            return
          }
          // Only of pictures that are there, so that no file can make it long.
          guard seen[split, default: []].insert(picture).inserted else {
            set.skip(path, reason: "a second frame '\(stem.excerpt)'")
            return
          }
          if isOfOnePicture {
            pending.append((frame, picture))
          } else {
            add(frame, picture, split, path, &set)
          }
        }
        set.skip(path, annotations.faults, count: annotations.faultCount)
        for (frame, picture) in pending { add(frame, picture, split, path, &set) }
      } catch let fault as AnnotationFault {
        // A split's file that ends early must not pass for a small split.
        guard isOfOnePicture else {
          throw DatasetError.brokenAnnotations(path: path, line: fault.line, reason: fault.reason)
        }
        set.skip(path, [fault])
      }
    }
    for split in Set(files.map(\.1)) {
      for folder in pictures[split] ?? [] where folder.isUsed { folder.noteUnlabelled(&set) }
    }
  }

  func recognizes(_ source: String) -> Bool {
    guard let file = (try? labelFiles(source))?.first?.0, file.lowercased().hasSuffix(".json")
    else { return false }
    let text = beginning(of: file)
    return text.contains("\"category\"")
      && ["\"labels\"", "\"objects\""].contains { text.contains($0) }
  }

  private func isOfOnePicture(_ path: String) -> Bool {
    DatasetSplit(wordIn: fileStem(path)) == nil
  }

  /// The files and their splits.
  private func labelFiles(_ source: String) throws -> [(String, DatasetSplit)] {
    if fileKind(source) == .file {
      return [(source, DatasetSplit(wordIn: fileStem(source)) ?? .train)]
    }
    let labels = joined(source, "labels")
    let root = fileKind(labels) == .folder ? labels : source
    var files: [(String, DatasetSplit)] = []
    var folders = [(root, 0)]
    while let (folder, depth) = folders.popLast() {
      for name in try folderContents(folder) {
        let path = joined(folder, name)
        if name.lowercased().hasSuffix(".json") {
          let split =
            DatasetSplit(wordIn: fileStem(name)) ?? DatasetSplit(wordIn: fileName(of: folder))
          // Without a word it would be some other file.
          if let split { files.append((path, split)) }
        } else if depth < 3, fileKind(path) == .folder {
          folders.append((path, depth + 1))
        }
      }
    }
    return files.sorted { $0.0 < $1.0 }
  }

  private func pictureFolders(_ source: String, _ split: DatasetSplit) throws -> [String] {
    let root = fileKind(source) == .folder ? source : folderPath(of: source)
    let words = split == .valid ? ["val", "valid"] : [split.rawValue]
    var folders: [String] = []
    // Labels alone may have been named: the pictures lie beside their folder.
    for base in [
      root, folderPath(of: resolved(root)), folderPath(of: folderPath(of: resolved(root))),
    ] {
      for word in words {
        folders += ["images/100k/", "images/", "100k/", ""].map { joined(base, $0 + word) }
      }
      folders += ["images/100k", "images"].map { joined(base, $0) }
    }
    return folders.filter { fileKind($0) == .folder }
  }

  private func add(
    _ frame: BDD100KAnnotations.Frame, _ picture: String, _ split: DatasetSplit, _ path: String,
    _ set: inout AnnotationSet
  ) {
    let header: PictureHeader
    do { header = try PictureHeader(contentsOf: picture) } catch {
      return set.skip(picture, reason: reason(error, at: picture))
    }
    var labels: [Label] = []
    var reach = EdgeReach()
    var lost = frame.faultCount
    for object in frame.objects {
      let name = Self.newNames[object.category] ?? object.category
      let isNamed = set.namesAreGiven && set.hasClass(object.category)
      guard isNamed || Self.names.contains(name) else {
        set.leaveOut(.otherCategory)
        continue
      }
      do {
        labels.append(
          try object.box.label(
            classIndex: set.classNumber(isNamed ? object.category : name), width: header.width,
            height: header.height, what: object.category.excerpt, reach: &reach))
      } catch {
        if !error.isOtherClass { lost += 1 }
        set.skip(path, reason: "\(frame.name.excerpt): \(error.reason)")
      }
    }
    set.add(
      .init(path: picture, labels: labels, splits: [split]), annotation: path, lost: lost,
      reach: reach)
  }
}
