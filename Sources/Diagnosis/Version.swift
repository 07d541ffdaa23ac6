/// A version as programs print it: whole numbers between dots. `12.0` and `12` are equal, and each
/// is printed as it was read.
package struct Version: Hashable, Comparable, Sendable, CustomStringConvertible {
  package let parts: [Int]
  package let description: String

  package init(_ parts: Int...) {
    self.parts = parts
    description = parts.map(String.init).joined(separator: ".")
  }

  /// Reads the numbers that a text begins with: `11.4.0` of `11.4.0-1ubuntu1`; `nil` where it
  /// begins with none.
  package init?(_ text: some StringProtocol) {
    var parts: [Int] = []
    var words: [String] = []
    for part in text.split(separator: ".", omittingEmptySubsequences: false) {
      let digits = part.prefix { ("0"..."9").contains($0) }
      guard let number = Int(digits) else { break }
      parts.append(number)
      words.append(String(digits))
      if digits.endIndex != part.endIndex { break }
    }
    if parts.isEmpty { return nil }
    self.parts = parts
    description = words.joined(separator: ".")
  }

  /// The version that follows a mark for the first time; `nil` without one.
  package static func following(_ mark: String, in text: some StringProtocol) -> Version? {
    let text = String(text)
    guard let range = text.firstRange(of: mark) else { return nil }
    return Version(text[range.upperBound...].drop { $0 == " " || $0 == "\t" })
  }

  package var major: Int { parts[0] }
  package var minor: Int { parts.count > 1 ? parts[1] : 0 }
  /// Major and minor number alone.
  package var short: Version { Version(major, minor) }

  private var significant: ArraySlice<Int> {
    parts[..<((parts.lastIndex { $0 != 0 } ?? -1) + 1)]
  }

  package static func == (a: Version, b: Version) -> Bool { a.significant == b.significant }
  package static func < (a: Version, b: Version) -> Bool {
    a.significant.lexicographicallyPrecedes(b.significant)
  }
  package func hash(into hasher: inout Hasher) { hasher.combine(Array(significant)) }
}
