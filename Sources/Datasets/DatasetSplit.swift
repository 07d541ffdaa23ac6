/// The three lists of a data set.
public enum DatasetSplit: String, CaseIterable, Hashable, Sendable {
  /// What the weights are fitted to.
  case train
  /// What checkpoints and settings are chosen on.
  case valid
  /// What the final figures come from; training never reads it.
  case test

  /// The key in a `.data` file.
  public var key: String { rawValue }

  /// The list's file name beside a `.data` file.
  public var listName: String { self == .valid ? "val.txt" : rawValue + ".txt" }

  /// The split that an image set or folder of this name stands for: `val`, `validation`, `dev` …
  init?(folderName: String) {
    switch folderName.lowercased() {
    case "train", "training", "trainval": self = .train
    case "val", "valid", "validation", "dev": self = .valid
    case "test", "testing": self = .test
    default: return nil
    }
  }
}
