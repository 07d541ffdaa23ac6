import Darknet
import Datasets

/// What is said where a run's data set is taken because `--data` is left out.
extension RunDataset {
  /// That it is taken.
  package static func note(_ data: String, of folder: String) -> String {
    "--data \(data): the data set of \(folder)"
  }

  /// Why none can be taken; nil where one can.
  package func problem(of folder: String) -> String? {
    switch self {
    case .unknown: "\(folder) does not say which data set it was trained on"
    case .gone(let path): "the data set of \(folder) is not at \(path) any more"
    case .known: nil
    }
  }

  /// As ``problem(of:)``, or that its `.data` file names no such list.
  package func problem(of folder: String, without split: DatasetSplit) -> String? {
    if case .known(let data, _) = self, let file = try? DataFile(contentsOf: data),
      file.list(split) == nil
    {
      return "the data set of \(folder), \(data), names no '\(split.rawValue)' list"
    }
    return problem(of: folder)
  }
}

extension RunDatasets {
  /// Why the one that is known cannot be taken for all; nil where it can, or where there is no run.
  package func problem(without split: DatasetSplit) -> String? {
    if found.count > 1 {
      let all = found.map { "\($0.data) of \($0.folder)" }.joined(separator: ", ")
      return "the runs know different data sets: \(all)"
    }
    let record = records.first { $0.folder == found.first?.folder } ?? records.first
    return record.flatMap { $0.known.problem(of: $0.folder, without: split) }
  }
}
