import Darknet
import Datasets
import Quantization
import Storage
import Terminal

/// What is odd about calibration pictures: how many there are, which are the same, which are in
/// other lists too, and whether they look like what the network was trained on.
public struct CalibrationAudit: Hashable, Sendable {
  /// Pictures that calibrate.
  public internal(set) var pictures: Int
  /// Paths of pictures whose file is equal to an earlier one's.
  public internal(set) var duplicates: [String] = []
  /// Paths of pictures whose file is in another list too, by list.
  public internal(set) var shared: [DatasetSplit: [String]] = [:]
  /// Layers that remember other pictures; empty where these are like those of the training.
  public internal(set) var disagreeing: [StatisticsAudit.Layer] = []
  /// Whether the network was pruned and not trained since: what it remembers is then of the network
  /// before.
  public internal(set) var isPrunedOnly = false
  /// Whether the network was trained on these pictures, so that what it remembers is of them, however
  /// different it is.
  public internal(set) var areTrained = false
  /// Whether the network is measured on the calibration pictures themselves.
  public internal(set) var areJudges = false
  /// Whether the network remembers anything.
  public internal(set) var canTell = false

  /// Compares files. Lists that the data does not name, or that cannot be read, are left out.
  init(_ calibration: DetectionDataset, _ data: DataFile) {
    pictures = calibration.pictures.count
    var seen: [FileContents: String] = [:]
    for picture in calibration.pictures {
      guard let contents = FileContents(ofPicture: picture.path) else { continue }
      guard seen[contents] == nil else {
        duplicates.append(picture.path)
        continue
      }
      seen[contents] = picture.path
    }
    for split in [DatasetSplit.valid, .test] {
      guard let list = data.list(split),
        let other = try? DetectionDataset(list: list, names: [], allowsNoLabels: true)
      else { continue }
      let found = other.pictures.compactMap { picture in
        FileContents(ofPicture: picture.path).flatMap { seen[$0] }
      }
      if !found.isEmpty { shared[split] = found }
    }
  }

  /// Refuses pictures that judge the network too.
  ///
  /// - Throws: ``RunError/unusable(_:reason:)``.
  func requireOwn(_ data: String) throws(RunError) {
    guard let leak = leaks.first else { return }
    throw .unusable(
      data,
      reason: "\(leak): what calibrates cannot judge; 'dataset split' divides them, '--force' "
        + "takes them")
  }

  /// That calibration pictures are in other lists too, a line for each list.
  private var leaks: [String] {
    [DatasetSplit.valid, .test].compactMap { split in
      guard let found = shared[split], let first = found.first else { return nil }
      let verb = found.count == 1 ? "is" : "are"
      return "\(counted(found.count, "picture")) of 'train' \(verb) also in '\(split.rawValue)', "
        + "such as \(first)"
    }
  }

  /// What a reader should know of pictures that will do, a line each.
  public var remarks: [String] {
    guard !disagreeing.isEmpty, areTrained, !isPrunedOnly else { return [] }
    return [
      "the calibration pictures are those of the training, and still \(disagreement) with them: a short "
        + "training leaves averages that lag behind, and mosaics and changed colours are not the pictures "
        + "as they are; ranges are those of the pictures, so nothing is to be done"
    ]
  }

  /// That layers remember other pictures, and which they are.
  private var disagreement: String {
    let named = disagreeing.sorted { $0.divergence > $1.divergence }.prefix(5)
      .map { "\($0.index)" }.joined(separator: ", ")
    return "statistics of \(counted(disagreeing.count, "layer")) disagree, most in "
      + "\(disagreeing.count == 1 ? "layer" : "layers") \(named)"
  }

  /// What a reader should mend or mind, a line each.
  public var warnings: [String] {
    var lines: [String] = []
    if pictures == 1 {
      lines.append("one picture calibrates: ranges of activations are those of that picture")
    }
    lines += leaks.map { "\($0): what calibrates cannot judge, so mAP of that list says too much" }
    if areJudges {
      lines.append("these pictures calibrate and judge: mAP of others can be lower")
    }
    if !duplicates.isEmpty {
      let (count, first) = (duplicates.count, duplicates[0])
      lines.append(
        "\(counted(count, "calibration picture")) \(count == 1 ? "repeats" : "repeat") another, "
          + "such as \(first)")
    }
    if !disagreeing.isEmpty, !areTrained || isPrunedOnly {
      lines.append(
        isPrunedOnly
          ? "the network was pruned and not trained since, so what it remembers of its pictures does "
            + "not hold any more: \(disagreement); train it before it is quantized"
          : "the calibration pictures do not look like those that the network was trained on: "
            + "\(disagreement); ranges will not fit the pictures that it is for")
    }
    return lines
  }
}
