import Darknet
import Foundation
import Torch

/// A `[yolo]` layer: YOLOv3 and later (Darknet, `yolo_layer.c`; docs/formulas.md 2.1).
public struct YoloHead: DetectionHead {
  /// Index of the layer in the cfg.
  public let layerIndex: Int
  /// Anchors, classes and the rest of the section.
  public let spec: YoloSpec

  /// The layer before it, or with ASFF its own one of the layers that are mixed.
  public var sourceIndex: Int { spec.ownSource ?? layerIndex - 1 }
  /// Classes that it tells apart.
  public var classes: Int { spec.classes }
  /// Anchors of the mask.
  public var anchorCount: Int { spec.mask.count }
  /// Values per anchor: x, y, width, height, objectness and one a class.
  public var valuesPerAnchor: Int { 5 + classes }

  /// Objectness starts near 0.01, classes near 0.6/(classes − 0.99).
  public var startBiases: [Float] {
    startBiases(objectness: 4, classBias: log(0.6 / (Double(classes) - 0.99)))
  }

  // With new_coords the convolution before the head is logistic already.
  private func probability(_ x: Tensor) throws -> Tensor { spec.newCoords ? x : try x.sigmoid() }

  /// The objectness of cells; see ``DetectionHead``.
  public func objectness(_ cells: HeadCells) throws -> Tensor { try probability(cells.planes(4)) }

  /// Decodes cells; see ``DetectionHead``.
  public func decode(_ cells: HeadCells) throws -> Tensor {
    try cells.rows([
      boxes(cells.planes(0, 4), at: cells.places), probability(cells.planes(4, 1 + classes)),
    ])
  }

  /// Boxes of raw values; see ``DetectionHead``.
  public func boxes(_ raw: Tensor, at places: HeadPlaces) throws -> Tensor {
    let (center, size) = try raw.centerAndSize()
    let factor = spec.newCoords ? try (size * 2).squared() : try size.exp()
    return try Tensor.concatenated(
      [
        places.pixels(probability(center).scaled(by: Double(spec.scaleXY))),
        factor * places.anchorSizes,
      ], dim: 2)
  }

  /// The sizes of the mask's anchors; see ``DetectionHead``.
  public func anchorSizes(strideX: Double, strideY: Double) -> [Float] {
    spec.maskedAnchors.flatMap { [$0.width, $0.height] }
  }
}

extension Tensor {
  /// Offsets in a cell that reach beyond its borders: `scale_x_y` of the cfg.
  func scaled(by scale: Double) throws -> Tensor {
    scale == 1 ? self : try self * scale - (scale - 1) / 2
  }
}
