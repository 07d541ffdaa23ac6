import Darknet
import Storage
import Terminal

/// Writes a data set in Darknet's form: `images/`, `labels/`, a list a split, `.names`, `.data`.
///
/// The folder has what it had until all of it is written, see `FolderReplacement`.
struct DatasetFolder {
  /// What a user may choose about the folder.
  struct Settings {
    /// The folder to write.
    var path: String
    /// Of the `.data` and `.names` files; the folder's own name when nil.
    var name: String?
    /// Copies pictures instead of linking to them.
    var copies = false
    /// Lists to put elsewhere.
    var splits: [DatasetSplit: DatasetSplit] = [:]
    /// Takes a folder that holds something.
    var overwrites = false
  }

  /// Where the set will be.
  let path: String
  let name: String
  private let replacement: FolderReplacement
  private var lists: [DatasetSplit: [String]] = [:]
  private var names = UniqueNames()
  /// Folders of originals without links and dots.
  private var resolvedFolders: [String: String] = [:]

  /// Makes the folders.
  ///
  /// - Parameters:
  ///   - name: of the `.data` and `.names` files; the folder's own name when nil.
  ///   - overwrites: whether a folder that holds something is taken.
  init(_ path: String, name: String?, overwrites: Bool) throws {
    let replacement = try FolderReplacement(path, of: .dataset, replaces: overwrites)
    self.path = path
    self.name = name ?? UniqueNames.plain(fileName(of: resolved(path)))
    self.replacement = replacement
    try replacement.naming {
      try makeFolder(replacement.workingPath + "/images")
      try makeFolder(replacement.workingPath + "/labels")
    }
  }

  /// Adds an original: a link to it, or a copy.
  mutating func add(
    original: String, copies: Bool, labels: [Label], to splits: [DatasetSplit]
  ) throws {
    let name = names.name(for: original)
    let place = resolvedPlace(of: original)
    try replacement.requireSafe(original, at: place, replacedBy: joined(path, "images/" + name))
    // Before the work, which would be lost on a file that may not be replaced.
    try replacement.requireOwn(["images/" + name, "labels/\(fileStem(name)).txt"])
    let target = replacement.workingPath + "/images/" + name
    try replacement.naming {
      if copies { try copyFile(original, to: target) } else { try makeLink(at: target, to: place) }
    }
    try add(labels: labels, ofPicture: name, to: splits)
  }

  /// The absolute path of a file, its folder without links and dots.
  private mutating func resolvedPlace(of path: String) -> String {
    let folder = folderPath(of: path)
    let place = resolvedFolders[folder] ?? resolved(folder)
    resolvedFolders[folder] = place
    return joined(place, fileName(of: path))
  }

  /// Adds a picture that is made, with its labels.
  mutating func add(
    _ picture: [UInt8], named name: String, labels: [Label], to splits: [DatasetSplit]
  ) throws {
    try replacement.naming {
      try writeBytes(picture, to: replacement.workingPath + "/images/" + name)
    }
    try add(labels: labels, ofPicture: name, to: splits)
  }

  /// Adds the labels of a picture that lies in `images/` already.
  mutating func add(labels: [Label], ofPicture name: String, to splits: [DatasetSplit]) throws {
    let file = replacement.workingPath + "/labels/\(fileStem(name)).txt"
    try replacement.naming {
      try writeBytes(Array(LabelFile.text(of: labels).utf8), to: file)
    }
    for split in splits { lists[split, default: []].append("images/" + name) }
  }

  /// Writes the lists, `.names` and `.data`, and puts the set in its place.
  ///
  /// - Returns: the path of the `.data` file. Without validation pictures its `valid` is the train
  ///   list; without test pictures it has no `test`.
  func finish(names: [String]) throws -> String {
    try replacement.naming {
      for (split, list) in lists {
        try writeAtomically(
          list.map { ListEntry.line(of: $0) + "\n" }.joined(),
          to: replacement.workingPath + "/" + split.listName)
      }
      _ = try writeDataFile(
        replacement.workingPath + "/" + name + ".data", names: names,
        lists: Dictionary(uniqueKeysWithValues: lists.keys.map { ($0, $0.listName) }))
      try replacement.commit()
    }
    return joined(path, name + ".data")
  }
}

extension FolderReplacement {
  /// Refuses to let an original go: by a file of its name, or as one of those that are replaced. A
  /// link to the original may be replaced; the original itself not.
  ///
  /// - Parameters:
  ///   - place: the original's path, without links and dots in its folder.
  ///   - target: where its link or copy will be.
  func requireSafe(_ original: String, at place: String, replacedBy target: String) throws {
    guard replacesSomething else { return }
    guard !wouldRemove(place),
      resolved(target) != resolved(original) || isLink(target) && !isLink(original)
    else { throw DatasetError.writesOverSource(path: original) }
  }
}

/// File names for pictures in one folder, no two with the same stem.
struct UniqueNames {
  private var stems: Set<String> = []

  /// The picture's own file name, or one like it whose stem no other has yet: `x.jpg`, `x-2.jpg`.
  mutating func name(for picture: String) -> String {
    let name = Self.plain(fileName(of: picture))
    let stem = fileStem(name)
    if stems.insert(stem).inserted { return name }
    var number = 2
    while !stems.insert("\(stem)-\(number)").inserted { number += 1 }
    return "\(stem)-\(number)" + name.dropFirst(stem.count)
  }

  /// A name that stands in a list as it is: `_` for control characters, and for blanks, `#` and `"`
  /// where they would not come back.
  static func plain(_ name: String) -> String {
    var scalars = Array(name.unicodeScalars)
    for index in scalars.indices where scalars[index].isControl { scalars[index] = "_" }
    let marks: Set<Unicode.Scalar> = [" ", "#", "\""]
    if let first = scalars.first, marks.contains(first) { scalars[0] = "_" }
    if scalars.last == " " { scalars[scalars.count - 1] = "_" }
    return String(String.UnicodeScalarView(scalars))
  }
}

/// Writes a `.data` file, its `.names` beside it first.
///
/// - Parameters:
///   - lists: the lists' paths, relative to the `.data` file or absolute. Without a list of
///     validation pictures `valid` is the train list: there is then no independent choice of a
///     checkpoint, but never one on test pictures.
/// - Returns: `path`.
func writeDataFile(
  _ path: String, names: [String], lists: [DatasetSplit: String]
) throws -> String {
  let namesName = fileStem(path) + ".names"
  try NamesFile(names).write(to: joined(folderPath(of: path), namesName))
  try DataFile(
    path: path, classes: names.count, train: lists[.train],
    valid: lists[.valid] ?? lists[.train], test: lists[.test], names: namesName
  ).write()
  return path
}
