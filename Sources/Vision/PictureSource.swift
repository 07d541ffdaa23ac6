import Darknet
import Glibc
import Storage
import Terminal

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
  /// A picture on the network, "https://host/a.jpg".
  case remotePicture(url: String)
  /// A picture that came through the standard input.
  case standardInput(bytes: [UInt8])

  /// Lower-case extensions of video files, without the dot.
  public static let videoExtensions = [
    "mp4", "avi", "mov", "mkv", "m4v", "mpg", "mpeg", "webm", "wmv", "flv", "ts", "asf", "gif",
  ]

  /// What an argument stands for.
  ///
  /// - A file with a picture's or a video's extension: itself.
  /// - A folder: its pictures and videos by name, in order; not those of folders inside.
  /// - A list, `.txt`: what each line names, absolute or relative to the list, files or streams;
  ///   empty lines and lines that start with `#` are skipped. Whether files exist shows when they
  ///   are opened.
  /// - A whole number of which no file exists: a camera.
  /// - Something with `://`: a stream, or a picture where the address ends like one.
  /// - `-`: what the standard input holds, a picture or a list; its lines, or the pieces between
  ///   zero bytes, are relative to the working folder.
  /// - A pattern with `*`, `?` or `[…]` of which no file exists: the pictures and videos that it
  ///   fits.
  ///
  /// - Throws: ``VisionError`` for what does not exist, a folder or list without pictures, and
  ///   files of other extensions that no picture's signature starts.
  public static func sources(of argument: String) throws(VisionError) -> [PictureSource] {
    if argument == "-" { return try standardInput(readStandardInput()) }
    if argument.contains("://") { return [remote(argument)] }
    var status = stat()
    guard stat(argument, &status) == 0 else {
      let reason = "\(SystemError())"
      if argument.contains(where: { "*?[".contains($0) }) { return try pattern(argument) }
      if let number = Int(argument), number >= 0 { return [.camera(number)] }
      throw .unreadable(path: argument, reason: reason)
    }
    if status.st_mode & S_IFMT == S_IFDIR { return try folder(argument) }
    if fileExtension(of: argument) == "txt" { return try list(argument) }
    if let source = file(argument) { return [source] }
    if let data = try? DataFile(contentsOf: argument) {
      let folder = folderPath(of: argument)
      var lists: [String] = []
      for list in DataFile.Split.allCases.compactMap(data.list) {
        let near = folder == "." ? fileName(of: list) : "\(folder)/\(fileName(of: list))"
        let name = absolutePath(near) == list ? near : list
        if !lists.contains(name) { lists.append(name) }
      }
      throw .dataFile(path: argument, lists: lists)
    }
    if let kind = FileKind(of: argument), kind != .picture {
      throw .otherKind(path: argument, kind)
    }
    // An unknown extension: a picture all the same, if it starts like one.
    _ = try PictureHeader(contentsOf: argument)
    return [.picture(path: argument)]
  }

  /// By the extension of the address's path.
  private static func remote(_ url: String) -> PictureSource {
    let path = url.prefix { $0 != "?" && $0 != "#" }
    let isWeb = ["http://", "https://"].contains { url.lowercased().hasPrefix($0) }
    return isWeb && PictureFormat(path: String(path)) != nil
      ? .remotePicture(url: url) : .stream(url: url)
  }

  /// What the standard input's bytes are.
  static func standardInput(_ bytes: [UInt8]) throws(VisionError) -> [PictureSource] {
    let name = "standard input"
    guard !bytes.isEmpty else { throw .empty(path: name) }
    if PictureFormat(signature: bytes) != nil { return [.standardInput(bytes: bytes)] }
    // Pieces between zero bytes are what a program found on the disk, whatever its bytes.
    let names =
      bytes.contains(0)
      ? bytes.split(separator: 0).map { writtenOut($0)[...] } : lines(bytes)
    let isText =
      bytes.isUTF8
      || names.contains { fileExists(String($0)) || foreignNameReason(String($0)) != nil }
    guard isText else { throw .notAPicture(path: name) }
    return try list(names, in: "", name)
  }

  /// The pictures and videos that a pattern of file names fits, in order.
  private static func pattern(_ pattern: String) throws(VisionError) -> [PictureSource] {
    var found = glob_t()
    defer { globfree(&found) }
    guard glob(pattern, GLOB_TILDE, nil, &found) == 0 else {
      throw .unreadable(path: pattern, reason: "no file fits this pattern")
    }
    let sources = (0..<Int(found.gl_pathc)).compactMap { index in
      found.gl_pathv[index].flatMap { path in
        let bytes = UnsafeBufferPointer(start: path, count: strlen(path))
        return file(writtenOut(bytes.map { UInt8(bitPattern: $0) }))
      }
    }
    guard !sources.isEmpty else { throw .noPictures(path: pattern) }
    return sources
  }

  /// By its extension alone.
  private static func file(_ path: String) -> PictureSource? {
    if PictureFormat(path: path) != nil { return .picture(path: path) }
    return videoExtensions.contains(fileExtension(of: path)) ? .video(path: path) : nil
  }

  private static func folder(_ path: String) throws(VisionError) -> [PictureSource] {
    let names: [String]
    do throws(SystemError) { names = try namesInFolder(path) } catch {
      throw .unreadable(path: path, reason: "\(error)")
    }
    let base = path.hasSuffix("/") ? path : path + "/"
    let visible = names.filter { !$0.hasPrefix(".") }
    let sources = visible.compactMap { file(base + $0) }
    guard sources.isEmpty else { return sources }
    let folders = foldersWithPictures(in: path)
    throw folders.isEmpty ? .noPictures(path: path) : .picturesBelow(path: path, folders: folders)
  }

  /// The folders in a folder that have pictures or videos; empty where it is none.
  public static func foldersWithPictures(in path: String) -> [String] {
    let base = path.hasSuffix("/") ? path : path + "/"
    return ((try? namesInFolder(path)) ?? []).filter { !$0.hasPrefix(".") }.map { base + $0 }
      .filter { folder in
        ((try? namesInFolder(folder)) ?? []).contains { !$0.hasPrefix(".") && file($0) != nil }
      }
  }

  private static func list(_ path: String) throws(VisionError) -> [PictureSource] {
    let limit = DataFile.maximumListBytes
    var status = stat()
    guard stat(path, &status) != 0 || Int(status.st_size) <= limit else {
      throw .unreadable(
        path: path, reason: "it has more than the \(grouped(limit)) bytes that a list can have")
    }
    let bytes = try readFile(path, limit: limit)
    if let foreign = ForeignContent(bytes) ?? ForeignContent(inPlaceOfText: bytes) {
      throw .foreign(path: path, foreign)
    }
    let base = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    return try list(lines(bytes), in: base, path)
  }

  private static func lines(_ bytes: [UInt8]) -> [Substring] {
    let text = String(decoding: DecodedText(guessingLines: bytes).bytes, as: UTF8.self)
    return text.split(whereSeparator: \.isNewline).compactMap { line in
      let name = trimmed(line)
      return name.hasPrefix("#") ? nil : name
    }
  }

  private static func list(
    _ names: [Substring], in base: String, _ path: String
  ) throws(VisionError) -> [PictureSource] {
    let sources = names.compactMap { name -> PictureSource? in
      if name.isEmpty { return nil }
      let name = ListEntry.path(of: Array(name.utf8)[...]).text
      if name.contains("://") { return remote(name) }
      let full = name.hasPrefix("/") ? name : base + name
      return file(full) ?? .picture(path: full)
    }
    guard !sources.isEmpty else { throw .noPictures(path: path) }
    return sources
  }

  private static func trimmed(_ line: Substring) -> Substring {
    var line = line.drop(while: \.isWhitespace)
    while line.last?.isWhitespace == true { line.removeLast() }
    return line
  }
}

extension PictureSource {
  /// Whether it is one picture; the others are videos.
  public var isPicture: Bool {
    switch self {
    case .picture, .remotePicture, .standardInput: true
    case .video, .camera, .stream: false
    }
  }

  /// Its file, where it is one.
  public var path: String? {
    switch self {
    case .picture(let path), .video(let path): path
    default: nil
    }
  }

  /// What files about it may be called: its path, the last part of an address, or what it is.
  public var nameForFiles: String {
    switch self {
    case .picture(let path), .video(let path): path
    case .camera(let number): "camera-\(number)"
    case .standardInput: "stdin"
    case .stream(let url), .remotePicture(let url):
      url.prefix { $0 != "?" && $0 != "#" }.split(separator: "/").dropFirst().last
        .map(String.init) ?? "stream"
    }
  }

  /// Reads a picture, see `Image.init(contentsOf:channels:)`; those on the network come by way of
  /// OpenCV's videos.
  ///
  /// - Precondition: ``isPicture``.
  public func image(channels: Int = 3) throws(VisionError) -> Image {
    switch self {
    case .picture(let path): return try Image(contentsOf: path, channels: channels)
    case .standardInput(let bytes):
      return try Image(decoding: bytes, channels: channels, path: description)
    case .remotePicture(let url):
      guard let image = try VideoReader(self).nextFrame() else {
        throw .video(source: url, reason: "no picture came")
      }
      return image
    case .video, .camera, .stream: preconditionFailure("a picture")
    }
  }
}

extension PictureSource: CustomStringConvertible {
  /// For messages: the path or address, or "camera 0".
  public var description: String {
    switch self {
    case .picture(let path), .video(let path): path
    case .camera(let number): "camera \(number)"
    case .stream(let url), .remotePicture(let url): url
    case .standardInput: "standard input"
    }
  }
}
