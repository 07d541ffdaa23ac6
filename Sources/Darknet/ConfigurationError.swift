/// Where something stands in a text file: its path, and its line counted from 1.
///
/// Line 0 means that the text was made by a program and has no line yet.
public struct SourcePlace: Hashable, Sendable, CustomStringConvertible {
  /// The file's path, as the caller gave it.
  public var path: String
  /// The line, counted from 1.
  public var line: Int

  /// Line `line` of `path`.
  public init(path: String, line: Int) {
    self.path = path
    self.line = line
  }

  /// `path:line`, as compilers write it.
  public var description: String { line > 0 ? "\(path):\(line)" : path }
}

/// What is wrong with a cfg, and where.
public enum ConfigurationError: Error, Hashable, Sendable {
  /// The file could not be read at all.
  case file(FileError)
  /// A line that is neither a `[section]` nor `key=value`.
  case malformedLine(String, at: SourcePlace)
  /// A `key=value` before the first `[section]`.
  case entryOutsideSection(String, at: SourcePlace)
  /// There is no section, or none after `[net]`.
  case noLayers(path: String)
  /// More sections than any network has.
  case tooManyLayers(Int, limit: Int, at: SourcePlace)
  /// The file does not open with `[net]`.
  case firstSectionIsNotNet(String, at: SourcePlace)
  /// A section name that Darknet does not have either.
  case unknownSection(String, suggestion: String?, at: SourcePlace)
  /// A section that is known but has no place in a detector.
  case unsupportedSection(String, reason: String, at: SourcePlace)
  /// A key that changes what the layer computes, in a way that is not offered.
  case unsupportedKey(String, value: String, section: String, at: SourcePlace)
  /// A key without which the section means nothing.
  case missingKey(String, section: String, at: SourcePlace)
  /// A value of the wrong kind; `expected` completes "is not …".
  case invalidValue(String, key: String, expected: String, at: SourcePlace)
  /// A number outside what makes sense.
  case outOfRange(String, key: String, allowed: String, at: SourcePlace)
  /// A `from`, `layers` or `share_index` that names no earlier layer.
  case invalidReference(String, key: String, layer: Int, reason: String, at: SourcePlace)
  /// Two facts of the cfg that contradict each other; the text says both, with shapes and lines.
  case mismatch(String, at: SourcePlace)
  /// An input size at which the network's layers do not fit together.
  case unfitInput(Int, multiple: Int, at: SourcePlace)
  /// A size, or a number of parameters, that no machine holds.
  case tooLarge(String, at: SourcePlace)
}

extension ConfigurationError: CustomStringConvertible {
  /// One line: `path:line: what was found and what was expected`.
  public var description: String {
    switch self {
    case .file(let error): "\(error)"
    case .malformedLine(let text, let place):
      "\(place): '\(text)' is neither a [section] nor key=value"
    case .entryOutsideSection(let text, let place):
      "\(place): '\(text)' stands before any [section]"
    case .noLayers(let path): "\(path): has no layers"
    case .tooManyLayers(let count, let limit, let place):
      "\(place): layer \(count) is one more than the \(limit) that a network may have"
    case .firstSectionIsNotNet(let name, let place):
      "\(place): the first section is [\(name)], expected [net]"
    case .unknownSection(let name, let suggestion, let place):
      "\(place): unknown section [\(name)]" + (suggestion.map { "; did you mean [\($0)]?" } ?? "")
    case .unsupportedSection(let name, let reason, let place):
      "\(place): [\(name)] is not supported: \(reason)"
    case .unsupportedKey(let key, let value, let section, let place):
      "\(place): '\(key)=\(value)' of [\(section)] is not supported"
    case .missingKey(let key, let section, let place): "\(place): [\(section)] has no '\(key)'"
    case .invalidValue(let value, let key, let expected, let place):
      "\(place): '\(key)=\(value)' is not \(expected)"
    case .outOfRange(let value, let key, let allowed, let place):
      "\(place): '\(key)=\(value)' is out of range, expected \(allowed)"
    case .invalidReference(let value, let key, let layer, let reason, let place):
      "\(place): '\(key)=\(value)' of layer \(layer) \(reason)"
    case .mismatch(let text, let place): "\(place): \(text)"
    case .unfitInput(let side, let multiple, let place):
      "\(place.path): takes no input of \(side) pixels; '--img-size' is a multiple of \(multiple), "
        + "such as \(max(side / multiple, 1) * multiple) or \((side / multiple + 1) * multiple)"
    case .tooLarge(let text, let place): "\(place): \(text)"
    }
  }
}

/// Something in a cfg that was kept but has no effect, or not the one that was meant.
public enum ConfigurationWarning: Hashable, Sendable {
  /// A key that the section does not know; `suggestion` is a known one that is spelt nearly so, and
  /// `others` counts further sections of that name that have it, where they are told together.
  case unknownKey(
    String, section: String, suggestion: String?, others: Int = 0, at: SourcePlace)
  /// A key given before in the same section; the first one counts, as in Darknet.
  case duplicateKey(String, section: String, at: SourcePlace)
  /// A value that is not known; `used` is what stands in for it.
  case unknownValue(String, key: String, used: String, at: SourcePlace)
  /// Two facts that disagree without harm; the text says which one counts.
  case disagreement(String, at: SourcePlace)
}

extension ConfigurationWarning: CustomStringConvertible {
  /// One line: `path:line: what was found`.
  public var description: String {
    switch self {
    case .unknownKey(let key, let section, let suggestion, let others, let place):
      "\(place): unknown key '\(key)' in [\(section)]"
        + (others == 0 ? "" : " and \(others) more such section\(others == 1 ? "" : "s")")
        + (suggestion.map { "; did you mean '\($0)'?" } ?? "")
    case .duplicateKey(let key, let section, let place):
      "\(place): '\(key)' was given before in this [\(section)], the first one counts"
    case .unknownValue(let value, let key, let used, let place):
      "\(place): unknown value in '\(key)=\(value)', '\(used)' is used"
    case .disagreement(let text, let place): "\(place): \(text)"
    }
  }
}

extension [ConfigurationWarning] {
  /// The warnings, those of one unknown key in many sections of one name as one, at the first.
  public var merged: [ConfigurationWarning] {
    var counts: [[String]: Int] = [:]
    func key(_ warning: ConfigurationWarning) -> [String]? {
      guard case .unknownKey(let key, let section, _, _, _) = warning else { return nil }
      return [key, section]
    }
    for warning in self { if let key = key(warning) { counts[key, default: 0] += 1 } }
    return compactMap { warning in
      guard case .unknownKey(let name, let section, let suggestion, _, let place) = warning else {
        return warning
      }
      guard let count = counts.removeValue(forKey: [name, section]) else { return nil }
      return .unknownKey(
        name, section: section, suggestion: suggestion, others: count - 1, at: place)
    }
  }
}
