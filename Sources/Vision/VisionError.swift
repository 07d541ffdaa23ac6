import Darknet

/// What can go wrong with pictures and videos; `path` is as the caller gave it.
public enum VisionError: Error, Equatable, CustomStringConvertible {
  /// The operating system's reason, such as "No such file or directory".
  case unreadable(path: String, reason: String)
  case unwritable(path: String, reason: String)
  case empty(path: String)
  /// The bytes start like none of the formats of ``PictureFormat``.
  case notAPicture(path: String)
  case unsupported(path: String, format: PictureFormat, feature: String)
  /// A format that the installed OpenCV does not read or write.
  case notBuiltIn(path: String, format: PictureFormat)
  case truncated(path: String, format: PictureFormat)
  case corrupt(path: String, format: PictureFormat, reason: String)
  case tooLarge(path: String, width: Int, height: Int)
  /// A file of far more bytes than its picture can have.
  case tooManyBytes(path: String, bytes: Int, limit: Int)
  /// A file that is something else altogether.
  case foreign(path: String, ForeignContent)
  /// A file of another kind.
  case otherKind(path: String, FileKind)
  /// A file to be written whose extension names no known format.
  case unknownExtension(path: String, expected: [String])
  /// A folder or list that names nothing to open.
  case noPictures(path: String)
  /// A folder without pictures of its own, and those of its folders that have some.
  case picturesBelow(path: String, folders: [String])
  /// A `.data` file, and its lists.
  case dataFile(path: String, lists: [String])
  /// `libCVideo.so`, or what it needs, cannot be loaded.
  case videoUnavailable(reason: String)
  /// A video, camera or stream (`source`) that cannot be opened, read or written.
  case video(source: String, reason: String)
  case outOfMemory(path: String)
  /// OpenCV refused something for a reason of its own.
  case engine(reason: String)

  /// One line: where, what was found, what was expected.
  public var description: String {
    switch self {
    case .unreadable(let path, let reason): "\(path): cannot be read: \(reason)"
    case .unwritable(let path, let reason): "\(path): cannot be written: \(reason)"
    case .empty(let path): "\(path): empty file where a picture was expected"
    case .notAPicture(let path):
      "\(path): not a picture; expected \(PictureFormat.allNames)"
    case .unsupported(let path, let format, let feature):
      "\(path): \(format.name) with \(feature), which is not supported"
    case .notBuiltIn(let path, let format):
      "\(path): \(format.name), which the installed OpenCV does not know; use PNG"
    case .truncated(let path, let format): "\(path): truncated \(format.name)"
    case .corrupt(let path, let format, let reason): "\(path): corrupt \(format.name): \(reason)"
    case .tooLarge(let path, let width, let height):
      "\(path): \(width)x\(height) pixels, " + Self.limit(width, height)
    case .tooManyBytes(let path, let bytes, let limit):
      "\(path): \(bytes) bytes; a picture of this size has at most \(limit)"
    case .foreign(let path, let content): "\(path): is \(content)"
    case .otherKind(let path, let kind): "\(path): \(kind.mistake(for: FileKind.picture.words))"
    case .unknownExtension(let path, let expected):
      "\(path): unknown extension; expected one of \(expected.joined(separator: ", "))"
    case .noPictures(let path):
      "\(path): no pictures or videos; expected files of \(PictureFormat.allNames)"
    case .picturesBelow(let path, let folders):
      "\(path): the pictures are in "
        + (folders.count == 1
          ? "\(folders.joined()); name that folder"
          : "\(folders.prefix(5).joined(separator: ", "))\(folders.count > 5 ? ", …" : ""); name these "
            + "folders")
    case .dataFile(let path, let lists):
      "\(path): describes a data set and is no picture; name "
        + (lists.isEmpty ? "a list or a folder of pictures" : lists.joined(separator: " or "))
    case .videoUnavailable(let reason):
      "videos cannot be read or written here; 'pare doctor' says what to do: \(reason)"
    case .video(let source, let reason): "\(source): \(reason)"
    case .outOfMemory(let path): "\(path): not enough memory"
    case .engine(let reason): "OpenCV: \(reason)"
    }
  }

  /// Why a picture of this size is not opened, and the way out where there is one.
  private static func limit(_ width: Int, _ height: Int) -> String {
    let (pixels, overflow) = width.multipliedReportingOverflow(by: height)
    let largest = PictureLimit.largestSide
    guard !overflow, pixels <= PictureLimit.largestPixels, max(width, height) <= largest else {
      return "more than OpenCV opens (\(PictureLimit.largestPixels) in all, \(largest) a side); "
        + "cut it into tiles"
    }
    func millions(_ count: Int) -> Int { (count + 999_999) / 1_000_000 }
    return "\(millions(pixels)) megapixels; at most \(millions(PictureLimit.pixels)) are opened "
      + "unless '--max-pixels \(millions(pixels))M' says so"
  }
}
