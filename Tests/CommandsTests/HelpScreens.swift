import Foundation

/// The help screen of every command at 80 columns, by the words that name it: the files of
/// `Resources/Help`.
///
/// With `PARE_RECORD=1` the tests write these files anew; what changed is then seen in the
/// difference.
enum HelpScreens {
  /// Whether screens are written, not compared.
  static let isRecording = ProcessInfo.processInfo.environment["PARE_RECORD"] == "1"

  /// All screens, by command; that of `pare` itself has no words.
  static let all: [String: String] = {
    let folder = Bundle.module.bundlePath + "/Resources/Help"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.reduce(into: [:]) { screens, name in
      let words = name.split(separator: ".").dropFirst().dropLast()
      // A file ends with a line break, a screen does not.
      screens[words.joined(separator: " ")] =
        (try? String(
          contentsOfFile: folder + "/" + name, encoding: .utf8))?.dropLast().description
    }
  }()

  /// Writes a screen into the sources.
  static func record(_ screen: String, of command: String) throws {
    let name = (["pare"] + command.split(separator: " ")).joined(separator: ".") + ".txt"
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
    try Data((screen + "\n").utf8).write(to: folder.appending(path: "Resources/Help/" + name))
  }
}
