/// What a machine answered: outputs of commands, and texts of files as `cat` prints them.
///
/// All rules read a record and nothing else. So a machine can be written down on one computer and
/// judged on another, and tests play machines that nobody has at hand. As text, a record is what a
/// terminal shows:
///
///     # A line about the machine.
///     $ gcc --version
///     gcc (Debian 12.2.0-14) 12.2.0
///     $ cat /proc/loadavg
///     0.08 0.02 0.01 2/209 511
///     $ pkg-config --modversion opencv4
///     ? 1
///
/// `? 1` is the exit status where it was not 0. What could not be started is left out.
package struct MachineRecord: Hashable, Sendable {
  package struct Answer: Hashable, Sendable {
    package var status: Int
    package var text: String

    package init(status: Int, text: String) {
      self.status = status
      self.text = text
    }
  }

  /// Commands in the order in which they were asked.
  package private(set) var commands: [String] = []
  private var answers: [String: Answer] = [:]

  package init() {}

  package subscript(command: String) -> Answer? {
    get { answers[command] }
    set {
      if newValue == nil {
        commands.removeAll { $0 == command }
      } else if answers[command] == nil {
        commands.append(command)
      }
      answers[command] = newValue
    }
  }

  /// What a command printed that ended well; `nil` otherwise.
  package func output(_ command: String) -> String? {
    guard let answer = answers[command], answer.status == 0 else { return nil }
    return answer.text
  }

  /// The text of a file.
  package func file(_ path: String) -> String? { output("cat \(path)") }

  package mutating func setFile(_ path: String, _ text: String?) {
    self["cat \(path)"] = text.map { Answer(status: 0, text: $0) }
  }

  // MARK: - As text

  /// Reads a record; lines before the first command are remarks.
  package init(parsing text: String) {
    var command: String?
    var lines: [Substring] = []
    var status = 0
    func answer() -> Answer {
      Answer(status: status, text: lines.isEmpty ? "" : lines.joined(separator: "\n") + "\n")
    }
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("$ ") {
        if let command { self[command] = answer() }
        command = String(line.dropFirst(2))
        lines = []
        status = 0
      } else if line.hasPrefix("? "), let number = Int(line.dropFirst(2)) {
        status = number
      } else {
        lines.append(line)
      }
    }
    if lines.last == "" { lines.removeLast() }
    if let command { self[command] = answer() }
  }

  /// The record as text, with a remark in its first line.
  package func text(remark: String) -> String {
    var text = "# \(remark)\n"
    for command in commands {
      guard let answer = answers[command] else { continue }
      text += "$ \(command)\n"
      for line in answer.text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
        // What an answer itself begins with must not be taken for a mark.
        text += (line.hasPrefix("$ ") || line.hasPrefix("? ") ? " " : "") + line + "\n"
      }
      if let rest = answer.text.split(separator: "\n", omittingEmptySubsequences: false).last,
        !rest.isEmpty
      {
        text += rest + "\n"
      }
      if answer.status != 0 { text += "? \(answer.status)\n" }
    }
    return text
  }
}
