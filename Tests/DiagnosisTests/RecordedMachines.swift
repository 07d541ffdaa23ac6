import Diagnosis
import Foundation

/// Machines that are written down in `Resources/Machines`: what their commands print, and above it,
/// as remarks, what is to be found. The expected lines are worked out by hand from the remark in the
/// first line and the tables of NVIDIA's documents.
struct RecordedMachine: CustomStringConvertible, Sendable {
  var name: String
  var text: String

  var description: String { name }
  var record: MachineRecord { MachineRecord(parsing: text) }

  /// All of them, by name.
  static let all: [RecordedMachine] = files(in: "Machines").map {
    RecordedMachine(name: $0.name, text: $0.text)
  }

  static func named(_ name: String) -> RecordedMachine? { all.first { $0.name == name } }

  /// The remarks after the first line.
  var expected: [String] {
    text.split(separator: "\n").prefix { $0.hasPrefix("#") }.dropFirst().map {
      String($0.dropFirst(2))
    }
  }
}

/// Text files of a folder of the resources, without their endings, by name.
func files(in folder: String) -> [(name: String, text: String)] {
  let folder = Bundle.module.bundleURL.appending(path: "Resources/\(folder)")
  let urls =
    (try? FileManager.default.contentsOfDirectory(
      at: folder, includingPropertiesForKeys: nil)) ?? []
  return urls.filter { $0.pathExtension == "txt" }.sorted { $0.path < $1.path }.map {
    (
      $0.deletingPathExtension().lastPathComponent,
      (try? String(contentsOf: $0, encoding: .utf8)) ?? ""
    )
  }
}
