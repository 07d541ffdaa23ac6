#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The IoU family: overlap measures that still tell boxes apart when they do not touch.
extension Box {
  /// Generalised IoU, in `-1...1`: IoU − (hull − union) / hull, where the hull is the smallest box
  /// around both; the IoU where the hull has no area.
  ///
  /// Rezatofighi et al., *Generalized Intersection over Union*, CVPR 2019.
  public func giou(with other: Box) -> Float {
    let hull = self.hull(with: other).area
    guard hull > 0 else { return iou(with: other) }
    let overlap = intersection(with: other)
    let union = area + other.area - overlap
    return iou(with: other) - (hull - union) / hull
  }

  /// Distance IoU, in `-1...1`: IoU − (d² / c²)^beta, with d between the centres and c the hull's
  /// diagonal; the IoU where the hull is a point.
  ///
  /// With a beta of 1 that of Zheng et al., *Distance-IoU Loss*, AAAI 2020; Darknet's suppression
  /// has 0.6.
  public func diou(with other: Box, beta: Float = 1) -> Float {
    let hull = self.hull(with: other)
    let diagonal = hull.width * hull.width + hull.height * hull.height
    guard diagonal > 0 else { return iou(with: other) }
    let (dx, dy) = (centerX - other.centerX, centerY - other.centerY)
    let share = (dx * dx + dy * dy) / diagonal
    return iou(with: other) - (beta == 1 ? share : powf(share, beta))
  }

  /// Complete IoU: DIoU − αv, which also asks for the same shape; in `-2...1`.
  ///
  /// v = 4/π² · (atan(w'/h') − atan(w/h))² and α = v / (1 − IoU + v), as in the paper and in
  /// Darknet's `box_ciou`. Zheng et al., *Distance-IoU Loss*, AAAI 2020.
  public func ciou(with other: Box) -> Float {
    let turn = atan2f(other.width, other.height) - atan2f(width, height)
    let v = 4 / (Float.pi * Float.pi) * turn * turn
    guard v > 0 else { return diou(with: other) }
    let alpha = v / (1 - iou(with: other) + v)
    return diou(with: other) - alpha * v
  }

  /// IoU of two sizes laid on the same centre, in `0...1`: how well an anchor fits an object.
  ///
  /// This is the measure by which anchors are chosen (docs/formulas.md 5.1); 0 when a side is not
  /// positive.
  @inlinable
  public static func sizeIoU(
    width: Float, height: Float, otherWidth: Float, otherHeight: Float
  ) -> Float {
    let overlap = min(width, otherWidth) * min(height, otherHeight)
    guard min(width, otherWidth) > 0, min(height, otherHeight) > 0 else { return 0 }
    return overlap / (width * height + otherWidth * otherHeight - overlap)
  }

  /// The smallest box around both.
  private func hull(with other: Box) -> Box {
    Box(
      x1: min(x1, other.x1), y1: min(y1, other.y1), x2: max(x2, other.x2), y2: max(y2, other.y2))
  }
}
