import Boxes
import Darknet
import Inference
import Pruning
import Reports
import Storage
import Training

/// The network that a pruned one comes from by sparse training or by earlier prunings, as it was on the
/// same pictures.
public struct PruningOrigin: Hashable, Sendable {
  /// What it is called.
  public let name: String
  /// Its mAP@0.5.
  public let map50: Double

  /// How much a network with another mAP@0.5 is behind, beyond what two trainings of one network differ
  /// by (``Boxes/BootstrapResult/smallLoss``).
  func isAhead(of other: Double) -> Bool {
    map50 - other > BootstrapResult.smallLoss || other < 0.95 * map50
  }

  /// What it was, beside a network that comes from it.
  package func words(beside other: Double) -> String {
    let points = Figures.fixed(100 * abs(map50 - other), 1)
    let difference =
      points == Figures.fixed(0, 1)
      ? "as much" : "\(points) points \(map50 > other ? "more" : "less")"
    return "mAP@0.5 of \(name), which it comes from, is \(Figures.fixed(map50, 4)), \(difference)"
  }
}

/// Why a pruned network is to be trained before use, whatever the pruning itself cost: it is behind the
/// network that it comes from, or finds too little, as that may do too.
public struct PruningShortfall: Hashable, Sendable {
  /// Whether the network that it comes from is better on the same pictures.
  public let isBehind: Bool
  /// What it is good for.
  public let worth: DetectionQuality.Worth

  /// What is missing; nil where the network is of use, and not behind.
  ///
  /// - Parameters:
  ///   - quality: of the pruned network.
  ///   - origin: the network that it comes from.
  init?(_ quality: DetectionQuality, origin: PruningOrigin?) {
    (isBehind, worth) = (origin?.isAhead(of: quality.map50) ?? false, quality.worth)
    guard isBehind || worth != .useful else { return nil }
  }

  /// What is to be done: the more, the less the network finds.
  package var words: String {
    switch worth {
    case .poor: "the network is too poor to be used; train it first"
    case .low: "the network is of little use yet; train it before use"
    case .useful: "fine-tune before use"
    }
  }
}

extension PruningMeasurement {
  /// What is missing; nil where nothing was measured, and where nothing could be lost.
  func shortfall(_ origin: PruningOrigin?) -> PruningShortfall? {
    guard let quality, let loss, loss.judgement != .nothingToLose else { return nil }
    return PruningShortfall(quality, origin: origin)
  }
}

extension PruningRun {
  /// The dense network, where what was pruned is another, with its mAP@0.5 on the same pictures; nil
  /// where that is not known.
  var origin: PruningOrigin? {
    guard recipe.split == .valid, recipe.pictures == nil, let data = recipe.data,
      let path = (operand?.path).flatMap(denseOrigin),
      case .known(let known, recipe.isSingleClass) = RunDataset(ofRun: path),
      resolvedPath(known) == resolvedPath(data),
      let model = try? ModelDescription(contentsOf: RunFolder(path: path).modelPath),
      let quality = model.validation,
      // The set may have been divided anew in its place.
      model.validationPictures == dataset?.fingerprint
    else { return nil }
    return PruningOrigin(name: displayed(path), map50: quality.map50)
  }
}
