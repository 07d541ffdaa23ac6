import CVision

// Everything drawn is clipped to the picture; gray pictures take a colour's luma.

/// A rectangle of whole pixels: `left ≤ x < right`, `top ≤ y < bottom`.
public struct PixelRectangle: Hashable, Sendable {
  /// The first column.
  public var left: Int
  /// The first row.
  public var top: Int
  /// The column after the last.
  public var right: Int
  /// The row after the last.
  public var bottom: Int

  /// A rectangle from its edges.
  public init(left: Int, top: Int, right: Int, bottom: Int) {
    (self.left, self.top, self.right, self.bottom) = (left, top, right, bottom)
  }

  /// Columns; 0 when the edges are swapped.
  public var width: Int { max(right - left, 0) }
  /// Rows; 0 when the edges are swapped.
  public var height: Int { max(bottom - top, 0) }

  /// Whether both cover some pixel.
  public func overlaps(_ other: PixelRectangle) -> Bool {
    left < other.right && other.left < right && top < other.bottom && other.top < bottom
  }
}

extension Image {
  /// Fills a rectangle; `opacity` in 0...1 mixes with what is there.
  public mutating func fill(_ rectangle: PixelRectangle, with color: Color, opacity: Double = 1) {
    let (left, right) = (max(rectangle.left, 0), min(rectangle.right, width))
    let (top, bottom) = (max(rectangle.top, 0), min(rectangle.bottom, height))
    guard left < right, top < bottom else { return }
    let components = components(of: color)
    let weight = Int((min(max(opacity, 0), 1) * 256).rounded())
    let (channels, rowCount) = (channels, width * channels)
    withMutablePixels { pixels in
      for y in top..<bottom {
        for x in left..<right {
          for c in 0..<channels {
            let index = y * rowCount + x * channels + c
            pixels[index] = mix(Int(pixels[index]), components[c], weight: weight)
          }
        }
      }
    }
  }

  /// Draws the four sides of a rectangle, `lineWidth` pixels thick, inside of its edges.
  public mutating func stroke(
    _ rectangle: PixelRectangle, with color: Color, lineWidth: Int, opacity: Double = 1
  ) {
    let (left, right) = (rectangle.left, rectangle.right)
    let (top, bottom) = (rectangle.top, rectangle.bottom)
    guard left < right, top < bottom, lineWidth > 0 else { return }
    let upper = min(top + lineWidth, bottom)
    let lower = max(bottom - lineWidth, upper)
    let sides = [
      PixelRectangle(left: left, top: top, right: right, bottom: upper),
      PixelRectangle(left: left, top: lower, right: right, bottom: bottom),
      PixelRectangle(left: left, top: upper, right: min(left + lineWidth, right), bottom: lower),
      PixelRectangle(
        left: max(right - lineWidth, left + lineWidth), top: upper, right: right, bottom: lower),
    ]
    for side in sides { fill(side, with: color, opacity: opacity) }
  }

  /// Copies another picture of as many channels into this one.
  public mutating func paste(_ other: Image, left: Int, top: Int) {
    precondition(other.channels == channels, "as many channels")
    let (from, to) = (max(left, 0), min(left + other.width, width))
    guard from < to else { return }
    let count = (to - from) * channels
    let (width, height, channels) = (width, height, channels)
    withMutablePixels { pixels in
      other.pixels.withUnsafeBufferPointer { source in
        for y in max(top, 0)..<max(min(top + other.height, height), max(top, 0)) {
          let target = (y * width + from) * channels
          let start = ((y - top) * other.width + from - left) * channels
          _ = pixels[target..<target + count].update(fromContentsOf: source[start..<start + count])
        }
      }
    }
  }

  /// Draws one line of text, anti-aliased.
  ///
  /// - Parameters:
  ///   - left: where the text starts, in pixels.
  ///   - top: the upper edge of the line, in pixels.
  ///   - size: height of the line in pixels, from above its capitals to below its descenders.
  public mutating func draw(
    _ text: String, left: Int, top: Int, size: Int, color: Color
  ) throws(VisionError) {
    draw(try TextMask(text, size: size), left: left, top: top, color: color)
  }

  mutating func draw(_ mask: TextMask, left: Int, top: Int, color: Color) {
    let components = components(of: color)
    let (channels, rowCount) = (channels, width * channels)
    let columns = max(-left, 0)..<max(min(mask.width, width - left), max(-left, 0))
    let rows = max(-top, 0)..<max(min(mask.height, height - top), max(-top, 0))
    withMutablePixels { pixels in
      for y in rows {
        for x in columns {
          let coverage = Int(mask.coverage[y * mask.width + x])
          guard coverage > 0 else { continue }
          for c in 0..<channels {
            let index = (top + y) * rowCount + (left + x) * channels + c
            pixels[index] = mix(Int(pixels[index]), components[c], weight: coverage + coverage >> 7)
          }
        }
      }
    }
  }

  private func components(of color: Color) -> [Int] {
    channels == 3
      ? [Int(color.red), Int(color.green), Int(color.blue)]
      : [(299 * Int(color.red) + 587 * Int(color.green) + 114 * Int(color.blue)) / 1000]
  }

  private mutating func withMutablePixels(_ body: (UnsafeMutableBufferPointer<UInt8>) -> Void) {
    pixels.withUnsafeMutableBufferPointer { body($0) }
  }
}

/// `weight` of 0...256 parts of `new`.
private func mix(_ old: Int, _ new: Int, weight: Int) -> UInt8 {
  UInt8((old * (256 - weight) + new * weight + 128) >> 8)
}
