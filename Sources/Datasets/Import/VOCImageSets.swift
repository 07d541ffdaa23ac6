import Darknet

/// VOC's lists of pictures, `ImageSets/Main/train.txt` and so on: a stem a line, in lists of one
/// class with a second column, 1, 0 or −1.
struct VOCImageSets {
  private var splits: [String: [DatasetSplit]] = [:]

  /// The lists of a folder; nil when it has none.
  ///
  /// - Parameter isKnown: whether there is an annotation or a picture of a stem. A stem may hold
  ///   blanks, so what a line says depends on that.
  init?(_ folder: String, isKnown: (String) -> Bool) throws {
    func read(_ name: String) throws(FileError) -> [String]? {
      let path = joined(folder, name + ".txt")
      guard fileKind(path) == .file else { return nil }
      let text = try readTextFile(path, limit: DataFile.maximumListBytes)
      return TextLines(text.bytes).filter { !$0.content.isEmpty }
        .map { Self.stem(of: $0.content, isKnown) }
    }
    let train = try read("train")
    let lists: [(DatasetSplit, [String]?)] = [
      (.train, try train ?? read("trainval")), (.valid, try read("val")),
      (.test, try read("test")),
    ]
    guard lists.contains(where: { $0.1 != nil }) else { return nil }
    for (split, stems) in lists {
      for stem in stems ?? [] where splits[stem]?.contains(split) != true {
        splits[stem, default: []].append(split)
      }
    }
  }

  /// The splits that a stem is listed in.
  subscript(stem: String) -> [DatasetSplit] { splits[stem] ?? [] }

  /// All stems, sorted.
  var stems: [String] { splits.keys.sorted() }

  /// The stem that a line names: the whole line if there is such a file, else without the column of
  /// a class, else without folder and extension.
  private static func stem(of line: ArraySlice<UInt8>, _ isKnown: (String) -> Bool) -> String {
    let whole = ListEntry.path(of: line).text
    if isKnown(whole) { return whole }
    var stem = whole
    if let blank = line.lastIndex(where: \.isSpace),
      ["1", "0", "-1"].contains(line[(blank + 1)...].text)
    {
      stem = line[..<blank].trimmed.text
      if isKnown(stem) { return stem }
    }
    let plain = fileStem(stem)
    return isKnown(plain) ? plain : stem
  }
}
