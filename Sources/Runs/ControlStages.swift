import Darknet
import Terminal
import Training

/// How a training without teachers comes to as many epochs as the one with them: one that is there
/// already goes on, longer step by step as that one did, so that the learning rates of both are alike.
struct ControlStages {
  /// The numbers of epochs that it goes on to, one after the other; none where it begins.
  private(set) var epochs: [Int] = []
  /// What is lost, or makes the two unlike; nil of nothing.
  private(set) var warning: String?
  /// How it goes on, where that is not plain.
  private(set) var remark: String?

  /// - Parameters:
  ///   - path: its folder.
  ///   - wanted: the training.
  ///   - taught: the training with teachers.
  init(of path: String, _ wanted: TrainingRecipe, beside taught: TrainingRecipe) {
    let folder = RunFolder(path: path)
    let (place, end) = (displayed(path), wanted.options.epochs)
    let longer = (taught.resumptions ?? []).compactMap(\.epochs)
    guard fileExists(folder.requestPath) else {
      if !longer.isEmpty {
        warning =
          "\(place): the training with a teacher was made longer on its way, and this one has all "
          + "\(end) epochs at once, so their learning rates differ"
      }
      return
    }
    let found = try? TrainingRecipe(contentsOf: folder.requestPath)
    let before = found?.options.epochs ?? 0
    let reason: String? =
      if !fileExists(folder.checkpointPath) {
        "cannot go on, for \(fileName(of: folder.checkpointPath)) is missing"
      } else if found.map(wanted.isLike) != true {
        "is another training"
      } else if before > end {
        "has \(before) epochs, more than \(end)"
      } else {
        nil
      }
    if let reason {
      warning =
        "\(place): \(reason); the training without a teacher begins anew and replaces it"
        + (longer.isEmpty ? "" : ", with other learning rates than the one that was made longer")
      return
    }
    guard before < end else {
      epochs = [end]
      return
    }
    remark =
      "\(place): goes on from \(before) to \(end) epochs, as the training with a teacher did"
    let isEnded = RunProgress(of: path) == nil
    epochs = (isEnded ? [] : [before]) + longer.filter { before < $0 && $0 < end } + [end]
  }
}

extension TrainingRecipe {
  /// Whether another training differs in its epochs at most; its machine, and when it was gone on
  /// with, do not matter.
  func isLike(_ other: TrainingRecipe) -> Bool {
    var other = other
    (other.options.epochs, other.resumptions) = (options.epochs, resumptions)
    (other.device, other.threads, other.workers) = (device, threads, workers)
    (other.cache, other.cacheFolder, other.data) = (cache, cacheFolder, data)
    return other == self
  }
}
