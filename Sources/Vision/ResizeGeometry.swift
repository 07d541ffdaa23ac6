import Boxes

/// How a picture is brought to the size of a network's input.
public enum ResizeMode: String, CaseIterable, Hashable, Sendable {
  /// One scale for both sides, and padding around.
  case letterbox
  /// Each side by its own scale, as Darknet does.
  case stretch
}

/// Where a picture lies inside of a network's input, and the way of boxes there and back.
///
/// Coordinates are pixel edges: a picture of width w reaches from 0 to w.
public struct ResizeGeometry: Hashable, Sendable {
  /// Size of the picture, in pixels.
  public let sourceWidth: Int
  /// Size of the picture, in pixels.
  public let sourceHeight: Int
  /// Size of the input, padding included, in pixels.
  public let targetWidth: Int
  /// Size of the input, padding included, in pixels.
  public let targetHeight: Int
  /// Size of the picture inside of the input, in pixels.
  public let resizedWidth: Int
  /// Size of the picture inside of the input, in pixels.
  public let resizedHeight: Int
  /// Padding on the left, in pixels; half of it all, the smaller half.
  public let left: Int
  /// Padding above, in pixels; half of it all, the smaller half.
  public let top: Int

  /// - Parameter enlarges: whether a letterbox may make a small picture larger; stretching does.
  public init(
    _ mode: ResizeMode, sourceWidth: Int, sourceHeight: Int, targetWidth: Int, targetHeight: Int,
    enlarges: Bool = true
  ) {
    precondition(min(sourceWidth, sourceHeight, targetWidth, targetHeight) > 0, "sizes above zero")
    (self.sourceWidth, self.sourceHeight) = (sourceWidth, sourceHeight)
    (self.targetWidth, self.targetHeight) = (targetWidth, targetHeight)
    switch mode {
    case .stretch:
      (resizedWidth, resizedHeight) = (targetWidth, targetHeight)
    case .letterbox:
      let fit = min(
        Double(targetWidth) / Double(sourceWidth), Double(targetHeight) / Double(sourceHeight))
      let scale = enlarges ? fit : min(fit, 1)
      resizedWidth = min(max(Int((Double(sourceWidth) * scale).rounded()), 1), targetWidth)
      resizedHeight = min(max(Int((Double(sourceHeight) * scale).rounded()), 1), targetHeight)
    }
    left = (targetWidth - resizedWidth) / 2
    top = (targetHeight - resizedHeight) / 2
  }

  /// The letterbox with the least padding: the longer side becomes `longSide`, and both sides of the
  /// input are rounded up to a multiple of `multiple`, the network's largest stride.
  public static func smallestLetterbox(
    sourceWidth: Int, sourceHeight: Int, longSide: Int, multiple: Int
  ) -> ResizeGeometry {
    precondition(min(sourceWidth, sourceHeight, longSide, multiple) > 0, "sizes above zero")
    let scale = Double(longSide) / Double(max(sourceWidth, sourceHeight))
    func target(_ side: Int) -> Int {
      let resized = max(Int((Double(side) * scale).rounded()), 1)
      return (resized + multiple - 1) / multiple * multiple
    }
    let fitting = ResizeGeometry(
      .letterbox, sourceWidth: sourceWidth, sourceHeight: sourceHeight, targetWidth: longSide,
      targetHeight: longSide)
    return ResizeGeometry(
      fitting, targetWidth: target(sourceWidth), targetHeight: target(sourceHeight))
  }

  private init(_ other: ResizeGeometry, targetWidth: Int, targetHeight: Int) {
    (sourceWidth, sourceHeight) = (other.sourceWidth, other.sourceHeight)
    (resizedWidth, resizedHeight) = (other.resizedWidth, other.resizedHeight)
    (self.targetWidth, self.targetHeight) = (targetWidth, targetHeight)
    left = (targetWidth - resizedWidth) / 2
    top = (targetHeight - resizedHeight) / 2
  }

  /// Input pixels per picture pixel; about the same in both directions for a letterbox.
  public var scaleX: Float { Float(resizedWidth) / Float(sourceWidth) }
  /// Input pixels per picture pixel.
  public var scaleY: Float { Float(resizedHeight) / Float(sourceHeight) }

  /// A box of the picture, in pixels, as it lies in the input.
  public func toTarget(_ box: Box) -> Box {
    Box(
      x1: box.x1 * scaleX + Float(left), y1: box.y1 * scaleY + Float(top),
      x2: box.x2 * scaleX + Float(left), y2: box.y2 * scaleY + Float(top))
  }

  /// A box of the input, in pixels, as it lies in the picture; not clipped.
  public func toSource(_ box: Box) -> Box {
    Box(
      x1: (box.x1 - Float(left)) / scaleX, y1: (box.y1 - Float(top)) / scaleY,
      x2: (box.x2 - Float(left)) / scaleX, y2: (box.y2 - Float(top)) / scaleY)
  }
}

extension Image {
  /// The picture as a network's input: resized, and padded with ``Color/padding`` (114).
  ///
  /// - Precondition: `geometry` was made for this picture's size.
  public func resized(
    by geometry: ResizeGeometry, interpolation: Interpolation = .bilinear
  ) throws(VisionError) -> Image {
    precondition(
      geometry.sourceWidth == width && geometry.sourceHeight == height,
      "a geometry of another picture")
    let inner = try resized(
      width: geometry.resizedWidth, height: geometry.resizedHeight, interpolation: interpolation)
    if geometry.targetWidth == inner.width && geometry.targetHeight == inner.height { return inner }
    var padded = Image(
      width: geometry.targetWidth, height: geometry.targetHeight, channels: channels)
    padded.paste(inner, left: geometry.left, top: geometry.top)
    return padded
  }
}
