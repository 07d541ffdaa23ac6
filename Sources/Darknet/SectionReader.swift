import Terminal

/// Reads the typed values of one section and remembers which keys were asked for.
///
/// What nobody asked for is an unknown key. White space inside numbers and lists is ignored, as in
/// Darknet; everything else that is not the number expected is an error.
struct SectionReader {
  let section: Configuration.Section
  let path: String
  private(set) var warnings: [ConfigurationWarning] = []
  private(set) var known: Set<String> = []
  /// The first entry of each key.
  private var entries: [String: Int] = [:]

  init(_ section: Configuration.Section, path: String) {
    self.section = section
    self.path = path
    for (index, entry) in section.entries.enumerated() where entries[entry.key] == nil {
      entries[entry.key] = index
    }
  }

  /// The section's own place, for what concerns all of it.
  var place: SourcePlace { SourcePlace(path: path, line: section.line) }

  /// The place of a key, or of the section when the key is not there.
  func place(of key: String) -> SourcePlace {
    SourcePlace(path: path, line: entries[key].map { section.entries[$0].line } ?? section.line)
  }

  // MARK: - Values

  mutating func text(_ key: String) -> String? {
    known.insert(key)
    return entries[key].map { section.entries[$0].value }
  }

  mutating func integer(
    _ key: String, in range: ClosedRange<Int>
  ) throws(ConfigurationError) -> Int? {
    guard let value = text(key) else { return nil }
    return try parseInteger(value, key: key, in: range)
  }

  mutating func integer(
    _ key: String, in range: ClosedRange<Int>, default fallback: Int
  ) throws(ConfigurationError) -> Int {
    try integer(key, in: range) ?? fallback
  }

  mutating func requiredInteger(
    _ key: String, in range: ClosedRange<Int>
  ) throws(ConfigurationError) -> Int {
    guard let value = try integer(key, in: range) else { throw missing(key) }
    return value
  }

  /// Darknet's flags are numbers: every one but 0 means yes.
  mutating func flag(
    _ key: String, default fallback: Bool = false
  ) throws(ConfigurationError) -> Bool {
    guard let value = try integer(key, in: Int.min...Int.max) else { return fallback }
    return value != 0
  }

  mutating func number(
    _ key: String, in range: ClosedRange<Double>, default fallback: Double
  ) throws(ConfigurationError) -> Double {
    guard let value = text(key) else { return fallback }
    let number = try parseNumber(value, key: key)
    guard range.contains(number) else {
      throw .outOfRange(
        value.excerpt, key: key, allowed: "\(range.lowerBound)...\(range.upperBound)",
        at: place(of: key))
    }
    return number
  }

  /// The longest list of numbers, in bytes.
  private static let maximumList = 1 << 16

  /// The parts of a list between commas.
  private func items(
    of key: String, _ value: String
  ) throws(ConfigurationError) -> [Substring] {
    guard value.utf8.count <= Self.maximumList else {
      throw .invalidValue(
        value.excerpt, key: key, expected: "a list of at most \(Self.maximumList) bytes",
        at: place(of: key))
    }
    return value.split(separator: ",", omittingEmptySubsequences: false)
  }

  mutating func integers(_ key: String) throws(ConfigurationError) -> [Int]? {
    guard let value = text(key) else { return nil }
    var result: [Int] = []
    for item in try items(of: key, value) {
      guard let number = Int(item.withoutSpaces) else {
        throw .invalidValue(
          value.excerpt, key: key, expected: "a list of whole numbers", at: place(of: key))
      }
      result.append(number)
    }
    return result
  }

  mutating func numbers(_ key: String) throws(ConfigurationError) -> [Double]? {
    guard let value = text(key) else { return nil }
    var result: [Double] = []
    for item in try items(of: key, value) {
      guard let number = Double(item.withoutSpaces), number.isFinite else {
        throw .invalidValue(
          value.excerpt, key: key, expected: "a list of numbers", at: place(of: key))
      }
      result.append(number)
    }
    return result
  }

  /// The activation named by `activation`, which `fallback` nil makes mandatory.
  mutating func activation(
    default fallback: Activation?
  ) throws(ConfigurationError) -> Activation {
    guard let name = text("activation") else {
      guard let fallback else { throw missing("activation") }
      return fallback
    }
    guard let activation = Activation(darknetName: name) else {
      throw .invalidValue(
        name.excerpt, key: "activation",
        expected: "a known activation"
          + (closest(to: name, in: Activation.allCases.map(\.rawValue))
            .map { "; did you mean '\($0)'?" } ?? ""),
        at: place(of: "activation"))
    }
    return activation
  }

  /// One of a few words; one that is not among them is an error.
  mutating func word<Word: RawRepresentable & CaseIterable>(
    _ key: String, default fallback: Word
  ) throws(ConfigurationError) -> Word where Word.RawValue == String {
    guard let value = text(key) else { return fallback }
    guard let word = Word(rawValue: value) else {
      let words = Word.allCases.map(\.rawValue).joined(separator: ", ")
      throw .invalidValue(value.excerpt, key: key, expected: "one of \(words)", at: place(of: key))
    }
    return word
  }

  // MARK: - Keys

  /// Keys that are known and have no effect on what the network computes.
  mutating func know(_ keys: [String]) { known.formUnion(keys) }

  /// Keys that change what a layer computes in ways that are not offered: 0 is fine, else refused.
  mutating func refuse(_ keys: [String]) throws(ConfigurationError) {
    for key in keys {
      guard let value = text(key) else { continue }
      guard let number = Double(value.withoutSpaces), number == 0 else {
        throw .unsupportedKey(
          key, value: value.excerpt, section: section.name, at: place(of: key))
      }
    }
  }

  mutating func warn(_ warning: ConfigurationWarning) { warnings.append(warning) }

  /// The warnings of this section, ending with keys that nobody asked for and repeated ones.
  func allWarnings() -> [ConfigurationWarning] {
    var result = warnings
    var seen: Set<String> = []
    for entry in section.entries {
      let place = SourcePlace(path: path, line: entry.line)
      if !known.contains(entry.key) {
        let missing = known.filter { entries[$0] == nil }.sorted()
        result.append(
          .unknownKey(
            entry.key.excerpt, section: section.name,
            suggestion: closest(to: entry.key, in: missing), at: place))
      } else if !seen.insert(entry.key).inserted {
        result.append(.duplicateKey(entry.key.excerpt, section: section.name, at: place))
      }
    }
    return result
  }

  func missing(_ key: String) -> ConfigurationError {
    .missingKey(key, section: section.name, at: place)
  }

  // MARK: - Parsing

  private func parseInteger(
    _ value: String, key: String, in range: ClosedRange<Int>
  ) throws(ConfigurationError) -> Int {
    let digits = value.withoutSpaces
    guard let number = Int(digits) else {
      // A number too long for the machine is out of range, not malformed.
      let isNumber = !digits.isEmpty && digits.drop { $0 == "-" }.utf8.allSatisfy(isDigit)
      guard isNumber, digits != "-" else {
        throw .invalidValue(
          value.excerpt, key: key, expected: "a whole number", at: place(of: key))
      }
      throw outOfRange(value, key: key, range)
    }
    guard range.contains(number) else { throw outOfRange(value, key: key, range) }
    return number
  }

  private func parseNumber(_ value: String, key: String) throws(ConfigurationError) -> Double {
    guard let number = Double(value.withoutSpaces), number.isFinite else {
      throw .invalidValue(value.excerpt, key: key, expected: "a number", at: place(of: key))
    }
    return number
  }

  private func outOfRange(
    _ value: String, key: String, _ range: ClosedRange<Int>
  ) -> ConfigurationError {
    let allowed =
      range.upperBound == .max
      ? "\(range.lowerBound) or more" : "\(range.lowerBound)...\(range.upperBound)"
    return .outOfRange(value.excerpt, key: key, allowed: allowed, at: place(of: key))
  }

  private func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }
}

extension StringProtocol {
  /// The text without spaces and tabs anywhere.
  var withoutSpaces: String {
    String(decoding: utf8.filter { !$0.isSpace }, as: UTF8.self)
  }
}
