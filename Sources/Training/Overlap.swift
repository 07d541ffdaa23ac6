import Torch

extension DetectionLoss.Overlap {
  /// Overlap of boxes, pair by pair.
  ///
  /// - Parameters:
  ///   - a: centre x, centre y, width and height along `dim`, such as `[P, 4]`.
  ///   - b: the same shape, in the same unit.
  ///   - dim: where the four are.
  /// - Returns: the same shape without `dim`, at most 1.
  package func measure(_ a: Tensor, _ b: Tensor, dim: Int = 1) throws -> Tensor {
    let epsilon = 1e-9
    let (placeA, sidesA) = try a.placeAndSides(dim)
    let (placeB, sidesB) = try b.placeAndSides(dim)
    func area(_ sides: Tensor) throws -> Tensor {
      let both = try sides.unbind(dim: dim)
      return try both[0] * both[1]
    }
    // Along an axis two boxes share their mean side less max(|Δ centre|, |Δ side| / 2), and that
    // much more than the mean side holds both. Here are the doubles of these.
    let shift = try placeA - placeB
    let apart = try (shift * 2).abs().maximum((sidesA - sidesB).abs())
    let sum = try sidesA + sidesB
    let intersection = try area((sum - apart).clamped(min: 0)) / 4
    let union = try area(sidesA) + area(sidesB) - intersection + epsilon
    let iou = try intersection / union
    let hull = try sum + apart
    switch self {
    case .giou:
      return try iou + union / (area(hull) / 4 + epsilon) - 1
    case .ciou:
      let distance = try shift.squared().sum(dims: [dim])
      let diagonal = try hull.squared().sum(dims: [dim]) / 4 + epsilon
      func angle(_ sides: Tensor) throws -> Tensor {
        let both = try sides.unbind(dim: dim)
        return try (both[0] / (both[1] + epsilon)).atan()
      }
      let aspect = try (angle(sidesB) - angle(sidesA)).squared() * (4 / (Double.pi * Double.pi))
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
  /// Centre and sides of boxes along a dimension, two values each.
  fileprivate func placeAndSides(_ dim: Int) throws -> (Tensor, Tensor) {
    let parts = try split(sizes: [2, 2], dim: dim)
    return (parts[0], parts[1])
  }
}
