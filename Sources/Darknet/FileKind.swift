#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What a file is that somebody names where one of another kind is wanted, by its name and its
/// beginning.
public enum FileKind: String, Hashable, Sendable, CaseIterable {
  /// A network's description.
  case cfg
  /// A network's numbers, in any form that is read.
  case weights
  /// A data set's description.
  case data
  /// Names of classes, by the ending `.names`.
  case names
  /// Pictures, one path a line.
  case list
  /// A picture.
  case picture
  /// Kinds of text that other programs write, by their endings.
  case yaml, json, xml, csv
  /// A network as other programs take it.
  case onnx
  /// Packed files.
  case archive
  /// The folder of a run, or of a pruned or quantized network.
  case run
  /// Another folder.
  case folder

  /// With its article, as in "is a cfg".
  public var words: String {
    switch self {
    case .cfg: "a cfg"
    case .weights: "a file of weights"
    case .data: "a .data file"
    case .names: "a list of class names"
    case .list: "a list of pictures"
    case .picture: "a picture"
    case .yaml: "a YAML file"
    case .json: "a JSON file"
    case .xml: "an XML file"
    case .csv: "a table (CSV)"
    case .onnx: "an ONNX file"
    case .archive: "a zip archive"
    case .run: "a run's folder"
    case .folder: "a folder"
    }
  }

  /// What to do with it, for the end of a message; nil where that is not known.
  private var way: String? {
    switch self {
    case .cfg: "--cfg takes it"
    case .weights: "--weights takes it"
    case .data: "--data takes it"
    case .picture: "'pare detect --source' takes it"
    case .onnx: "networks are read as a cfg with its weights"
    case .archive: "unpack it first"
    case .run: "--model takes it"
    case .names, .list, .yaml, .json, .xml, .csv, .folder: nil
    }
  }

  /// That it is not what was wanted, and what to do: "is a cfg, not a picture; --cfg takes it".
  ///
  /// - Parameter wanted: "a picture".
  package func mistake(for wanted: String) -> String {
    "is \(words), not \(wanted)" + (way.map { "; \($0)" } ?? "")
  }
}

extension FileKind {
  /// How many bytes from the start tell.
  private static let tellingBytes = 4096

  /// What lies at a path; nil for what is not there or not known. Pipes are not touched.
  public init?(of path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    switch status.st_mode & S_IFMT {
    case S_IFDIR: self = fileExists("\(path)/model.cfg") ? .run : .folder
    case S_IFREG:
      guard let file = try? ReadOnlyFile(opening: path),
        let start = try? file.numbers(min(file.byteCount, Self.tellingBytes), at: 0) as [UInt8],
        let kind = Self.kind(ofName: fileName(of: path).lowercased(), start)
      else { return nil }
      self = kind
    default: return nil
    }
  }

  /// By the beginning where that tells, else by the name.
  private static func kind(ofName name: String, _ start: [UInt8]) -> FileKind? {
    let named = kind(ofName: name)
    // What a download or another program left in its place has words of its own.
    if ForeignContent(start) != nil { return nil }
    switch ForeignContent(inPlaceOfText: start) {
    case .picture?: return .picture
    case .weights? where start.starts(with: [0x50, 0x4B, 3, 4]):
      // PyTorch's files are zip archives with a pickle.
      let isPyTorch = named == .weights || start[...].text.contains("data.pkl")
      return isPyTorch ? .weights : .archive
    case .weights?: return named == .onnx ? .onnx : .weights
    case .binary?: return named
    default: return kind(ofText: start) ?? named
    }
  }

  /// By the lines of a text, as far as these tell.
  private static func kind(ofText start: [UInt8]) -> FileKind? {
    let lines = TextLines(start).map(\.content.trimmed.text)
      .filter { !$0.isEmpty && !$0.hasPrefix("#") && !$0.hasPrefix(";") }
    guard let first = lines.first else { return nil }
    if first == "[net]" || first == "[network]" { return .cfg }
    if first.hasPrefix("{") { return .json }
    func hasKey(_ key: String) -> Bool {
      lines.contains { $0.withoutSpaces.hasPrefix("\(key)=") }
    }
    if hasKey("classes"), hasKey("train") || hasKey("valid") || hasKey("names") { return .data }
    return kind(ofName: first.lowercased()) == .picture && !first.contains("=") ? .list : nil
  }

  private static func kind(ofName name: String) -> FileKind? {
    let endings: [(FileKind, [String])] = [
      (.cfg, ["cfg"]), (.weights, ["weights", "safetensors", "pt", "pth"]), (.data, ["data"]),
      (.names, ["names"]), (.picture, ["jpg", "jpeg", "png", "bmp", "webp", "tif", "tiff", "gif"]),
      (.yaml, ["yaml", "yml"]), (.json, ["json"]), (.xml, ["xml"]), (.csv, ["csv"]),
      (.onnx, ["onnx"]), (.archive, ["zip"]),
    ]
    return endings.first { $0.1.contains { name.hasSuffix(".\($0)") } }?.0
  }
}

extension FileError {
  /// Throws where a file is known to be of another kind than is wanted. What is not known is left to
  /// whoever reads it.
  ///
  /// - Throws: ``FileError/mistaken(path:_:for:)``.
  package static func require(_ wanted: FileKind, _ path: String) throws(FileError) {
    if let kind = FileKind(of: path), kind != wanted {
      throw .mistaken(path: path, kind, for: wanted)
    }
  }
}
