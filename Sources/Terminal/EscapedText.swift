extension StringProtocol {
  /// The text as it may be shown or stored: control characters (C1 included), line and paragraph
  /// separators and marks that turn the direction of text as `\x1B` or `\u{202E}`, all else as it
  /// is.
  ///
  /// A terminal obeys such characters, and a line of a list or of a file of names ends at some.
  package var escaped: String {
    guard unicodeScalars.contains(where: \.isControl) else { return String(self) }
    return unicodeScalars.reduce(into: "") { text, scalar in
      if scalar.isControl {
        text += scalar.escape
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
  }
}

extension String {
  /// As ``escaped``, for text of several lines: line breaks stay.
  package var escapedLines: String {
    guard unicodeScalars.contains(where: { $0.isControl && $0 != "\n" }) else { return self }
    // By scalars: a carriage return and a line feed are one character.
    return unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
      .map { String($0).escaped }.joined(separator: "\n")
  }
}

extension String {
  /// The text for a message: at most 60 characters, control characters escaped.
  package var excerpt: String { printable(upTo: 60) }

  /// A path for a message: control characters escaped, since it may come from a user's file.
  package var printablePath: String { printable(upTo: 1000) }

  private func printable(upTo limit: Int) -> String {
    // Nearly all are short and plain.
    if utf8.count <= limit, utf8.allSatisfy({ 0x20...0x7E ~= $0 }) { return self }
    let shown = String(String.UnicodeScalarView(unicodeScalars.prefix(limit))).escaped
    return shown + (unicodeScalars.count > limit ? "…" : "")
  }
}

extension String {
  /// In quotes, with JSON's escapes; YAML reads it too.
  package var quotedAsJSON: String {
    var text = "\""
    for scalar in unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case _ where scalar.isControl:
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text + "\""
  }
}

extension Unicode.Scalar {
  /// Whether a terminal or a reader of lines would take it for more than a sign.
  package var isControl: Bool {
    switch value {
    case 0..<0x20, 0x7F..<0xA0: true
    // Line and paragraph separator; embeddings, overrides and isolates of direction.
    case 0x2028...0x2029, 0x202A...0x202E, 0x2066...0x2069: true
    default: false
    }
  }

  /// As it is shown: `\x1B`, or `\u{202E}` beyond two digits.
  fileprivate var escape: String {
    let digits = String(value, radix: 16, uppercase: true)
    return value < 0x100
      ? "\\x" + (digits.count < 2 ? "0" : "") + digits : "\\u{\(digits)}"
  }
}

/// Text as it may stand inside of elements and quoted attributes.
package func escapedForXML(_ text: String) -> String {
  var result = ""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "&": result += "&amp;"
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "\"": result += "&quot;"
    // XML 1.0 knows no other control characters.
    case "\n", "\t": result.unicodeScalars.append(scalar)
    default: result.unicodeScalars.append(scalar.value < 32 ? " " : scalar)
    }
  }
  return result
}
