import Darknet
import Torch

/// A `[region]` layer: the head of YOLOv2 (Darknet, `region_layer.c`).
public struct RegionHead: DetectionHead {
  /// Index of the layer in the cfg.
  public let layerIndex: Int
  /// Anchors, classes and the rest of the section.
  public let spec: RegionSpec

  /// The layer before it.
  public var sourceIndex: Int { layerIndex - 1 }
  /// Classes that it tells apart.
  public var classes: Int { spec.classes }
  /// Anchors a cell.
  public var anchorCount: Int { spec.anchors.count }
  /// Values per anchor: x, y, width, height, objectness and one a class.
  public var valuesPerAnchor: Int { 5 + classes }

  /// Objectness starts near 0.01; a softmax over classes starts even.
  public var startBiases: [Float] { startBiases(objectness: 4, classBias: 0) }

  /// The objectness of cells; see ``DetectionHead``.
  public func objectness(_ cells: HeadCells) throws -> Tensor { try cells.planes(4).sigmoid() }

  /// Decodes cells; see ``DetectionHead``.
  public func decode(_ cells: HeadCells) throws -> Tensor {
    let scores = try cells.planes(5, classes)
    return try cells.rows([
      boxes(cells.planes(0, 4), at: cells.places), objectness(cells),
      spec.softmax ? scores.softmax(dim: 2) : scores.sigmoid(),
    ])
  }

  /// Boxes of raw values; see ``DetectionHead``.
  public func boxes(_ raw: Tensor, at places: HeadPlaces) throws -> Tensor {
    let (center, size) = try raw.centerAndSize()
    return try Tensor.concatenated(
      [places.pixels(center.sigmoid()), size.exp() * places.anchorSizes], dim: 2)
  }

  /// The sizes of the anchors, which are in cells; see ``DetectionHead``.
  public func anchorSizes(strideX: Double, strideY: Double) -> [Float] {
    spec.anchors.flatMap { anchor in
      [Float(Double(anchor.width) * strideX), Float(Double(anchor.height) * strideY)]
    }
  }
}
