/// Breaks lines at spaces so that none is longer than `width` columns where words allow it;
/// indented lines, such as those of a table, stay as they are.
package func wrap(_ text: String, to width: Int) -> String {
  text.split(separator: "\n", omittingEmptySubsequences: false)
    .map { line in
      guard line.first != " " else { return String(line) }
      return wrap(words: line.split(separator: " ").map(String.init), to: width)
    }
    .joined(separator: "\n")
}

/// Fills lines with words, which stay whole; a number stays beside its `%`, and a quoted command, such
/// as `'pare train --resume'`, is one word: with a line break in it it could not be typed.
///
/// - Parameter hanging: how far to indent every line but the first.
package func wrap(words: [String], to width: Int, hanging: Int = 0) -> String {
  var lines: [String] = []
  var line = ""
  var used = 0
  for word in words.withPercents.withCommands {
    let size = word.displayWidth
    if line.isEmpty {
      (line, used) = (word, size)
    } else if used + 1 + size <= width {
      line += " " + word
      used += 1 + size
    } else {
      lines.append(line)
      line = String(repeating: " ", count: hanging) + word
      used = hanging + size
    }
  }
  return (lines + [line]).joined(separator: "\n")
}

/// One line of prose, broken at words for a terminal of `columns`, with its own indentation and two
/// columns more for the lines that follow. What has columns of its own, two spaces or more between
/// words, is broken between these.
package func wrappedLine(_ line: String, to columns: Int) -> String {
  guard line.displayWidth > columns else { return line }
  let indentation = line.prefix { $0 == " " }.count
  let body = String(line.dropFirst(indentation))
  let hanging = min(indentation + 2, columns / 2)
  var words: [String] = []
  var word = ""
  // Spaces beyond the first stay with the word before them, so that gaps keep their size.
  for character in body {
    if character == " ", !word.isEmpty, word.last != " " {
      words.append(word)
      word = ""
    } else if character == " " {
      if let last = words.popLast() { words.append(last + " ") }
    } else {
      word.append(character)
    }
  }
  if !word.isEmpty { words.append(word) }
  guard !words.isEmpty else { return line }
  words[0] = String(repeating: " ", count: indentation) + words[0]
  return wrap(words: words, to: columns, hanging: hanging)
    .split(separator: "\n", omittingEmptySubsequences: false)
    .map { $0.withoutTrailingSpaces }.joined(separator: "\n")
}

/// A piece of a line, such as a name and its figure.
package struct LinePart: Hashable, Sendable {
  /// The words, which stay together.
  package var text: String
  /// What is left out first has the greatest rank; 0 is never left out.
  package var rank: Int

  /// A part that is left out by its rank, never unless given.
  package init(_ text: String, rank: Int = 0) { (self.text, self.rank) = (text, rank) }
}

/// The parts in one line, two columns apart; where it is wider than `columns` without the least
/// important of them.
package func fittedLine(_ parts: [LinePart], to columns: Int) -> String {
  var parts = parts
  while true {
    let line = parts.map(\.text).joined(separator: "  ")
    guard line.displayWidth > columns, let rank = parts.map(\.rank).max(), rank > 0 else {
      return line
    }
    // Of equals the last one goes first.
    if let index = parts.lastIndex(where: { $0.rank == rank }) { parts.remove(at: index) }
  }
}

extension [String] {
  /// The words, those that a `%` follows with it.
  fileprivate var withPercents: [String] {
    reduce(into: []) { words, word in
      if word.hasPrefix("%"), let last = words.popLast() {
        words.append(last + " " + word)
      } else {
        words.append(word)
      }
    }
  }

  /// The words, those of a command in quotes as one.
  fileprivate var withCommands: [String] {
    var words: [String] = []
    var command: [String] = []
    var quote: Character?
    for word in self {
      if let open = quote {
        command.append(word)
        guard word.contains(open) else { continue }
        words.append(command.joined(separator: " "))
        (command, quote) = ([], nil)
      } else if let first = word.drop(while: { $0 == "(" }).first, ["'", "\""].contains(first),
        word.drop(while: { $0 == "(" }).dropFirst() == "pare"
      {
        (command, quote) = ([word], first)
      } else {
        words.append(word)
      }
    }
    return words + command
  }
}

extension Substring {
  fileprivate var withoutTrailingSpaces: String {
    var line = self
    while line.last == " " { line.removeLast() }
    return String(line)
  }
}

/// "1 picture", "3,000 pictures"; `plural` where adding an s is wrong.
package func counted(_ count: Int, _ noun: String, _ plural: String? = nil) -> String {
  count == 1 ? "1 \(noun)" : "\(grouped(count)) \(plural ?? noun + "s")"
}

/// A whole number with commas between thousands.
package func grouped(_ value: Int) -> String {
  var digits = String(value.magnitude)
  var groups: [String] = []
  while digits.count > 3 {
    groups.insert(String(digits.suffix(3)), at: 0)
    digits.removeLast(3)
  }
  return (value < 0 ? "-" : "") + ([digits] + groups).joined(separator: ",")
}

/// A command line that a shell takes apart into these words again.
package func shellCommand(_ words: [String]) -> String {
  words.map { word in
    let plain = word.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "."),
        UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: ":"), UInt8(ascii: ","),
        UInt8(ascii: "="), UInt8(ascii: "%"), UInt8(ascii: "+"), UInt8(ascii: "@"), 0x80...0xFF:
        true
      default: false
      }
    }
    guard !plain || word.isEmpty else { return word }
    return "'"
      + word.split(separator: "'", omittingEmptySubsequences: false)
      .joined(separator: "'\\''") + "'"
  }.joined(separator: " ")
}

/// A command within a sentence, in quotes: those that none of its words has, so that what stands between
/// them can be typed as it is.
package func quotedCommand(_ words: [String]) -> String {
  let command = shellCommand(words)
  let quote = command.contains("'") ? "\"" : "'"
  return quote + command + quote
}
