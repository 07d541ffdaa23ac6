import Torch

extension DetectionLoss.Overlap {
  /// Overlap of two lists of boxes, pair by pair.
  ///
  /// - Parameters:
  ///   - a: `[P, 4]` as centre x, centre y, width, height.
  ///   - b: `[P, 4]`, likewise, in the same unit.
  /// - Returns: `[P]`, at most 1.
  package func measure(_ a: Tensor, _ b: Tensor) throws -> Tensor {
    let epsilon = 1e-9
    let (ax, ay, aw, ah) = try a.columns()
    let (bx, by, bw, bh) = try b.columns()
    let (ax1, ax2) = try (ax - aw / 2, ax + aw / 2)
    let (ay1, ay2) = try (ay - ah / 2, ay + ah / 2)
    let (bx1, bx2) = try (bx - bw / 2, bx + bw / 2)
    let (by1, by2) = try (by - bh / 2, by + bh / 2)
    let sharedWidth = try (ax2.minimum(bx2) - ax1.maximum(bx1)).clamped(min: 0)
    let sharedHeight = try (ay2.minimum(by2) - ay1.maximum(by1)).clamped(min: 0)
    let intersection = try sharedWidth * sharedHeight
    let union = try aw * ah + bw * bh - intersection + epsilon
    let iou = try intersection / union
    let hullWidth = try ax2.maximum(bx2) - ax1.minimum(bx1)
    let hullHeight = try ay2.maximum(by2) - ay1.minimum(by1)
    switch self {
    case .giou:
      let hull = try hullWidth * hullHeight + epsilon
      return try iou - (hull - union) / hull
    case .ciou:
      let distance = try (ax - bx).squared() + (ay - by).squared()
      let diagonal = try hullWidth.squared() + hullHeight.squared() + epsilon
      let angle = try (bw / (bh + epsilon)).atan() - (aw / (ah + epsilon)).atan()
      let aspect = try angle.squared() * (4 / (Double.pi * Double.pi))
      // The trade-off weight is a constant to the gradient (arXiv 1911.08287, section 4).
      let weight = try (aspect / (1 - iou + aspect + epsilon)).detach()
      return try iou - distance / diagonal - aspect * weight
    }
  }
}

/// IoU of boxes `[…, 4]` as centre x, centre y, width, height, with the usual broadcasting.
func intersectionOverUnion(_ a: Tensor, _ b: Tensor) throws -> Tensor {
  func part(_ x: Tensor, _ index: Int) throws -> Tensor { try x.select(dim: -1, index: index) }
  func shared(_ center: Int, _ size: Int) throws -> Tensor {
    let (ca, cb) = (try part(a, center), try part(b, center))
    let (ha, hb) = (try part(a, size) / 2, try part(b, size) / 2)
    return try ((ca + ha).minimum(cb + hb) - (ca - ha).maximum(cb - hb)).clamped(min: 0)
  }
  let intersection = try shared(0, 2) * shared(1, 3)
  let areas = try part(a, 2) * part(a, 3) + part(b, 2) * part(b, 3)
  return try intersection / (areas - intersection + 1e-9)
}

extension Tensor {
  /// The four columns of a `[P, 4]` tensor, `[P]` each.
  fileprivate func columns() throws -> (Tensor, Tensor, Tensor, Tensor) {
    (
      try select(dim: 1, index: 0), try select(dim: 1, index: 1),
      try select(dim: 1, index: 2), try select(dim: 1, index: 3)
    )
  }
}
