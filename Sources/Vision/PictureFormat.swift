import CVision

/// The picture formats that are read, and but for AVIF written.
public enum PictureFormat: String, CaseIterable, Codable, Hashable, Sendable {
  case jpeg, png, bmp, webp, tiff
  /// PBM, PGM and PPM. Not PAM: OpenCV 4.6 reads its colours in the wrong order.
  case netpbm
  case jpeg2000
  /// Read where OpenCV is built with it.
  case avif
  case sunRaster

  /// For messages: "JPEG".
  public var name: String {
    switch self {
    case .jpeg: "JPEG"
    case .png: "PNG"
    case .bmp: "BMP"
    case .webp: "WebP"
    case .tiff: "TIFF"
    case .netpbm: "PBM/PGM/PPM"
    case .jpeg2000: "JPEG 2000"
    case .avif: "AVIF"
    case .sunRaster: "Sun raster"
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
    case .netpbm: ["ppm", "pgm", "pbm", "pnm"]
    case .jpeg2000: ["jp2", "j2k", "j2c"]
    case .avif: ["avif"]
    case .sunRaster: ["ras", "sr"]
    }
  }

  /// The extension that OpenCV's encoder goes by.
  func encoder(_ channels: Int) -> String {
    self == .netpbm && channels == 1 ? "pgm" : extensions[0]
  }

  /// Whether the installed OpenCV reads it.
  var isBuiltIn: Bool {
    switch self {
    case .avif: vis_is_built_with("AVIF") != 0
    case .jpeg2000: vis_is_built_with("JPEG 2000") != 0
    case .tiff: vis_is_built_with("TIFF") != 0
    case .webp: vis_is_built_with("WEBP") != 0
    default: true
    }
  }

  /// Whether pictures are written in it.
  var isWritten: Bool { self != .avif && isBuiltIn }

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
    } else if bytes.count > 2, bytes[0] == UInt8(ascii: "P"),
      (UInt8(ascii: "1")...UInt8(ascii: "6")).contains(bytes[1]),
      [0x09, 0x0A, 0x0D, 0x20, 0x23].contains(bytes[2])
    {
      self = .netpbm
    } else if bytes.starts(with: [0xFF, 0x4F, 0xFF, 0x51])
      || bytes.starts(with: [0, 0, 0, 0x0C, 0x6A, 0x50, 0x20, 0x20, 0x0D, 0x0A, 0x87, 0x0A])
    {
      self = .jpeg2000
    } else if bytes.count >= 12, bytes[4..<8].elementsEqual("ftyp".utf8),
      ["avif", "avis"].contains(String(decoding: bytes[8..<12], as: UTF8.self))
    {
      self = .avif
    } else if bytes.starts(with: [0x59, 0xA6, 0x6A, 0x95]) {
      self = .sunRaster
    } else {
      return nil
    }
  }

  /// The formats that this OpenCV writes.
  public static var written: [PictureFormat] { allCases.filter(\.isWritten) }

  static var allNames: String { allCases.map(\.name).joined(separator: ", ") }
}

/// Lower-case extension of the last path component, without the dot; empty when there is none.
func fileExtension(of path: String) -> String {
  // In bytes, for lists have a million paths.
  guard let name = path.utf8.split(separator: UInt8(ascii: "/")).last,
    let dot = name.lastIndex(of: UInt8(ascii: ".")), dot != name.startIndex
  else { return "" }
  return Substring(name[name.index(after: dot)...]).lowercased()
}
