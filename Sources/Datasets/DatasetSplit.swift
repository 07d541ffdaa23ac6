import Darknet

/// The three lists of a data set: the weights are fitted to `train`, checkpoints and settings are
/// chosen on `valid`, the final figures come from `test`, which training never reads.
public typealias DatasetSplit = DataFile.Split

extension DatasetSplit {
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
