import Darknet

/// Where the files of a set in Pascal VOC's form lie; names of folders in any case of letters.
struct VOCLayout {
  /// Folders of annotations; the first that exists is taken.
  var annotations: [String]
  /// Folders of pictures; all that exist are taken.
  var pictures: [String]
  /// Folders of lists; the first that exists is taken.
  var lists: [String]
  /// Classes in the order of the set's own publication; none means sorted.
  var names: [String]

  /// VOC's own names, then those that other programs and people use.
  static let voc = VOCLayout(
    annotations: ["Annotations", "annotation", "annots", "annot", "xmls", "xml"],
    pictures: ["JPEGImages", "images", "image", "imgs", "img", "PNGImages", "pictures", "photos"],
    lists: ["ImageSets/Main", "ImageSets"], names: [])

  // Li et al., Object detection in optical remote sensing images, 2020, section 3: the order of
  // the 20 classes there.
  static let dior = VOCLayout(
    annotations: ["Annotations/Horizontal Bounding Boxes", "Annotations"],
    pictures: ["JPEGImages-trainval", "JPEGImages-test", "JPEGImages"],
    lists: ["ImageSets/Main", "Main", "ImageSets"],
    names: [
      "airplane", "airport", "baseballfield", "basketballcourt", "bridge", "chimney", "dam",
      "Expressway-Service-area", "Expressway-toll-station", "golffield", "groundtrackfield",
      "harbor", "overpass", "ship", "stadium", "storagetank", "tenniscourt", "trainstation",
      "vehicle", "windmill",
    ])

  /// A folder that holds a set.
  struct Root {
    var path: String
    var annotations: String
    var pictures: [String]
    /// The folder of lists; nil without.
    var lists: String?
  }

  /// The sets in `source`: itself, else all folders in it that are laid out like one.
  func roots(_ source: String) throws(FileError) -> [Root] {
    if let own = root(source) { return [own] }
    var roots: [Root] = []
    for folder in try foldersBelow(source) {
      if let root = root(folder) { roots.append(root) }
    }
    return roots
  }

  private func root(_ path: String) -> Root? {
    let pictures = existing(self.pictures, in: path)
    guard let annotations = existing(self.annotations, in: path).first, !pictures.isEmpty else {
      return nil
    }
    return Root(
      path: path, annotations: annotations, pictures: pictures,
      lists: existing(lists, in: path).first)
  }

  /// The folders of these names in `path`, each once.
  private func existing(_ names: [String], in path: String) -> [String] {
    var found: [String] = []
    for name in names {
      guard let folder = Self.folder(name, in: path), !found.contains(folder) else { continue }
      found.append(folder)
    }
    return found
  }

  /// The folder at a relative path; of several that differ in case the one written as asked for.
  private static func folder(_ name: String, in path: String) -> String? {
    name.split(separator: "/").reduce(path as String?) { parent, part in
      guard let parent, let names = try? folderContents(parent) else { return nil }
      let same = names.filter {
        $0.lowercased() == part.lowercased() && fileKind(joined(parent, $0)) == .folder
      }
      return (same.first { $0 == part } ?? same.first).map { joined(parent, $0) }
    }
  }
}

/// Files below some folders by their relative path without extension, and by their stem alone.
struct StemIndex {
  private var byKey: [String: [String]] = [:]
  private var keysByStem: [String: [String]] = [:]
  /// In the order of the folders, then by path: each file with its key.
  private(set) var files: [(key: String, path: String)] = []

  /// How many folders deep files are looked for.
  static let maximumDepth = 8

  init(_ folders: [String], where isWanted: (String) -> Bool) throws(FileError) {
    for folder in folders { try add(folder, key: "", depth: 0, isWanted) }
    index()
  }

  /// The files of these names directly in a folder.
  init(_ names: [String], in folder: String) {
    files = names.map { (fileStem($0), joined(folder, $0)) }
    index()
  }

  private mutating func index() {
    for (key, path) in files {
      if byKey[key] == nil { keysByStem[fileName(of: key), default: []].append(key) }
      byKey[key, default: []].append(path)
    }
  }

  private mutating func add(
    _ folder: String, key: String, depth: Int, _ isWanted: (String) -> Bool
  ) throws(FileError) {
    for name in try folderContents(folder) {
      let path = joined(folder, name)
      if isWanted(name) {
        files.append((key + fileStem(name), path))
      } else if depth < Self.maximumDepth, isFolderOfSet(path) {
        try add(path, key: "\(key)\(name)/", depth: depth + 1, isWanted)
      }
    }
  }

  /// The files at a relative path, else those of its last part alone if that is in one folder only.
  func files(_ key: String) -> [String] {
    if let files = byKey[key] { return files }
    guard let keys = keysByStem[fileName(of: key)], keys.count == 1 else { return [] }
    return byKey[keys[0]] ?? []
  }

  /// Whether there is a file at a relative path without extension.
  func hasKey(_ key: String) -> Bool { byKey[key] != nil }
}
