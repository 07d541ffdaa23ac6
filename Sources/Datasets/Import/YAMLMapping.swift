import Darknet
import Parsing

/// What of YAML a `data.yaml` is written in: keys with a scalar, a list or a mapping of scalars
/// each.
///
/// Deeper values come out as ``Value/other``; they are of no use here.
struct YAMLMapping: Equatable {
  enum Value: Equatable {
    case scalar(String)
    case list([String])
    case mapping([Entry])
    case other
  }

  struct Entry: Equatable {
    var key: String
    var value: String
  }

  private(set) var values: [String: Value] = [:]

  /// The most items of a list or a mapping.
  static let maximumItems = DataFile.maximumClasses

  /// Parses the bytes of a file; the first of two equal keys counts.
  ///
  /// - Parameter keys: the keys whose values are kept; nil for all.
  init(parsing bytes: [UInt8], keys: Set<String>? = nil) throws(AnnotationFault) {
    let reader = YAMLReader(bytes)
    guard let first = try reader.next() else { return }
    guard first == .startOfMapping else {
      throw AnnotationFault(line: reader.line, reason: "not 'key: value'")
    }
    while let event = try reader.next(), event != .endOfMapping {
      let key = try Self.value(event, reader)
      guard let event = try reader.next() else { break }
      let value = try Self.value(event, reader)
      if case .scalar(let key) = key, keys?.contains(key) ?? true, values[key] == nil {
        values[key] = value
      }
    }
  }

  /// The scalar of a key.
  func scalar(_ key: String) -> String? {
    guard case .scalar(let text) = values[key] else { return nil }
    return text
  }

  /// Reads the value that begins with an event.
  private static func value(
    _ event: YAMLReader.Event, _ reader: YAMLReader
  ) throws(AnnotationFault) -> Value {
    switch event {
    case .scalar(let text): return .scalar(text)
    case .startOfList:
      return try scalars(upTo: .endOfList, reader).map { .list($0) } ?? .other
    case .startOfMapping:
      guard let scalars = try scalars(upTo: .endOfMapping, reader) else { return .other }
      return .mapping(
        stride(from: 0, to: scalars.count, by: 2).map {
          Entry(key: scalars[$0], value: scalars[$0 + 1])
        })
    case .alias, .endOfList, .endOfMapping: return .other
    }
  }

  /// The scalars of a list, or the keys and values of a mapping in turn; nil, all passed over, when
  /// there is something else in it.
  private static func scalars(
    upTo end: YAMLReader.Event, _ reader: YAMLReader
  ) throws(AnnotationFault) -> [String]? {
    var scalars: [String] = []
    while let event = try reader.next(), event != end {
      guard case .scalar(let text) = event else {
        try reader.skipRest(of: event == .alias ? 1 : 2)
        return nil
      }
      scalars.append(text)
      guard scalars.count <= (end == .endOfList ? maximumItems : 2 * maximumItems) else {
        throw AnnotationFault(line: reader.line, reason: "more than \(maximumItems) items")
      }
    }
    return scalars
  }
}
