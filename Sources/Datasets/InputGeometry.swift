import Boxes

/// How a picture is brought to the network's input size.
public enum PictureFit: String, CaseIterable, Hashable, Sendable {
  /// Keeps the proportions and pads both sides alike.
  case letterbox
  /// Fills the input, whatever becomes of the proportions; Darknet's own.
  case stretch
}

/// Where a picture lies inside the network's input, and the way back for boxes.
public struct InputGeometry: Hashable, Sendable {
  /// The original, in pixels.
  public let pictureWidth, pictureHeight: Int
  /// The network's input, in pixels.
  public let inputWidth, inputHeight: Int
  /// The picture inside the input, in pixels.
  public let scaledWidth, scaledHeight: Int
  /// Padding before the picture, in pixels; an odd rest goes to the other side.
  public let left, top: Int

  /// Places a picture; a letterboxed one grows or shrinks until it touches two sides.
  public init(
    pictureWidth: Int, pictureHeight: Int, inputWidth: Int, inputHeight: Int,
    fit: PictureFit = .letterbox
  ) {
    precondition(pictureWidth > 0 && pictureHeight > 0 && inputWidth > 0 && inputHeight > 0)
    (self.pictureWidth, self.pictureHeight) = (pictureWidth, pictureHeight)
    (self.inputWidth, self.inputHeight) = (inputWidth, inputHeight)
    switch fit {
    case .stretch:
      (scaledWidth, scaledHeight) = (inputWidth, inputHeight)
    case .letterbox:
      let scale = min(
        Double(inputWidth) / Double(pictureWidth), Double(inputHeight) / Double(pictureHeight))
      scaledWidth = min(max(Int((Double(pictureWidth) * scale).rounded()), 1), inputWidth)
      scaledHeight = min(max(Int((Double(pictureHeight) * scale).rounded()), 1), inputHeight)
    }
    (left, top) = ((inputWidth - scaledWidth) / 2, (inputHeight - scaledHeight) / 2)
  }

  /// Input pixels per picture pixel.
  public var scaleX: Float { Float(scaledWidth) / Float(pictureWidth) }
  /// Input pixels per picture pixel.
  public var scaleY: Float { Float(scaledHeight) / Float(pictureHeight) }

  /// A box of the picture, in pixels of the input.
  public func inputBox(_ box: Box) -> Box {
    Box(
      x1: box.x1 * scaleX + Float(left), y1: box.y1 * scaleY + Float(top),
      x2: box.x2 * scaleX + Float(left), y2: box.y2 * scaleY + Float(top))
  }

  /// A box of the input, in pixels of the picture; not clipped.
  public func pictureBox(_ box: Box) -> Box {
    Box(
      x1: (box.x1 - Float(left)) / scaleX, y1: (box.y1 - Float(top)) / scaleY,
      x2: (box.x2 - Float(left)) / scaleX, y2: (box.y2 - Float(top)) / scaleY)
  }
}
