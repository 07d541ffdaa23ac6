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

extension NetworkSpec {
  /// The cfg with other anchors in its heads, and all else as it is.
  ///
  /// A built-in network's heads share them out as it is written with anchors that are not the
  /// published ones: each is in one head.
  ///
  /// - Parameters:
  ///   - anchors: in pixels of the input, small ones first, ``anchorCount`` of them.
  ///   - width: of the input in pixels.
  ///   - height: of the input in pixels.
  /// - Throws: ``ConfigurationError`` when there are more or fewer, or the size does not suit.
  public func withAnchors(
    _ anchors: [Anchor], width: Int, height: Int
  ) throws(ConfigurationError) -> Configuration {
    let heads = headAnchors
    guard anchors.count == anchorCount else {
      throw .mismatch(
        "the heads choose from \(anchorCount) anchors, \(anchors.count) are given",
        at: SourcePlace(path: configuration.path, line: 0))
    }
    var result = configuration
    if width != net.width { result.sections[0]["width"] = "\(width)" }
    if height != net.height { result.sections[0]["height"] = "\(height)" }
    let known = BuiltInNetwork.recognized(self)?.network
    let shared = known.flatMap { try? $0.configuration(classes: classes ?? 80, anchors: anchors) }
    for head in heads {
      let place = head.layer + 1
      if let section = shared?.sections[place] {
        for key in ["mask", "anchors", "num"] {
          if let value = section[key] { result.sections[place][key] = value }
        }
      } else {
        var own = anchors
        if case .region = layers[head.layer] {
          let grid = shapes[head.layer]
          own = anchors.map {
            Anchor(
              width: $0.width * Float(grid.width) / Float(net.width),
              height: $0.height * Float(grid.height) / Float(net.height))
          }
        }
        result.sections[place]["anchors"] = Heads(anchors: own, classes: 1, count: 1).anchorText
      }
    }
    result = result.renumbered()
    _ = try NetworkSpec(result)
    return result
  }
}

extension HeadAnchors {
  fileprivate init(layer: Int, mask: [Int], _ all: [Anchor]) {
    self.init(layer: layer, mask: mask, anchors: mask.map { all[$0] })
  }
}
