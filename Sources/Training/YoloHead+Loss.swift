import Darknet
import Datasets
import Networks
import Torch

extension YoloHead: TrainableHead {
  var objectnessIndex: Int { 4 }

  func terms(_ output: Tensor, _ batch: LossBatch, _ loss: DetectionLoss) throws -> LossTerms {
    let grid = HeadGrid(spec.maskedAnchors, of: output, batch)
    let assigned = grid.assign(batch.targets, threshold: loss.assignmentThreshold)
    let values = try HeadValues(output, self)
    // With new_coords the convolution before the head is logistic already.
    func logits(_ x: Tensor) throws -> Tensor { spec.newCoords ? try x.logit() : x }
    let objectness = try logits(values.objectness())
    let floor = try spec.objectnessFloor(values, batch)
    guard assigned.count > 0 else {
      return LossTerms(
        objectness: try loss.objectnessTerm(objectness, floor: floor), matches: 0)
    }
    let cells = try assigned.cellIndices(on: values.device)
    let rows = try values.rows(cells)
    let predicted = try boxes(rows, anchorSizes: assigned.anchorSizes(on: values.device))
    let overlap = try loss.overlap.measure(predicted, assigned.truth(on: values.device))
    return LossTerms(
      box: LossTerm(
        mean: try (1 - overlap).mean() * loss.boxGain, count: assigned.count),
      objectness: try loss.objectnessTerm(
        objectness, floor: floor, overlap: overlap, cells: cells, share: batch.overlapShare),
      classes: try loss.classTerm(
        logits(rows.narrow(dim: 1, start: 5, count: classes)), assigned,
        smoothing: spec.labelSmoothing),
      matches: assigned.count)
  }

  /// Boxes of matched rows relative to their cells, `[P, 4]` as centre and size in cells.
  private func boxes(_ rows: Tensor, anchorSizes: Tensor) throws -> Tensor {
    let scale = Double(spec.scaleXY)
    let center = try rows.narrow(dim: 1, start: 0, count: 2)
    let size = try rows.narrow(dim: 1, start: 2, count: 2)
    let factor =
      spec.newCoords ? try (size * 2).squared() : try size.exp().clamped(max: 1000)
    return try Tensor.concatenated(
      [
        (spec.newCoords ? center : center.sigmoid()) * scale - (scale - 1) / 2,
        factor * anchorSizes,
      ], dim: 1)
  }
}

extension YoloSpec {
  /// The least that each cell's objectness aims at, `[cells]`: zero, but with `objectness_smooth`
  /// the overlap of a prediction that covers a target better than `ignore_thresh` without being
  /// matched.
  func objectnessFloor(_ values: HeadValues, _ batch: LossBatch) throws -> Tensor {
    let none = try Tensor.zeros([values.cellCount], device: values.device)
    guard objectnessSmooth, !batch.targets.isEmpty else { return none }
    let best = try values.bestOverlaps(batch)
    return try Tensor.select(where: best .> ignoreThreshold, best, none)
  }
}

extension HeadGrid {
  /// The grid of a head whose anchors are in pixels; strides follow from the shapes.
  init(_ anchors: [Anchor], of output: Tensor, _ batch: LossBatch) {
    let (height, width) = (output.shape[2], output.shape[3])
    let strideX = Float(batch.inputWidth) / Float(width)
    let strideY = Float(batch.inputHeight) / Float(height)
    self.init(
      width: width, height: height,
      anchors: anchors.map {
        AnchorInCells(width: $0.width / strideX, height: $0.height / strideY)
      })
  }
}

extension Tensor {
  /// The logits of probabilities, held at those of 1e-7 and 1 − 1e-7.
  package func logit() throws -> Tensor {
    let p = try clamped(min: 1e-7, max: 1 - 1e-7)
    return try p.log() - (1 - p).log()
  }
}
