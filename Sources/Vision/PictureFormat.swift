/// The picture formats that are read and written.
public enum PictureFormat: String, CaseIterable, Hashable, Sendable {
  case jpeg, png, bmp, webp, tiff

  /// For messages: "JPEG".
  public var name: String {
    switch self {
    case .jpeg: "JPEG"
    case .png: "PNG"
    case .bmp: "BMP"
    case .webp: "WebP"
    case .tiff: "TIFF"
    }
  }

  /// Lower-case file extensions without the dot; the first is used for new files.
  public var extensions: [String] {
    switch self {
    case .jpeg: ["jpg", "jpeg", "jpe", "jfif"]
    case .png: ["png"]
    case .bmp: ["bmp", "dib"]
    case .webp: ["webp"]
    case .tiff: ["tif", "tiff"]
    }
  }

  /// The format that a file name's extension stands for, in any case of letters.
  public init?(path: String) {
    let suffix = fileExtension(of: path)
    guard let format = Self.allCases.first(where: { $0.extensions.contains(suffix) }) else {
      return nil
    }
    self = format
  }

  /// The format that these first bytes of a file show.
  public init?(signature bytes: [UInt8]) {
    if bytes.starts(with: [0xFF, 0xD8, 0xFF]) {
      self = .jpeg
    } else if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
      self = .png
    } else if bytes.starts(with: [0x42, 0x4D]) {
      self = .bmp
    } else if bytes.starts(with: "RIFF".utf8), bytes.count >= 12,
      bytes[8..<12].elementsEqual("WEBP".utf8)
    {
      self = .webp
    } else if [
      [0x49, 0x49, 0x2A, 0], [0x4D, 0x4D, 0, 0x2A], [0x49, 0x49, 0x2B, 0], [0x4D, 0x4D, 0, 0x2B],
    ]
    .contains(where: { bytes.starts(with: $0) }) {
      self = .tiff
    } else {
      return nil
    }
  }

  static var allNames: String { allCases.map(\.name).joined(separator: ", ") }
}

/// Lower-case extension of the last path component, without the dot; empty when there is none.
func fileExtension(of path: String) -> String {
  let name = path.split(separator: "/").last ?? ""
  guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return "" }
  return name[name.index(after: dot)...].lowercased()
}
