import Darknet

/// Label files of one picture in both places where they may lie.
enum LabelConflict {
  /// The label file that is not read although it says something else than the one that is; nil when
  /// there is but one, or both are the same.
  static func other(ofPicture picture: String) -> String? {
    let paths = DataFile.labelPaths(forPicture: picture).map(\.path).filter {
      fileKind($0) == .file
    }
    guard paths.count > 1, labels(paths[0]) != labels(paths[1]) else { return nil }
    return paths[1]
  }

  /// What a file says, whatever its line ends and spaces; nil when it cannot be read.
  private static func labels(_ path: String) -> [[String]]? {
    guard let bytes = try? readFile(path, limit: 16 << 20) else { return nil }
    return TextLines(bytes).filter { !$0.content.isEmpty }.map { $0.content.tokens.map(\.text) }
  }
}
