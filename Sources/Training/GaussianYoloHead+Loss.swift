import Foundation
import Loading
import Networks
import Torch

extension GaussianYoloHead: TrainableHead {
  var objectnessIndex: Int { 8 }

  /// What is added to a density before its logarithm (Choi and others, 2019, equation 5).
  private static let densityEpsilon = 1e-9

  /// As of a `[yolo]`, but the box term is the negative logarithm of the density that the four
  /// predicted distributions give the target's coordinates; small objects weigh up to twice as
  /// much.
  func terms(_ output: Tensor, _ batch: LossBatch, _ loss: DetectionLoss) throws -> LossTerms {
    let anchors = spec.yolo.maskedAnchors
    let grid = HeadGrid(anchors, of: output, batch)
    let assigned = grid.assign(
      batch.targets.map(pointed), threshold: loss.assignmentThreshold)
    let values = try HeadValues(output, self)
    let objectness = try values.objectness()
    let floor = try spec.yolo.objectnessFloor(values, batch)
    guard assigned.count > 0 else {
      return LossTerms(
        objectness: try loss.objectnessTerm(objectness, floor: floor), matches: 0)
    }
    let cells = try assigned.cellIndices(on: values.device)
    let rows = try values.rows(cells)
    let truth = try assigned.truth(on: values.device)
    let anchorSizes = try assigned.anchorSizes(on: values.device)
    let scale = Double(spec.yolo.scaleXY)
    let means = try rows.columns([0, 2, 4, 6])
    let center = try means.narrow(dim: 1, start: 0, count: 2).sigmoid() * scale - (scale - 1) / 2
    let size = try means.narrow(dim: 1, start: 2, count: 2)

    let mean = try Tensor.concatenated([center, size], dim: 1)
    let wanted = try Tensor.concatenated(
      [
        truth.narrow(dim: 1, start: 0, count: 2),
        (truth.narrow(dim: 1, start: 2, count: 2) / anchorSizes).log(),
      ], dim: 1)
    let deviation = try rows.columns([1, 3, 5, 7]).sigmoid().clamped(min: 1e-4)
    let z = try (wanted - mean) / deviation
    let density = try (z.squared() * -0.5).exp() / (deviation * (2 * Double.pi).squareRoot())
    let surprise = try -(density + Self.densityEpsilon).log().sum(dims: [1])
    let cellsOfPicture = Double(grid.width * grid.height)
    let area = try truth.select(dim: 1, index: 2) * truth.select(dim: 1, index: 3)
    let weight = try (2 - area / cellsOfPicture) / 2

    let predicted = try Tensor.concatenated(
      [center, size.exp().clamped(max: 1000) * anchorSizes], dim: 1)
    let overlap = try loss.overlap.measure(predicted, truth)
    return LossTerms(
      box: LossTerm(
        mean: try (surprise * weight).mean() * loss.boxGain, count: assigned.count),
      objectness: try loss.objectnessTerm(
        objectness, floor: floor, overlap: overlap, cells: cells, share: batch.overlapShare),
      classes: try loss.classTerm(
        rows.narrow(dim: 1, start: 9, count: classes), assigned,
        smoothing: spec.yolo.labelSmoothing),
      matches: assigned.count)
  }

  /// The target with the point that a cell predicts in place of its centre.
  private func pointed(_ target: BatchTarget) -> BatchTarget {
    let direction: Float =
      switch spec.point {
      case .center: 0
      case .leftTop: -1
      case .rightBottom: 1
      }
    var target = target
    target.centerX = min(max(target.centerX + direction * target.width / 2, 0), 1)
    target.centerY = min(max(target.centerY + direction * target.height / 2, 0), 1)
    return target
  }
}

extension Tensor {
  /// Some columns of `[P, n]`, in that order.
  fileprivate func columns(_ indices: [Int]) throws -> Tensor {
    try Tensor.stacked(indices.map { try select(dim: 1, index: $0) }, dim: 1)
  }
}
