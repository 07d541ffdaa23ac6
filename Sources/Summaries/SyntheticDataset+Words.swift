import Datasets
import Terminal

extension SyntheticDataset {
  /// What will be drawn, said before it takes its time, and how to have less of it.
  package var announcement: String {
    let parts = [("train", train), ("valid", valid), ("test", test)].filter { $0.1 > 0 }
      .map { "\($0.0) \(grouped($0.1))" }
    return "drawing \(counted(train + valid + test, "picture")) of \(side)×\(side) "
      + "(\(parts.joined(separator: ", "))); --images, --validation, --test and --size ask for others"
  }
}
