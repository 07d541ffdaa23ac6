/// A command to type after a result, with the paths that belong to it.
package struct NextCommand: Hashable, Sendable, CustomStringConvertible {
  /// What stands after `pare`, one word an argument.
  package var words: [String]

  /// A command of so many words; empty ones are left out.
  package init(_ words: String...) { self.words = words.filter { !$0.isEmpty } }

  /// Options with a value, where there is one.
  package func with(_ option: String, _ value: String?) -> NextCommand {
    var command = self
    if let value { command.words += [option, value] }
    return command
  }

  /// The command as a shell takes it: words with spaces and the like are quoted.
  package var description: String { (["pare"] + words.map(Self.quoted)).joined(separator: " ") }

  /// The line that ends a command's output.
  package var line: String { "next: \(self)" }

  private static func quoted(_ word: String) -> String {
    let isPlain =
      !word.isEmpty
      && word.unicodeScalars.allSatisfy {
        $0.properties.isAlphabetic || ("0"..."9").contains($0)
          || "_@%+=:,./-".unicodeScalars.contains($0)
      }
    return isPlain ? word : "'" + word.replacing("'", with: "'\\''") + "'"
  }
}
