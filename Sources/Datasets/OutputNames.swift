import Darknet

/// Names, without extension, for what is written about each of many pictures or videos: no two are
/// alike, whatever the sources are called.
///
/// - A source gets its own name without the extension: `a` for `x/a.jpg`.
/// - Where sources differ in the extension alone they keep it: `a.jpg` and `a.png`.
/// - Where they have one name in several folders, they get numbers: `a`, `a-2`, `a-3`.
///
/// Letters that differ in case alone count as alike, since some file systems take them for that.
/// The cost is the same for each source, however many there are.
public struct OutputNames: Sendable {
  /// In the order of the sources.
  public let names: [String]

  /// Longest name in bytes; leaves room for extensions within the 255 that file systems allow.
  private static let limit = 200

  /// Names for the files of these paths.
  public init(_ paths: [String]) {
    let files = paths.map { Self.plain(fileName(of: $0)) }
    let stems = paths.map { Self.plain(fileStem($0)) }
    func counts(_ keys: [String]) -> [String: Int] {
      keys.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    }
    let (fileKeys, stemKeys) = (files.map { $0.lowercased() }, stems.map { $0.lowercased() })
    let (fileCounts, stemCounts) = (counts(fileKeys), counts(stemKeys))

    // Those whose stem is theirs alone come first, so that no number takes it away.
    var taken = Set(stemKeys.filter { stemCounts[$0] == 1 })
    var next: [String: Int] = [:]
    var names = stems
    for index in paths.indices where stemCounts[stemKeys[index]] != 1 {
      let (stem, key) = (stems[index], stemKeys[index])
      if fileCounts[fileKeys[index]] == 1, taken.insert(fileKeys[index]).inserted {
        names[index] = files[index]
      } else if !taken.insert(key).inserted {
        var number = next[key] ?? 2
        while !taken.insert("\(key)-\(number)").inserted { number += 1 }
        names[index] = "\(stem)-\(number)"
        next[key] = number + 1
      }
    }
    self.names = names
  }

  /// A name that a file may have: not empty, not a folder's dots, not too long, without characters
  /// that end lines or move cursors.
  private static func plain(_ name: String) -> String {
    var name = String(name.escaped.map { $0 == "/" ? "_" : $0 })
    while name.utf8.count > limit { name.removeLast() }
    return ["", ".", ".."].contains(name) ? "picture" : name
  }
}
