import Boxes
import Vision

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

extension Image {
  /// The picture at the size that a geometry gives it.
  ///
  /// Bilinear, but for pictures that shrink to half or less: those average areas, since single
  /// pixels of theirs would be missed. Training, testing and detecting all scale by this rule.
  func scaled(_ geometry: InputGeometry) throws(VisionError) -> Image {
    let shrinks = 2 * geometry.scaledWidth <= width || 2 * geometry.scaledHeight <= height
    return try resized(
      width: geometry.scaledWidth, height: geometry.scaledHeight,
      interpolation: shrinks ? .area : .bilinear)
  }

  /// The samples of the network's input with this picture in its place, `inputHeight × inputWidth ×
  /// channels`, the rest `fill`.
  public func placed(_ geometry: InputGeometry, fill: UInt8 = 114) throws(VisionError) -> [UInt8] {
    precondition(
      geometry.pictureWidth == width && geometry.pictureHeight == height, "another picture's place")
    let scaled = try scaled(geometry)
    if scaled.width == geometry.inputWidth && scaled.height == geometry.inputHeight {
      return scaled.pixels
    }
    var input = [UInt8](
      repeating: fill, count: geometry.inputWidth * geometry.inputHeight * channels)
    let rowBytes = scaled.width * channels
    for row in 0..<scaled.height {
      let start = ((geometry.top + row) * geometry.inputWidth + geometry.left) * channels
      input.replaceSubrange(
        start..<(start + rowBytes), with: scaled.pixels[(row * rowBytes)..<((row + 1) * rowBytes)])
    }
    return input
  }
}
