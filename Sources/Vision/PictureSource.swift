import Darknet
import Glibc

/// Where pictures come from: one item of what `--source` names.
public enum PictureSource: Hashable, Sendable {
  /// A picture file.
  case picture(path: String)
  /// A video file.
  case video(path: String)
  /// A camera by its number.
  case camera(Int)
  /// A network stream, "rtsp://…".
  case stream(url: String)

  /// Lower-case extensions of video files, without the dot.
  public static let videoExtensions = [
    "mp4", "avi", "mov", "mkv", "m4v", "mpg", "mpeg", "webm", "wmv", "flv", "ts", "asf", "gif",
  ]

  /// What an argument stands for.
  ///
  /// - A file with a picture's or a video's extension: itself.
  /// - A folder: its pictures and videos by name, in order; not those of folders inside.
  /// - A list, `.txt`: what each line names, absolute or relative to the list, files or streams; empty
  ///   lines and lines that start with `#` are skipped. Whether files exist shows when they are opened.
  /// - A whole number of which no file exists: a camera.
  /// - Something with `://`: a stream.
  ///
  /// - Throws: ``VisionError`` for what does not exist, a folder or list without pictures, and files
  ///   of other extensions that no picture's signature starts.
  public static func sources(of argument: String) throws(VisionError) -> [PictureSource] {
    if argument.contains("://") { return [.stream(url: argument)] }
    var status = stat()
    guard stat(argument, &status) == 0 else {
      let reason = systemReason()
      if let number = Int(argument), number >= 0 { return [.camera(number)] }
      throw .unreadable(path: argument, reason: reason)
    }
    if status.st_mode & S_IFMT == S_IFDIR { return try folder(argument) }
    if fileExtension(of: argument) == "txt" { return try list(argument) }
    if let source = file(argument) { return [source] }
    // An unknown extension: a picture all the same, if it starts like one.
    _ = try PictureHeader(contentsOf: argument)
    return [.picture(path: argument)]
  }

  /// By its extension alone.
  private static func file(_ path: String) -> PictureSource? {
    if PictureFormat(path: path) != nil { return .picture(path: path) }
    return videoExtensions.contains(fileExtension(of: path)) ? .video(path: path) : nil
  }

  private static func folder(_ path: String) throws(VisionError) -> [PictureSource] {
    guard let directory = opendir(path) else {
      throw .unreadable(path: path, reason: systemReason())
    }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    let base = path.hasSuffix("/") ? path : path + "/"
    let sources = names.sorted().compactMap { file(base + $0) }
    guard !sources.isEmpty else { throw .noPictures(path: path) }
    return sources
  }

  private static func list(_ path: String) throws(VisionError) -> [PictureSource] {
    let bytes = try readFile(path, limit: DataFile.maximumListBytes)
    if let foreign = ForeignContent(bytes) { throw .foreign(path: path, foreign) }
    let text = String(decoding: DecodedText(guessing: bytes).bytes, as: UTF8.self)
    let base = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    let sources = text.split(whereSeparator: \.isNewline).compactMap { line -> PictureSource? in
      var name = trimmed(line)
      if name.isEmpty || name.hasPrefix("#") { return nil }
      name = ListEntry.path(of: Array(name.utf8)[...]).text
      if name.contains("://") { return .stream(url: name) }
      let full = name.hasPrefix("/") ? name : base + name
      return file(full) ?? .picture(path: full)
    }
    guard !sources.isEmpty else { throw .noPictures(path: path) }
    return sources
  }

  private static func trimmed(_ line: Substring) -> String {
    var line = line.drop(while: \.isWhitespace)
    while line.last?.isWhitespace == true { line.removeLast() }
    return String(line)
  }
}

extension PictureSource: CustomStringConvertible {
  /// For messages: the path or address, or "camera 0".
  public var description: String {
    switch self {
    case .picture(let path), .video(let path): path
    case .camera(let number): "camera \(number)"
    case .stream(let url): url
    }
  }
}
