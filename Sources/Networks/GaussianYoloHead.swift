import Darknet
import Foundation
import Torch

/// A `[Gaussian_yolo]` layer: each coordinate is a normal distribution (Choi and others, "Gaussian
/// YOLOv3", 2019; Darknet, `gaussian_yolo_layer.c`).
public struct GaussianYoloHead: DetectionHead {
  /// Index of the layer in the cfg.
  public let layerIndex: Int
  /// Anchors, classes and the rest of the section.
  public let spec: GaussianYoloSpec

  /// The layer before it.
  public var sourceIndex: Int { layerIndex - 1 }
  /// Classes that it tells apart.
  public var classes: Int { spec.yolo.classes }
  /// Anchors of the mask.
  public var anchorCount: Int { spec.yolo.mask.count }
  /// Values per anchor: x, y, width, height, each followed by its deviation; objectness and one a
  /// class.
  public var valuesPerAnchor: Int { 9 + classes }

  /// Objectness starts near 0.01, classes near 0.6/(classes − 0.99).
  public var startBiases: [Float] {
    startBiases(objectness: 8, classBias: log(0.6 / (Double(classes) - 0.99)))
  }

  /// The objectness of cells; see ``DetectionHead``. What is unsure scores less: it comes out times
  /// one less the mean of the four deviations.
  public func objectness(_ cells: HeadCells) throws -> Tensor {
    let deviations = try Tensor.concatenated([1, 3, 5, 7].map { try cells.planes($0) }, dim: 2)
    let certainty = try 1 - deviations.sigmoid().mean(dims: [2], keepDim: true)
    return try cells.planes(8).sigmoid() * certainty
  }

  /// Decodes cells; see ``DetectionHead``.
  public func decode(_ cells: HeadCells) throws -> Tensor {
    try cells.rows([
      boxes(cells.planes(0, 8).slice(dim: 2, 0..<8, step: 2), at: cells.places),
      objectness(cells), cells.planes(9, classes).sigmoid(),
    ])
  }

  /// Boxes of raw values; see ``DetectionHead``. They are the distributions' means.
  public func boxes(_ raw: Tensor, at places: HeadPlaces) throws -> Tensor {
    let (offset, factor) = try raw.centerAndSize()
    let point = try places.pixels(offset.sigmoid().scaled(by: Double(spec.yolo.scaleXY)))
    let size = try factor.exp() * places.anchorSizes
    // Where the cell predicts a corner, the centre lies half the box further.
    let center =
      switch spec.point {
      case .center: point
      case .leftTop: try point + size / 2
      case .rightBottom: try point - size / 2
      }
    return try Tensor.concatenated([center, size], dim: 2)
  }

  /// The sizes of the mask's anchors; see ``DetectionHead``.
  public func anchorSizes(strideX: Double, strideY: Double) -> [Float] {
    spec.yolo.maskedAnchors.flatMap { [$0.width, $0.height] }
  }
}
