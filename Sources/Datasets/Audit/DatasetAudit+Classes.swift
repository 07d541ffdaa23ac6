import Darknet
import Terminal

/// What keeps a network from being trained, or from learning or being judged by a class.
extension DatasetAudit {
  /// Classes with fewer boxes than this share of the most frequent one's are told of.
  private static let imbalance = 0.1

  /// What the lists say of that.
  func trainingFindings(_ data: DataFile) -> [AuditFinding] {
    guard let train = dataset(.train) else {
      return [
        AuditFinding(
          .noTraining, data.path, "names no 'train' list, so nothing can be learned from it")
      ]
    }
    guard train.labelCount > 0 else {
      return [
        AuditFinding(
          .unlabelled, data.train ?? data.path,
          "not one box is labelled in the training pictures, so nothing can be learned")
      ]
    }
    var findings: [AuditFinding] = []
    if let valid = dataset(.valid), valid.labelCount == 0 {
      findings.append(
        AuditFinding(
          .label, data.valid ?? data.path,
          "not one box is labelled in the validation pictures, so no epoch can be judged"))
    }
    let (known, other) = (train.classCounts, splits.map(\.dataset.classCounts))
    for (index, name) in names.enumerated() where known[index] == 0 {
      let count = other.reduce(0) { $0 + $1[index] }
      guard count > 0 else { continue }
      findings.append(
        AuditFinding(
          .imbalance, data.path,
          "class '\(name)' has no box in train, where it would be learned, and \(count) elsewhere"))
    }
    findings += train.scarceClasses.map { index, boxes in
      AuditFinding(
        .fewBoxes, data.path,
        "class '\(names[index])' has \(counted(boxes, "box", "boxes")) in train, and needs "
          + "\(DetectionDataset.fewestBoxes) or more to be learned")
    }
    for split in [DatasetSplit.valid, .test] {
      guard let judged = dataset(split), judged.labelCount > 0 else { continue }
      findings += judged.unjudgedClasses(of: train).map { index in
        AuditFinding(
          .imbalance, data.path,
          "class '\(names[index])' has no box in \(split.rawValue), so its AP is not measured there, "
            + "and \(known[index]) in train")
      }
    }
    return findings
  }

  private func dataset(_ split: DatasetSplit) -> DetectionDataset? {
    splits.first { $0.split == split }?.dataset
  }

  /// Classes with few boxes beside the most frequent one, unless they are told of as too few to be
  /// learned.
  func imbalances(_ counts: [Int], in path: String) -> [AuditFinding] {
    guard let most = counts.indices.max(by: { counts[$0] < counts[$1] }), counts.count > 1 else {
      return []
    }
    let told = Set(dataset(.train)?.scarceClasses.map(\.index) ?? [])
    return counts.indices.filter {
      Double(counts[$0]) < Self.imbalance * Double(counts[most]) && !told.contains($0)
    }
    .map { index in
      let found = ["no box", "1 box"].dropFirst(counts[index]).first ?? "\(counts[index]) boxes"
      return AuditFinding(
        .imbalance, path,
        "class '\(names[index])' has \(found), '\(names[most])' has \(counts[most])")
    }
  }
}
