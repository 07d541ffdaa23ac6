import ArgumentParsing
import Darknet

/// A data set that is plain to see from where a command is typed.
struct FoundData {
  /// The `.data` file.
  let path: String
  /// What it says.
  let file: DataFile
  /// Whether a run here was trained on it.
  let isOfRun: Bool

  /// Whether the best epoch is chosen on pictures that are not trained on.
  var isDivided: Bool { file.valid != nil && file.valid != file.train }

  /// Of a folder with more in it than this, data sets may be missed.
  private static let most = 200

  /// The data sets of the runs here, and those in a folder and in the ones below it, by name: those of
  /// runs first, and of like ones those that are divided.
  static func all(near folder: String) -> [FoundData] {
    let ofRuns = paths(in: "runs").prefix(most).compactMap { RunRequest(of: $0)?.data }
      .filter(fileExists)
    let own = paths(in: folder)
    let below = own.prefix(most).flatMap(paths)
    let named = (own + below).filter { $0.hasSuffix(".data") }.prefix(most)
    let known = Set(ofRuns.map { absolutePath($0) })
    var seen: Set<String> = []
    let found = (named + ofRuns).compactMap { path -> FoundData? in
      guard seen.insert(absolutePath(path)).inserted, let file = try? DataFile(contentsOf: path)
      else { return nil }
      return FoundData(path: path, file: file, isOfRun: known.contains(absolutePath(path)))
    }
    let isFirst = [(true, true), (true, false), (false, true), (false, false)]
    return isFirst.flatMap { rank in found.filter { ($0.isOfRun, $0.isDivided) == rank } }
  }

  /// The one that is meant for a cfg: the only one of the best kind of which there is only one. One of its
  /// name is better than others of its kind, and one that is not divided is none beside some that are.
  static func choice(_ found: [FoundData], for cfg: String) -> FoundData? {
    let isNamed = { (data: FoundData) in stem(data.path) == stem(cfg) }
    let hasDivided = found.contains(where: \.isDivided)
    let kinds: [(FoundData) -> Bool] = [
      { $0.isOfRun && $0.isDivided }, { $0.isOfRun }, { $0.isDivided && isNamed($0) },
      { $0.isDivided }, { !hasDivided && isNamed($0) }, { _ in !hasDivided },
    ]
    return kinds.lazy.map { isOfKind in found.filter { isOfKind($0) } }
      .first { $0.count == 1 }?.first
  }

  private static func stem(_ path: String) -> Substring {
    let name = fileName(of: path)
    return name.lastIndex(of: ".").map { name[..<$0] } ?? name[...]
  }

  private static func paths(in folder: String) -> [String] {
    (MissingFile.contents(of: folder) ?? []).map { name in
      folder.isEmpty || folder == "." ? name : folder == "/" ? "/\(name)" : "\(folder)/\(name)"
    }
  }
}

/// What a run was asked for, as far as the next command goes by it: the front reads no JSON of others, and
/// this is Pare's own, a key a line.
package struct RunRequest {
  /// The `.data` file, from here.
  package let data: String
  /// The cfg, absolute.
  package let cfg: String

  /// Nil where the folder holds no training.
  package init?(of run: String) {
    guard
      let bytes = try? readFile("\(run)/request.json", limit: 1 << 20),
      case let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n"),
      let data = Self.text("data", in: lines), let cfg = Self.text("cfg", in: lines)
    else { return nil }
    let here = absolutePath(".") + "/"
    self.data = data.hasPrefix(here) ? String(data.dropFirst(here.count)) : data
    self.cfg = cfg
  }

  /// Whether a run here was trained from a cfg.
  package static func isThere(for cfg: String) -> Bool {
    (MissingFile.contents(of: "runs") ?? []).contains {
      RunRequest(of: "runs/\($0)").map { absolutePath($0.cfg) } == absolutePath(cfg)
    }
  }

  /// The text of a key of the object itself; nil of one that is not written as it is read.
  private static func text(_ key: String, in lines: [Substring]) -> String? {
    let start = "  \"\(key)\" : \""
    guard let line = lines.first(where: { $0.hasPrefix(start) }) else { return nil }
    let value = line.dropFirst(start.count)
    guard let end = value.lastIndex(of: "\""), !value.contains("\\") else { return nil }
    return String(value[..<end])
  }
}
