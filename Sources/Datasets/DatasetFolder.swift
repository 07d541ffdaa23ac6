import Darknet

/// Writes a data set in Darknet's form: `images/`, `labels/`, a list a split, `.names`, `.data`.
///
/// Pictures and labels are written as they come, the lists and the `.data` file last: a folder
/// without a `.data` file is an unfinished one.
struct DatasetFolder {
  let path: String
  let name: String
  private var lists: [DatasetSplit: [String]] = [:]
  private var stems: Set<String> = []

  /// Makes the folders.
  ///
  /// - Parameters:
  ///   - name: of the `.data` and `.names` files; the folder's own name when nil.
  ///   - overwrites: whether a folder that holds something is taken.
  init(_ path: String, name: String?, overwrites: Bool) throws {
    if fileKind(path) == .folder {
      guard try overwrites || folderContents(path).isEmpty else {
        throw DatasetError.outputNotEmpty(path: path)
      }
    }
    self.path = path
    self.name = name ?? fileName(of: resolved(path))
    try makeFolder(joined(path, "images"))
    try makeFolder(joined(path, "labels"))
  }

  /// A file name for a picture whose stem no other has yet: `x.jpg`, then `x-2.jpg`.
  mutating func uniqueName(for picture: String) -> String {
    let (stem, name) = (fileStem(picture), fileName(of: picture))
    if stems.insert(stem).inserted { return name }
    var number = 2
    while !stems.insert("\(stem)-\(number)").inserted { number += 1 }
    return "\(stem)-\(number)" + name.dropFirst(stem.count)
  }

  /// Adds an original: a link to it, or a copy.
  mutating func add(
    original: String, copies: Bool, labels: [Label], to splits: [DatasetSplit]
  ) throws {
    let name = uniqueName(for: original)
    let target = joined(path, "images/" + name)
    // A link to the original may be replaced; the original itself not.
    guard resolved(target) != resolved(original) || isLink(target) && !isLink(original) else {
      throw DatasetError.writesOverSource(path: original)
    }
    if copies {
      let bytes = try readFile(original)
      try removeLink(target)
      try writeBytes(bytes, to: target)
    } else {
      try makeLink(at: target, to: resolved(original))
    }
    try add(labels: labels, ofPicture: name, to: splits)
  }

  /// Adds the labels of a picture that lies in `images/` already.
  mutating func add(labels: [Label], ofPicture name: String, to splits: [DatasetSplit]) throws {
    try writeBytes(
      Array(LabelFile.text(of: labels).utf8), to: joined(path, "labels/\(fileStem(name)).txt"))
    for split in splits { lists[split, default: []].append("images/" + name) }
  }

  /// Writes the lists, `.names` and `.data`.
  ///
  /// - Returns: the path of the `.data` file. Without validation pictures its `valid` is the train
  ///   list; without test pictures it has no `test`.
  func finish(names: [String]) throws -> String {
    for (split, list) in lists {
      try writeAtomically(
        list.map { $0 + "\n" }.joined(), to: joined(path, split.listName))
    }
    return try writeDataFile(
      joined(path, name + ".data"), names: names,
      lists: Dictionary(uniqueKeysWithValues: lists.keys.map { ($0, $0.listName) }))
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
