import Darknet
import Glibc

/// Reads a set that is in Darknet's form: a `.data` file, a list of pictures, or a folder with
/// `train.txt`, `val.txt` or `valid.txt`, `test.txt`.
///
/// A list says no class names: they come from the user, or from the only `.names` file beside it.
struct DarknetReader: AnnotationReader {
  func read(_ source: String, options: AnnotationOptions, into set: inout AnnotationSet) throws {
    guard fileKind(source) != nil else {
      throw FileError.cannotRead(path: source, reason: systemErrorText(ENOENT))
    }
    let file = try dataFile(source)
    if let file {
      let data = try DataFile(contentsOf: file)
      try add(data, to: &set) { $0 }
      set.noteUnmatchedLabels()
      return
    }
    let lists = try listFiles(source)
    let folder = fileKind(source) == .folder ? source : folderPath(of: source)
    let names = try set.namesAreGiven ? set.names : namesFile(folder)
    set.declare(names)
    for (path, split) in lists {
      try set.addLabelled(
        try DataFile.pictures(inList: path), names: names, split: split, list: path)
    }
    set.noteUnmatchedLabels()
  }

  func recognizes(_ source: String) -> Bool {
    guard fileKind(source) == .folder else {
      return source.hasSuffix(".data") || source.hasSuffix(".txt")
    }
    return firstFile(in: source, ending: ".data") != nil || (try? listFiles(source)) != nil
  }

  /// Adds all lists of a `.data` file, once where one serves as two.
  ///
  /// - Parameter rename: the name that a class gets.
  func add(
    _ data: DataFile, to set: inout AnnotationSet, rename: (String) -> String
  ) throws {
    let own = try data.classNames()
    let names = own.map(rename)
    set.declare(names)
    set.warnOfRepeated(own, in: data.names ?? data.path)
    var seen: Set<String> = []
    for split in DatasetSplit.allCases {
      guard let list = data.list(split), seen.insert(resolved(list)).inserted else { continue }
      try set.addLabelled(try data.pictures(split), names: names, split: split, list: list)
    }
    guard !seen.isEmpty else {
      throw DataError.missingKey(DatasetSplit.train.rawValue, path: data.path)
    }
  }

  private func dataFile(_ source: String) throws -> String? {
    guard fileKind(source) == .folder else { return source.hasSuffix(".data") ? source : nil }
    let files = try folderContents(source).filter { $0.hasSuffix(".data") }
    guard files.count < 2 else {
      throw DatasetError.noAnnotations(
        path: source, expected: "one .data file; name one of \(files.joined(separator: ", "))")
    }
    return files.first.map { joined(source, $0) }
  }

  private func listFiles(_ source: String) throws -> [(String, DatasetSplit)] {
    guard fileKind(source) == .folder else {
      return [(source, DatasetSplit(wordIn: fileStem(source)) ?? .train)]
    }
    let lists = [
      ("train.txt", DatasetSplit.train), ("val.txt", .valid), ("valid.txt", .valid),
      ("test.txt", .test),
    ].map { (joined(source, $0.0), $0.1) }.filter { fileKind($0.0) == .file }
    guard !lists.isEmpty else {
      throw DatasetError.noAnnotations(path: source, expected: "a .data file or a train.txt")
    }
    return lists
  }

  private func namesFile(_ folder: String) throws -> [String] {
    let files = try folderContents(folder).filter { $0.hasSuffix(".names") }
    guard let file = files.first, files.count == 1 else {
      throw DatasetError.noAnnotations(
        path: folder, expected: "class names: one .names file there, or --names")
    }
    return try NamesFile(contentsOf: joined(folder, file)).names
  }
}
