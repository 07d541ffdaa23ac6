import Darknet
import Foundation
import Storage
import Training

extension RunFolder {
  /// The training in `runs` that was started last, of those that a name numbers.
  ///
  /// - Throws: ``RunError/nothingToResume(_:nearby:)`` where there is none.
  package static func newest(named name: String?) throws(RunError) -> String {
    let newest = trainings(in: "runs").first { path in
      let folder = fileName(of: path)
      // The training without a teacher belongs to the one with it.
      guard !folder.hasSuffix("-control"), !folder.hasSuffix("-control-time") else { return false }
      guard let name, folder != name else { return true }
      return folder.hasPrefix(name + "-") && Int(folder.dropFirst(name.count + 1)) != nil
    }
    guard let newest else { throw .nothingToResume(at: "runs/\(name ?? "train")") }
    return newest
  }

  /// The folders of trainings in a folder, the one that was worked on last first.
  fileprivate static func trainings(in folder: String) -> [String] {
    let manager = FileManager.default
    let names = (try? manager.contentsOfDirectory(atPath: folder)) ?? []
    func date(_ path: String) -> Date {
      let run = RunFolder(path: path)
      return [run.cfgPath, run.checkpointPath].compactMap {
        (try? manager.attributesOfItem(atPath: $0))?[.modificationDate] as? Date
      }.max() ?? .distantPast
    }
    return names.sorted().map { folder == "." ? $0 : "\(folder)/\($0)" }
      .filter { manager.fileExists(atPath: RunFolder(path: $0).requestPath) }
      .map { (path: $0, date: date($0)) }
      .sorted { $0.date > $1.date }.map(\.path)
  }
}

extension RunError {
  /// The most runs that are listed.
  private static let mostListed = 5

  /// A folder that holds no run, with the runs that are in it, beside it and in `runs`.
  static func nothingToResume(at path: String) -> RunError {
    var path = path
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    var seen: Set<String> = []
    let parent = path.contains("/") ? folderPath(of: path) : "."
    let runs = [path, parent, "runs"].flatMap(RunFolder.trainings).filter {
      seen.insert(resolvedPath($0)).inserted
    }
    let more = runs.count > mostListed ? ["…"] : []
    return .nothingToResume(path, nearby: runs.prefix(mostListed) + more)
  }
}
