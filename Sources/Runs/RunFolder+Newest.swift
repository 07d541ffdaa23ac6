import Foundation
import Training

extension RunFolder {
  /// The training in `runs` that was started last, of those that a name numbers.
  ///
  /// - Throws: ``RunError/nothingToResume(_:)`` where there is none.
  package static func newest(named name: String?) throws(RunError) -> String {
    let manager = FileManager.default
    let runs = ((try? manager.contentsOfDirectory(atPath: "runs")) ?? []).filter { folder in
      let run = RunFolder(path: "runs/\(folder)")
      guard manager.fileExists(atPath: run.requestPath) else { return false }
      // The training without a teacher belongs to the one with it.
      guard !folder.hasSuffix("-control"), !folder.hasSuffix("-control-time") else { return false }
      guard let name, folder != name else { return true }
      return folder.hasPrefix(name + "-") && Int(folder.dropFirst(name.count + 1)) != nil
    }
    func date(_ folder: String) -> Date {
      let path = RunFolder(path: "runs/\(folder)").cfgPath
      let attributes = try? manager.attributesOfItem(atPath: path)
      return attributes?[.modificationDate] as? Date ?? .distantPast
    }
    guard let newest = runs.max(by: { date($0) < date($1) }) else {
      throw .nothingToResume("runs/\(name ?? "train")")
    }
    return "runs/\(newest)"
  }
}
