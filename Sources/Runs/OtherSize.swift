import Darknet
import Inference
import Training

// Pictures of another size than a network was trained for: what it finds there says nothing of what it
// is worth, and that is told wherever pictures are shown to it.

extension Model {
  /// Whether pictures that are shown so are of another size than the network was made for.
  package func seesOtherSize(_ used: Feeding) -> Bool {
    (used.width, used.height) != (ownFeeding.width, ownFeeding.height)
  }
}

extension RunObserver {
  /// Says how pictures are shown to a network, and of another size than its own what that means.
  func tellFeeding(_ used: Feeding, of model: Model) {
    remark(used.summary)
    guard model.seesOtherSize(used) else { return }
    let own = model.ownFeeding
    let name = RunFolder.name(ofWeights: model.weightsPath)
    note(
      "\(name) was made for \(own.width)×\(own.height) pixels, and pictures are "
        + "\(used.width)×\(used.height) here: a network mostly finds less at a size that it was not trained "
        + "at, so this is no verdict on it")
  }
}
