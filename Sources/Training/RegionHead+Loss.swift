import Datasets
import Networks
import Torch

extension RegionHead: TrainableHead {
  var objectnessIndex: Int { 4 }

  /// YOLOv2's loss (Darknet, `region_layer.c`): squared errors, halved, summed over a picture's
  /// cells and averaged over pictures, weighted by the cfg's own scales.
  ///
  /// A target belongs to the anchor nearest in shape. Objectness aims at the prediction's IoU with
  /// it (`rescore`) or at one; elsewhere at zero, but where a prediction covers some target better
  /// than `thresh` it is left alone. Darknet's pull towards the anchors in the first 12,800
  /// pictures is left to the warm-up.
  func terms(_ output: Tensor, _ batch: LossBatch, _ loss: DetectionLoss) throws -> LossTerms {
    let grid = HeadGrid(
      width: output.shape[3], height: output.shape[2],
      anchors: spec.anchors.map { HeadGrid.AnchorInCells(width: $0.width, height: $0.height) })
    let assigned = grid.assignNearest(batch.targets)
    let values = try HeadValues(output, self)
    let pictures = Double(values.batch)
    let objectness = try values.objectness().sigmoid()
    let covers = try values.bestOverlaps(batch) .> spec.threshold
    let empty = try (.!covers).to(.float32) * Double(spec.noObjectScale)
    func perPicture(_ mean: Tensor) -> LossTerm { LossTerm(mean: mean, count: values.batch) }
    guard assigned.count > 0 else {
      let zero = try Tensor.zeros([], device: output.device)
      return LossTerms(
        box: perPicture(zero),
        objectness: perPicture(try (objectness.squared() * empty).sum() * (0.5 / pictures)),
        classes: perPicture(zero), matches: 0)
    }
    let cells = try assigned.cellIndices(on: values.device)
    let rows = try values.rows(cells)
    let truth = try assigned.truth(on: values.device)
    let anchorSizes = try assigned.anchorSizes(on: values.device)

    let center = try rows.narrow(dim: 1, start: 0, count: 2).sigmoid()
    let size = try rows.narrow(dim: 1, start: 2, count: 2)
    let trueSize = try truth.narrow(dim: 1, start: 2, count: 2)
    let area = try trueSize.select(dim: 1, index: 0) * trueSize.select(dim: 1, index: 1)
    let weight = try (2 - area / Double(grid.width * grid.height)) * Double(spec.coordinateScale)
    let errors = try Tensor.concatenated(
      [center - truth.narrow(dim: 1, start: 0, count: 2), size - (trueSize / anchorSizes).log()],
      dim: 1)
    let box = try (errors.squared().sum(dims: [1]) * weight).sum() * (0.5 / pictures)

    let none = try Tensor.zeros([values.cellCount], device: values.device)
    let one = try Tensor.ones([assigned.count], device: values.device)
    let predicted = try Tensor.concatenated(
      [center, size.exp().clamped(max: 1000) * anchorSizes], dim: 1)
    let aim = spec.rescore ? try intersectionOverUnion(predicted, truth).detach() : one
    let wanted = try none.scatterReduce(dim: 0, indices: cells, source: aim, .amax)
    let isMatched = try none.scatterReduce(dim: 0, indices: cells, source: one, .amax)
    let scale = try isMatched * Double(spec.objectScale) + (1 - isMatched) * empty
    let objectnessTerm = try ((wanted - objectness).squared() * scale).sum() * (0.5 / pictures)

    let scores = try rows.narrow(dim: 1, start: 5, count: classes)
    let oneHot = try assigned.oneHot(classes: classes, device: values.device)
    let surprise =
      spec.softmax
      ? try -(scores.logSoftmax(dim: 1) * oneHot).sum()
      : try scores.binaryCrossEntropyWithLogits(oneHot, reduction: .sum)
    return LossTerms(
      box: perPicture(box), objectness: perPicture(objectnessTerm),
      classes: perPicture(try surprise * (Double(spec.classScale) / pictures)),
      matches: assigned.count)
  }
}
