import Darknet
import Foundation
import Torch

/// A `[yolo]` block: YOLOv3 and later (Darknet, `yolo_layer.c`; docs/formulas.md 2.1).
public struct YoloHead: DetectionHead {
  /// Index of the block in the cfg.
  public let layerIndex: Int
  /// Anchors, classes and the rest of the block.
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
    let anchors = spec.maskedAnchors
    let scale = Double(spec.scaleXY)
    let margin = (scale - 1) / 2
    func factor(_ t: Tensor) throws -> Tensor {
      spec.newCoords ? try (t * 2).squared() : try t.exp()
    }
    return try cells.rows([
      cells.x(probability(cells.planes(0)) * scale - margin),
      cells.y(probability(cells.planes(1)) * scale - margin),
      factor(cells.planes(2)) * cells.perAnchor(anchors.map(\.width)),
      factor(cells.planes(3)) * cells.perAnchor(anchors.map(\.height)),
      probability(cells.planes(4, 1 + classes)),
    ])
  }
}
