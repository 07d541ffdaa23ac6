import Darknet
import Glibc

extension DatasetFormat {
  /// A data set that was found where another one was looked for.
  public struct Found: Hashable, Sendable {
    /// The form that it looks like.
    public var format: DatasetFormat
    /// Where it begins.
    public var source: String

    package init(format: DatasetFormat, source: String) {
      (self.format, self.source) = (format, source)
    }
  }

  /// The form that a folder or file looks like, by the names in it and the beginning of one file;
  /// nil where it looks like none.
  public init?(recognizing source: String) {
    // Those that say more about a set come first: VOC is any picture with an XML file.
    let order: [DatasetFormat] = [
      .oxfordhand, .visdrone, .dior, .bdd100k, .coco, .yolo, .darknet, .voc,
    ]
    guard fileKind(source) != nil, let format = order.first(where: { $0.recognizes(source) })
    else { return nil }
    self = format
  }

  /// Whether what lies at `source` looks like this form.
  func recognizes(_ source: String) -> Bool { reader.recognizes(source) }

  /// The data set that lies at `source`, in a folder of it, or in the one above where it is one of a
  /// set's own folders; nil where none is known.
  package static func found(at source: String) -> Found? {
    DatasetFormat(recognizing: source).map { Found(format: $0, source: source) }
      ?? Self.voc.otherwise(at: source)
  }

  /// Whether a folder holds the files of LabelMe, one a picture, which no form reads.
  package static func isLabelMe(_ folder: String) -> Bool {
    guard fileKind(folder) == .folder, let file = firstFile(in: folder, ending: ".json") else {
      return false
    }
    let start = beginning(of: file)
    return start.contains("\"shapes\"") && start.contains("\"flags\"")
  }

  /// What else lies at `source`, where this form was looked for: in itself, in a folder of it, or,
  /// where it is one of a set's own folders, in the folder above. Nil where it looks like this
  /// form, or like none.
  func otherwise(at source: String) -> Found? {
    guard fileKind(source) != nil, !recognizes(source) else { return nil }
    var places = [source]
    if fileKind(source) == .folder {
      places += ((try? foldersBelow(source)) ?? []).prefix(Self.placesSearched)
    }
    let name = fileName(of: resolved(source)).lowercased()
    if Self.ownFolders.contains(name) || DatasetSplit(folderName: name) != nil {
      places.append(folderPath(of: absolutePath(source)))
    }
    for place in places {
      if recognizes(place) { return Found(format: self, source: place) }
      if let format = DatasetFormat(recognizing: place) {
        return Found(format: format, source: place)
      }
    }
    return nil
  }

  /// Folders of a source that are looked into.
  private static let placesSearched = 20

  /// Names of folders that hold a part of a set.
  private static let ownFolders: Set<String> = [
    "images", "labels", "annotations", "jpegimages", "imagesets", "main", "annots", "xmls",
  ]
}

/// The beginning of a file as text; empty for what cannot be read, and for a pipe, which is not
/// waited for.
func beginning(of path: String) -> String {
  guard fileKind(path) == .file, let file = try? FileBytes(path),
    let bytes = try? file.read(1 << 16)
  else { return "" }
  return String(decoding: bytes, as: UTF8.self)
}

/// What packed files a file holds, by its first bytes: "zip archive"; nil for any other file.
func archiveKind(of path: String) -> String? {
  guard fileKind(path) == .file, let file = try? FileBytes(path), let bytes = try? file.read(512)
  else { return nil }
  // The signatures of each format's specification; tar's stands at 257.
  let signatures: [(kind: String, bytes: [UInt8], place: Int)] = [
    ("zip archive", [0x50, 0x4B, 0x03, 0x04], 0), ("gzip file", [0x1F, 0x8B], 0),
    ("xz file", [0xFD, 0x37, 0x7A, 0x58, 0x5A], 0), ("bzip2 file", [0x42, 0x5A, 0x68], 0),
    ("7z archive", [0x37, 0x7A, 0xBC, 0xAF], 0), ("rar archive", [0x52, 0x61, 0x72, 0x21], 0),
    ("tar archive", Array("ustar".utf8), 257),
  ]
  return signatures.first { bytes.dropFirst($0.place).starts(with: $0.bytes) }?.kind
}

/// The first file in `folder` whose name has this ending, in any case of letters.
func firstFile(in folder: String, ending: String) -> String? {
  ((try? folderContents(folder)) ?? []).first { $0.lowercased().hasSuffix(ending) }
    .map { joined(folder, $0) }
}
