import Darknet

/// A `data.yaml`: where pictures are, and the class names.
public struct YOLODescription: Equatable, Sendable {
  /// The folder that relative places belong to; nil for the file's own.
  public var path: String?
  /// Folders of pictures, or lists of them, of each split.
  public var places: [DatasetSplit: [String]] = [:]
  /// Class names by class number.
  public var names: [String]

  /// The largest file that is read, in bytes.
  public static let maximumBytes = 1 << 20

  /// Parses the bytes of a file.
  ///
  /// - Throws: ``AnnotationFault`` when it names no pictures or no classes.
  public init(parsing bytes: [UInt8]) throws(AnnotationFault) {
    let mapping = try YAMLMapping(
      parsing: bytes, keys: ["path", "names", "nc", "train", "val", "valid", "test"])
    path = mapping.scalar("path").flatMap { $0.isEmpty ? nil : $0 }
    names = try Self.names(mapping)
    for (key, split) in [
      ("train", DatasetSplit.train), ("val", .valid), ("valid", .valid), ("test", .test),
    ] where places[split] == nil {
      switch mapping.values[key] {
      case .scalar(let place) where !["", "~", "null"].contains(place): places[split] = [place]
      case .list(let all) where !all.isEmpty: places[split] = all
      default: break
      }
    }
    guard !places.isEmpty else { throw AnnotationFault(reason: "no 'train', 'val' or 'test'") }
  }

  private static func names(_ mapping: YAMLMapping) throws(AnnotationFault) -> [String] {
    var names: [String]
    let count = mapping.scalar("nc").flatMap { Int($0) }
    switch mapping.values["names"] {
    case .list(let list): names = list
    case .mapping(let entries):
      names = [String](repeating: "", count: entries.count)
      for entry in entries {
        guard let number = Int(entry.key), names.indices.contains(number), names[number].isEmpty
        else {
          throw AnnotationFault(
            reason: "class number '\(entry.key.excerpt)' is not one of 0 to \(entries.count - 1)")
        }
        names[number] = entry.value
      }
    case nil: throw AnnotationFault(reason: "no 'names'")
    case .scalar, .other:
      throw AnnotationFault(
        reason: "'names' is neither a list of names nor of numbers with names; write them out "
          + "where it is an alias")
    }
    names = names.map(\.asClassName)
    guard !names.isEmpty, names.allSatisfy({ !$0.isEmpty }) else {
      throw AnnotationFault(reason: "an empty class name")
    }
    guard count == nil || count == names.count else {
      throw AnnotationFault(reason: "nc is \(count ?? 0), but there are \(names.count) names")
    }
    return names
  }
}
