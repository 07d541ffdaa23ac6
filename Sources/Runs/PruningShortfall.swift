import Boxes
import Darknet
import Inference
import Reports
import Storage
import Training

/// Why a pruned network is to be trained before use where the pruning itself cost nothing that counts.
public enum PruningShortfall: Hashable, Sendable {
  /// The network that it comes from by sparse training or by earlier prunings is better on the same
  /// pictures: what it is called, and its mAP@0.5.
  case behind(String, map50: Double)
  /// It finds too little, as the network did that was pruned.
  case low(DetectionQuality.Worth)

  /// What is missing; nil where the network is of use, and not behind.
  ///
  /// - Parameters:
  ///   - quality: of the pruned network.
  ///   - origin: the network that it comes from, and its mAP@0.5 on the same pictures.
  init?(_ quality: DetectionQuality, origin: (name: String, map50: Double)?) {
    // The limits of a small loss (``DifferenceJudgement/smallLoss``).
    if let origin,
      origin.map50 - quality.map50 > BootstrapResult.smallLoss
        || quality.map50 < 0.95 * origin.map50
    {
      self = .behind(origin.name, map50: origin.map50)
    } else if quality.worth != .useful {
      self = .low(quality.worth)
    } else {
      return nil
    }
  }

  /// What is missing, and what to do.
  ///
  /// - Parameter map50: of the pruned network.
  package func words(_ map50: Double) -> String {
    switch self {
    case .behind(let name, let before):
      "mAP@0.5 of \(name), which it comes from, is \(Figures.fixed(before, 4)), "
        + "\(Figures.fixed(100 * (before - map50), 1)) points more; fine-tune before use"
    case .low(.poor): "the network is too poor to be used; train it first"
    case .low: "the network is of little use yet; train it before use"
    }
  }
}

extension PruningRun {
  /// What is missing though the pruning cost nothing that counts; nil where it did, and where nothing
  /// was measured.
  func shortfall(_ measured: PruningMeasurement) -> PruningShortfall? {
    guard let quality = measured.quality, let loss = measured.loss else { return nil }
    switch loss.judgement {
    case .gain, .noDifference, .smallLoss: return PruningShortfall(quality, origin: origin)
    case .unclear, .nothingToLose, .loss: return nil
    }
  }

  /// The dense network, where what was pruned is another, with its mAP@0.5 on the same pictures; nil
  /// where that is not known.
  private var origin: (name: String, map50: Double)? {
    guard recipe.split == .valid, recipe.pictures == nil, let data = recipe.data,
      let path = (operand?.path).flatMap(denseOrigin),
      case .known(let known, recipe.isSingleClass) = RunDataset(ofRun: path),
      resolvedPath(known) == resolvedPath(data)
    else { return nil }
    let run = RunFolder(path: path)
    return ModelDescription.validation(cfg: run.cfgPath, weights: run.weightsPath)
      .map { (displayed(path), $0.map50) }
  }
}
