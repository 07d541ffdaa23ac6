/// The prior boxes of one detection head.
public struct HeadAnchors: Hashable, Sendable {
  /// The head's layer.
  public var layer: Int
  /// The numbers of its anchors in the network's whole list (`mask`).
  public var mask: [Int]
  /// Its anchors, in input pixels.
  public var anchors: [Anchor]
}

extension NetworkSpec {
  /// The anchors of every head, in the order of the file; a `[region]`'s, which are in grid cells,
  /// are brought to pixels at the cfg's own size.
  public var headAnchors: [HeadAnchors] {
    heads.compactMap { layer in
      switch layers[layer] {
      case .yolo(let spec): return HeadAnchors(layer: layer, mask: spec.mask, spec.anchors)
      case .gaussianYolo(let spec):
        return HeadAnchors(layer: layer, mask: spec.yolo.mask, spec.yolo.anchors)
      case .region(let spec):
        let strideX = Float(net.width) / Float(shapes[layer].width)
        let strideY = Float(net.height) / Float(shapes[layer].height)
        let anchors = spec.anchors.map {
          Anchor(width: $0.width * strideX, height: $0.height * strideY)
        }
        return HeadAnchors(layer: layer, mask: Array(anchors.indices), anchors)
      default: return nil
      }
    }
  }

  /// How many anchors the heads choose from.
  public var anchorCount: Int {
    (headAnchors.flatMap(\.mask).max() ?? -1) + 1
  }
}

extension HeadAnchors {
  fileprivate init(layer: Int, mask: [Int], _ all: [Anchor]) {
    self.init(layer: layer, mask: mask, anchors: mask.map { all[$0] })
  }
}
