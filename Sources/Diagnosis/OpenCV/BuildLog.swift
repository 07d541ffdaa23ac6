/// What a log of CMake, make, gcc or nvcc says of why a build failed.
package struct BuildLog: Hashable, Sendable {
  /// The first error of a log.
  package struct Failure: Hashable, Sendable {
    /// Its line, counted from 1.
    package var line: Int
    /// The line, or the message of CMake that it begins.
    package var text: String
    package var cause: String
    package var fix: String
    /// What to type.
    package var commands: [String]
    /// Whether the cause is known; else it is only the place.
    package var isKnown: Bool
  }

  package let lines: [String]

  package init(_ text: String) {
    lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      // What a terminal shows of a line that was written over, without colours.
      Self.withoutEscapes(line.split(separator: "\r").last.map(String.init) ?? "")
    }
  }

  /// The first error that is explained, or else the first error; `nil` where there is none.
  ///
  /// An error without an explanation may be the consequence of one that comes after it, since
  /// several programs write into one log. So the first explained one counts.
  package func failure(on facts: MachineFacts) -> Failure? {
    var first: Failure?
    for index in lines.indices where isError(lines[index]) {
      let text = message(at: index)
      if let cause = BuildCause.explaining(text, facts: facts) {
        return Failure(
          line: index + 1, text: text, cause: cause.cause, fix: cause.fix,
          commands: cause.commands, isKnown: true)
      }
      if first == nil, !isConsequence(text) {
        first = Failure(
          line: index + 1, text: text, cause: "the first error of the log",
          fix: "read the lines around it", commands: [], isKnown: false)
      }
    }
    return first
  }

  private func isError(_ line: String) -> Bool {
    let marks = [
      "CMake Error", "error:", "error :", "#error", "nvcc fatal", "ninja: fatal",
      "undefined reference to",
      "cannot find -l", "No space left on device", "Killed", "died due to signal",
      "virtual memory exhausted",
      "Cannot allocate memory", "No targets specified and no makefile found", "Permission denied",
      "cannot open shared object file", "relocation truncated to fit", "command not found", "*** [",
    ]
    return marks.contains { line.contains($0) } && !line.contains("Performing Test")
  }

  /// What make says when a program that it ran has failed.
  private func isConsequence(_ text: String) -> Bool {
    text.contains("*** [") || text.contains("Error generating")
  }

  /// A line, with the rest of its message where CMake writes it in indented paragraphs.
  private func message(at index: Int) -> String {
    guard lines[index].hasPrefix("CMake Error") else { return trimmed(lines[index]) }
    var words = [trimmed(lines[index])]
    for line in lines[(index + 1)...].prefix(12) {
      if line.hasPrefix("Call Stack") || line.hasPrefix("--") || line.hasPrefix("CMake ") { break }
      if line.isEmpty, words.count > 1, words.last == "" { break }
      words.append(trimmed(line))
    }
    return words.filter { !$0.isEmpty }.joined(separator: " ")
  }

  private static func withoutEscapes(_ line: String) -> String {
    guard line.contains("\u{1B}") else { return line }
    var result = ""
    var rest = line[...]
    while let start = rest.firstIndex(of: "\u{1B}") {
      result += rest[..<start]
      rest = rest[start...].dropFirst()
      // `ESC [ 0 1 ; 3 1 m`
      guard rest.first == "[" else { continue }
      rest = rest.drop { !("@"..."~").contains($0) || $0 == "[" }.dropFirst()
    }
    return result + rest
  }
}
