import Foundation
import Testing

/// What holds for every script of the repository.
@Suite struct ScriptTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// Every shell script, by its first line, and the Makefile: path and text.
  private static func scripts() throws -> [(path: String, text: String)] {
    let manager = FileManager.default
    var found: [(path: String, text: String)] = []
    for folder in ["Scripts", ".ci", "Tests", "Fuzz", "Benchmarks"] {
      let files = manager.enumerator(
        at: root.appending(path: folder), includingPropertiesForKeys: nil)
      while let file = files?.nextObject() as? URL {
        if file.lastPathComponent == ".build" { files?.skipDescendants() }
        guard file.pathExtension.isEmpty || file.pathExtension == "sh",
          let text = try? String(contentsOf: file, encoding: .utf8),
          text.prefix(while: { $0 != "\n" }).contains(/^#!.*\b(ba|da|z)?sh\b/)
        else { continue }
        found.append((file.path, text))
      }
    }
    let makefile = root.appending(path: "Makefile")
    found.append((makefile.path, try String(contentsOf: makefile, encoding: .utf8)))
    return found
  }

  /// Commands after a pipe that may stop reading before the end of what they are given. The
  /// program before them then ends with SIGPIPE, and under `pipefail` so does the script: in some
  /// runs, when it is not done by then.
  private static func hastyReaders(in text: String) -> [String] {
    let joined = text.split(separator: "\n").filter { !$0.contains(/^\s*#/) }
      .joined(separator: "\n").replacing(/\\\n|\|\s*\n/) { $0.output.hasPrefix("|") ? "| " : " " }
    let reader =
      /[^|]\|&?\s*(head\b|(e|f|z)?grep\b[^|;)]*\s(-\w*[qmlL]|--quiet|--silent|--max-count)|sed\b[^|]*[0-9$\/;{'"\s][qQ]\b|[gm]?awk\b[^|]*\bexit\b|read\b|cmp\b|diff\b[^|;)]*-\w*q|true\b|:)[^|\n]*/
    return joined.matches(of: reader).map { String($0.output.0.dropFirst()) }
  }

  @Test(arguments: [
    "ls | head -12 > some.txt", "printf '%s' \"$x\" | grep -q a", "a | grep -Fqx b || c",
    "ls |\n  head", "ls | \\\n  head -n 1", "ls | sort | sed 3q", "ls | sed -n '/a/{p;q}'",
    "ls | awk '{ print; exit }'", "ls | grep -m1 a", "ls | read -r first", "a |& head",
    "ls | xargs cat | grep --quiet a",
  ])
  func `a reader that stops early is seen`(text: String) {
    #expect(Self.hastyReaders(in: text).count == 1, "\(text)")
  }

  @Test(arguments: [
    "a || head -1 b", "head -3 file | sort", "ls | grep -c .", "ls | grep -v '/dense$'",
    "ls | sed 's#/fold-0/#-#; s#/tuned##'", "ls | while read -r x; do echo; done", "# ls | head",
    "a | awk '$1 == \"NEEDED\" { print $2 }'", "sed -n '2,10p' \"$0\"", "ls | tail -1",
    "case $1 in -q | --quiet) ;; esac",
  ])
  func `other commands pass`(text: String) {
    #expect(Self.hastyReaders(in: text).isEmpty, "\(text)")
  }

  @Test func `no script pipes into a program that stops reading`() throws {
    let scripts = try Self.scripts()
    #expect(scripts.count >= 8)
    for script in scripts {
      #expect(Self.hastyReaders(in: script.text).isEmpty, "\(script.path)")
    }
  }
}
