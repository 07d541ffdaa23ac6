import Darknet
import Datasets
import Inference
import Storage
import Terminal
import Training

extension DetectionDataset {
  /// Warns where a trained network calls its classes otherwise than this set, of which there are as
  /// many: labels are numbers, so that what one calls 'cat' the other may call 'dog'.
  ///
  /// - Parameters:
  ///   - cfg: the network.
  ///   - weights: its weights; names lie beside one or the other.
  ///   - source: where the set's own names are from.
  func warnOfOtherNames(
    cfg: String, weights: String, of source: String, _ observer: any RunObserver
  ) {
    guard names.count > 1, let model = try? Model(cfg: cfg, weights: weights, warn: { _ in }),
      let (place, own) = try? model.givenNames(), own.count == names.count,
      let odd = names.indices.first(where: { names[$0] != own[$0] })
    else { return }
    observer.warn(
      "\(displayed(source)) calls the classes "
        + (Set(own) == Set(names) ? "the same in another order" : "otherwise")
        + " than \(displayed(place)), the names of the network: class \(odd) is '\(names[odd].excerpt)' here "
        + "and '\(own[odd].excerpt)' there; labels are numbers, so figures and names are right only where "
        + "both mean the same")
  }
}

extension Model {
  /// Warns where the weights lie beside the cfg that they were trained with, and this is another one
  /// whose anchors differ: it fits, and its boxes are of other sizes.
  func warnOfOtherAnchors(_ observer: any RunObserver) {
    let own = RunFolder(path: folderPath(of: weightsPath)).cfgPath
    guard ModelDescription.path(beside: weightsPath) != nil, fileExists(own),
      resolvedPath(own) != resolvedPath(cfgPath), let trained = try? NetworkSpec(contentsOf: own),
      trained.layers.count == spec.layers.count,
      trained.anchorSizes != spec.anchorSizes
    else { return }
    observer.warn(
      "\(displayed(cfgPath)) has other anchors than \(displayed(own)), with which these weights were "
        + "trained: boxes come out in other sizes; --model \(shellCommand([folderPath(of: own)])) takes both"
    )
  }
}
