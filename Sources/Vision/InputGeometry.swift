import Boxes

/// How a picture is brought to the network's input size.
public enum PictureFit: String, CaseIterable, Codable, Hashable, Sendable {
  /// Keeps the proportions and pads both sides alike.
  case letterbox
  /// Fills the input, whatever becomes of the proportions.
  case stretch
  /// Fills the input as Darknet does, with ``Interpolation/corners``.
  case darknet

  /// Whether proportions are kept, so that there is padding.
  public var keepsProportions: Bool { self == .letterbox }
}

/// Where a picture lies inside the network's input, and the way of boxes there and back.
///
/// Coordinates are pixel edges: a picture of width w reaches from 0 to w.
public struct InputGeometry: Hashable, Sendable {
  /// The original, in pixels.
  public let pictureWidth, pictureHeight: Int
  /// The network's input, in pixels.
  public let inputWidth, inputHeight: Int
  /// The picture inside the input, in pixels.
  public let scaledWidth, scaledHeight: Int
  /// Padding before the picture, in pixels; an odd rest goes to the other side.
  public let left, top: Int
  /// How the picture was fitted in.
  public let fit: PictureFit

  /// Places a picture; a letterboxed one grows or shrinks until it touches two sides.
  public init(
    pictureWidth: Int, pictureHeight: Int, inputWidth: Int, inputHeight: Int,
    fit: PictureFit = .letterbox
  ) {
    precondition(pictureWidth > 0 && pictureHeight > 0 && inputWidth > 0 && inputHeight > 0)
    (self.pictureWidth, self.pictureHeight) = (pictureWidth, pictureHeight)
    (self.inputWidth, self.inputHeight) = (inputWidth, inputHeight)
    self.fit = fit
    switch fit {
    case .stretch, .darknet:
      (scaledWidth, scaledHeight) = (inputWidth, inputHeight)
    case .letterbox:
      let scale = min(
        Double(inputWidth) / Double(pictureWidth), Double(inputHeight) / Double(pictureHeight))
      scaledWidth = min(max(Int((Double(pictureWidth) * scale).rounded()), 1), inputWidth)
      scaledHeight = min(max(Int((Double(pictureHeight) * scale).rounded()), 1), inputHeight)
    }
    (left, top) = ((inputWidth - scaledWidth) / 2, (inputHeight - scaledHeight) / 2)
  }

  /// The smallest input into which pictures of these proportions fit when the longer side of each
  /// becomes `longSide` (docs/formulas.md 4.6): rectangular testing and training.
  ///
  /// - Parameters:
  ///   - aspects: height / width of the pictures, the least and the greatest.
  ///   - longSide: pixels; a multiple of `multiple`.
  ///   - multiple: of both sides of the input, the network's greatest stride.
  public static func smallestInput(
    aspects: ClosedRange<Double>, longSide: Int, multiple: Int
  ) -> (width: Int, height: Int) {
    precondition(aspects.lowerBound > 0 && longSide > 0 && multiple > 0)
    func side(_ share: Double) -> Int {
      // Rounded to a pixel first, as the picture itself is: 312.0000001 needs no row more.
      let pixels = max(Int((share * Double(longSide)).rounded()), 1)
      return (pixels + multiple - 1) / multiple * multiple
    }
    if aspects.upperBound < 1 { return (side(1), side(aspects.upperBound)) }
    if aspects.lowerBound > 1 { return (side(1 / aspects.lowerBound), side(1)) }
    return (side(1), side(1))
  }

  /// Input pixels per picture pixel; about the same in both directions for a letterbox.
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
  /// Darknet's fit has its own interpolation. The others are bilinear, but for pictures that shrink
  /// to half or less: those average areas, since single pixels of theirs would be missed. Training,
  /// testing and detecting all scale by this rule; training has large JPEGs decoded at a fraction
  /// of their size before (``init(contentsOf:channels:shrunkTowards:)``).
  ///
  /// - Precondition: `geometry` was made for this picture's proportions.
  package func scaled(_ geometry: InputGeometry) throws(VisionError) -> Image {
    if geometry.fit == .darknet {
      return try resized(
        width: geometry.scaledWidth, height: geometry.scaledHeight, interpolation: .corners)
    }
    let shrinks = 2 * geometry.scaledWidth <= width || 2 * geometry.scaledHeight <= height
    return try resized(
      width: geometry.scaledWidth, height: geometry.scaledHeight,
      interpolation: shrinks ? .area : .bilinear)
  }

  /// The samples of the network's input with this picture in its place, `inputHeight × inputWidth ×
  /// channels`, the rest `fill`.
  ///
  /// - Precondition: `geometry` was made for this picture's size.
  public func placed(
    _ geometry: InputGeometry, fill: UInt8 = Color.padding.red
  ) throws(VisionError) -> [UInt8] {
    precondition(
      geometry.pictureWidth == width && geometry.pictureHeight == height, "another picture's place")
    let scaled = try scaled(geometry)
    if scaled.width == geometry.inputWidth && scaled.height == geometry.inputHeight {
      return scaled.pixels
    }
    var input = Image(
      width: geometry.inputWidth, height: geometry.inputHeight, channels: channels,
      filledWith: Color(gray: fill))
    input.paste(scaled, left: geometry.left, top: geometry.top)
    return input.pixels
  }
}
