extension String {
  /// Columns of a terminal that the text takes: two for East Asian wide characters and emoji, none
  /// for what joins its neighbour, and none for control characters.
  package var displayWidth: Int { reduce(0) { $0 + $1.displayWidth } }

  /// The text cut to `width` columns, "…" at its end when something was cut.
  package func truncated(toWidth width: Int) -> String {
    guard displayWidth > width else { return self }
    guard width > 0 else { return "" }
    var (result, used) = ("", 0)
    for character in self {
      guard used + character.displayWidth <= width - 1 else { break }
      result.append(character)
      used += character.displayWidth
    }
    return result + "…"
  }

  /// The text cut to `width` columns with "…" for what its middle had, so that of a path the file
  /// stays; a third of what is left is from its start.
  package func shortened(toWidth width: Int) -> String {
    guard displayWidth > width else { return self }
    guard width > 2 else { return truncated(toWidth: width) }
    let start = truncated(toWidth: (width - 1) / 3 + 1)
    var (end, used) = ("", start.displayWidth)
    for character in reversed() {
      guard used + character.displayWidth <= width else { break }
      end = String(character) + end
      used += character.displayWidth
    }
    return start + end
  }

  /// The text with spaces up to `width` columns.
  package func padded(toWidth width: Int, isRight: Bool = false) -> String {
    let spaces = String(repeating: " ", count: max(width - displayWidth, 0))
    return isRight ? spaces + self : self + spaces
  }
}

extension Character {
  fileprivate var displayWidth: Int {
    guard let scalar = unicodeScalars.first else { return 0 }
    if isASCII { return scalar.value < 32 || scalar.value == 127 ? 0 : 1 }
    switch scalar.properties.generalCategory {
    case .control, .format, .nonspacingMark, .enclosingMark: return 0
    default: break
    }
    if scalar.properties.isEmojiPresentation { return 2 }
    return wideRanges.contains { $0.contains(scalar.value) } ? 2 : 1
  }
}

/// The blocks of Unicode's EastAsianWidth.txt that are wide or fullwidth as a whole.
private let wideRanges: [ClosedRange<UInt32>] = [
  0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF,
  0xA000...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
  0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1B000...0x1B2FF, 0x20000...0x3FFFD,
]
