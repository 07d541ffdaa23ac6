import Storage
import Terminal

/// A Darknet `.data` file: how many classes, and where pictures and names are listed.
public struct DataFile: Hashable, Sendable {
  /// The path that it was read from, or will be written to.
  public var path: String
  /// Number of classes, at least 1.
  public var classes: Int
  /// The list of training pictures.
  public var train: String?
  /// The list of validation pictures.
  public var valid: String?
  /// The list of test pictures.
  public var test: String?
  /// The file of class names.
  public var names: String?
  /// Other keys (`backup`, `eval` …), in order, as they were written.
  public var others: [Configuration.Entry]

  /// The parts that pictures are split into.
  public enum Split: String, Hashable, Codable, CodingKeyRepresentable, Sendable, CaseIterable {
    case train, valid, test
  }

  /// A data file made by a program.
  public init(
    path: String, classes: Int, train: String? = nil, valid: String? = nil, test: String? = nil,
    names: String? = nil, others: [Configuration.Entry] = []
  ) {
    self.path = path
    self.classes = classes
    self.train = train
    self.valid = valid
    self.test = test
    self.names = names
    self.others = others
  }
}

extension DataFile {
  /// The most classes that a data set may have.
  public static let maximumClasses = 65536
  /// The largest `.data` that is read, in bytes.
  public static let maximumBytes = 1 << 16
  /// The largest list or file of names that is read, in bytes.
  public static let maximumListBytes = 1 << 29

  /// Parses the text of a `.data` file: `key=value` lines; `#` or `;` opens a comment line.
  ///
  /// Paths are made absolute: relative ones belong to the file's own folder, or to the current
  /// folder (as in Darknet) when only there such a file exists. A key without a value is absent.
  ///
  /// - Throws: ``DataError`` for other lines, and when `classes` is missing or no positive number.
  public init(parsing text: String, path: String) throws(DataError) {
    var values: [String: String] = [:]
    var lines: [String: Int] = [:]
    var others: [Configuration.Entry] = []
    for entry in try Self.entries(of: text, path: path) where !entry.value.isEmpty {
      if Self.keys.contains(entry.key) {
        // The first one counts, as in a cfg.
        if values[entry.key] == nil {
          (values[entry.key], lines[entry.key]) = (entry.value, entry.line)
        }
      } else {
        others.append(entry)
      }
    }
    // What is not there was meant by a key that is nearly it; in silence a list would not count.
    for other in others {
      guard let near = closest(to: other.key, in: Self.keys), values[near] == nil else { continue }
      throw .misspeltKey(
        other.key.excerpt, near: near, at: SourcePlace(path: path, line: other.line))
    }
    guard let classesText = values["classes"] else { throw .missingKey("classes", path: path) }
    guard let classes = Int(classesText.withoutSpaces), (1...Self.maximumClasses).contains(classes)
    else {
      throw .invalidClasses(
        classesText.excerpt, at: SourcePlace(path: path, line: lines["classes"] ?? 0))
    }
    let folder = folderPath(of: path)
    func located(_ key: String) -> String? {
      values[key].map { locate($0, besideFolder: folder) }
    }
    self.init(
      path: path, classes: classes, train: located("train"), valid: located("valid"),
      test: located("test"), names: located("names"), others: others)
  }

  /// The keys that mean something.
  private static let keys = ["classes", "train", "valid", "test", "names"]

  /// The lines `key=value` of a text, as they stand there.
  static func entries(
    of text: String, path: String = ""
  ) throws(DataError) -> [Configuration.Entry] {
    var entries: [Configuration.Entry] = []
    for line in TextLines(text) {
      guard let first = line.content.first, first != UInt8(ascii: "#"),
        first != UInt8(ascii: ";")
      else { continue }
      guard let equals = line.content.firstIndex(of: UInt8(ascii: "=")),
        case let key = line.content[..<equals].trimmed.text, !key.isEmpty
      else {
        throw .malformedLine(
          line.content.excerpt, at: SourcePlace(path: path, line: line.number))
      }
      entries.append(
        Configuration.Entry(
          key: key, value: line.content[(equals + 1)...].trimmed.text, line: line.number))
    }
    return entries
  }

  /// Reads and parses the file at `path`.
  ///
  /// - Throws: ``DataError``, also when the file cannot be read.
  public init(contentsOf path: String) throws(DataError) {
    if let other = Self.folder(path) ?? Self.otherForm(path) { throw other }
    do { try FileError.require(.data, path) } catch { throw .file(error) }
    try self.init(parsing: readText(path, limit: Self.maximumBytes), path: path)
  }

  /// The folder of a data set in place of its file.
  private static func folder(_ path: String) -> DataError? {
    guard isFolder(path) else { return nil }
    var folder = path
    while folder.count > 1, folder.hasSuffix("/") { folder.removeLast() }
    let names = ((try? namesInFolder(path)) ?? []).filter { $0.hasSuffix(".data") }
    if names.isEmpty, fileExists(folder + ".data") {
      return .folderBeside(path: path, file: folder + ".data")
    }
    return .folder(
      path: path, files: names.map { folder == "/" ? "/\($0)" : "\(folder)/\($0)" })
  }

  /// What else than a `.data` file a user may have named: the description of a set in another form.
  private static func otherForm(_ path: String) -> DataError? {
    let forms = [
      (".yaml", "a data.yaml of YOLO", "yolo"), (".yml", "a data.yaml of YOLO", "yolo"),
      (".json", "a JSON file, perhaps of COCO", "coco"),
      (".xml", "an XML file, perhaps of VOC", "voc"),
    ]
    let name = fileName(of: path).lowercased()
    if name.hasSuffix(".names"), fileExists(path) { return .names(path: path) }
    guard fileExists(path), let form = forms.first(where: { name.hasSuffix($0.0) }) else {
      return nil
    }
    // Of VOC the folder of the set is named.
    let source = form.2 == "voc" ? folderPath(of: folderPath(of: absolutePath(path))) : path
    let set = fileName(of: folderPath(of: absolutePath(path)))
    let output = (set.isEmpty ? "set" : set) + "-darknet"
    let words = ["pare", "dataset", "import", form.2, source, "--output", output]
    return .otherForm(
      path: path, what: form.1, command: shellCommand(words))
  }

  /// The list of one split, or nil when the file does not name it.
  public func list(_ split: Split) -> String? {
    switch split {
    case .train: train
    case .valid: valid
    case .test: test
    }
  }

  /// The absolute paths of one split's pictures, see ``pictures(inList:)``.
  ///
  /// - Throws: ``DataError`` when the file does not name the split, or its list cannot be read.
  public func pictures(_ split: Split) throws(DataError) -> PictureList {
    guard let list = list(split) else { throw .missingKey(split.rawValue, path: path) }
    do { return try Self.pictures(inList: list) } catch {
      throw error.named(split.rawValue, by: self)
    }
  }

  /// The class names, as many as there are classes.
  ///
  /// - Throws: ``DataError`` when the file names none, they cannot be read, or their number
  ///   differs.
  public func classNames() throws(DataError) -> [String] {
    guard let names else { throw .missingKey("names", path: path) }
    let list: [String]
    do { list = try NamesFile(contentsOf: names).names } catch {
      throw error.named("names", by: self)
    }
    guard list.count == classes else {
      throw .wrongNumberOfNames(list.count, names: names, classes: classes, data: path)
    }
    return list
  }

  /// The pictures of a list: one path a line, empty lines and lines that open with `#` left out.
  ///
  /// Relative paths belong to the list's folder; when the first of them exists only in the current
  /// folder (as Darknet has it), all belong there. Whether the pictures exist is not checked.
  ///
  /// - Throws: ``DataError`` when the list cannot be read or names no picture.
  public static func pictures(inList path: String) throws(DataError) -> PictureList {
    let bytes: [UInt8]
    do throws(FileError) {
      let read = try readFile(path, limit: maximumListBytes)
      if let foreign = ForeignContent(read) { throw .foreign(path: path, foreign) }
      bytes = DecodedText(guessingLines: read).bytes
    } catch { throw .file(error) }
    return try PictureList(parsing: bytes, list: path)
  }

  /// As ``pictures(inList:)``, from the text of the list at `path`.
  public static func pictures(
    parsing text: String, list path: String
  ) throws(DataError) -> PictureList {
    try PictureList(parsing: Array(text.utf8), list: path)
  }

  /// The file as text, paths as they stand.
  public var text: String {
    var text = "classes=\(classes)\n"
    for (key, value) in [("train", train), ("valid", valid), ("test", test), ("names", names)] {
      if let value { text += "\(key)=\(value)\n" }
    }
    for entry in others { text += "\(entry.key)=\(entry.value)\n" }
    return text
  }

  /// Writes ``text`` to ``path``, atomically.
  ///
  /// - Throws: ``DataError`` when the file cannot be written.
  public func write() throws(DataError) {
    do { try writeAtomically(text, to: path) } catch { throw .file(error) }
  }
}

/// The path of a file named in another one: beside it, or in the current folder when only there it
/// exists.
private func locate(_ path: String, besideFolder folder: String) -> String {
  let beside = absolutePath(path, in: folder)
  let here = absolutePath(path)
  return !fileExists(beside) && fileExists(here) ? here : beside
}

func readText(_ path: String, limit: Int) throws(DataError) -> String {
  do { return String(decoding: try readTextFile(path, limit: limit).bytes, as: UTF8.self) } catch {
    throw .file(error)
  }
}
