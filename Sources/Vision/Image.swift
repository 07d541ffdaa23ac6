/// A picture in memory: 8-bit samples, interleaved, rows from the top, no padding.
public struct Image: Hashable, Sendable {
  /// In pixels, after EXIF orientation is applied.
  public let width: Int
  /// In pixels, after EXIF orientation is applied.
  public let height: Int
  /// 3 for red, green, blue; 1 for gray.
  public let channels: Int
  /// `height × width × channels` samples.
  public var pixels: [UInt8] {
    // The old value is not asked for: with it every change would be made to a copy.
    didSet { precondition(pixels.count == width * height * channels, "an image keeps its size") }
  }

  /// What the samples were before they were brought to 0...255, for a picture of more than 8 bits
  /// that would be nearly dark otherwise; nil for every other.
  public internal(set) var scaledFrom: ClosedRange<Int>?

  /// A picture from its samples, `height × width × channels` of them.
  public init(width: Int, height: Int, channels: Int = 3, pixels: [UInt8]) {
    precondition(width > 0 && height > 0 && (channels == 1 || channels == 3), "no such image")
    precondition(pixels.count == width * height * channels, "samples do not fit the size")
    (self.width, self.height, self.channels, self.pixels) = (width, height, channels, pixels)
  }

  /// A picture of one colour; a gray one takes the first component.
  public init(width: Int, height: Int, channels: Int = 3, filledWith color: Color = .padding) {
    precondition(width > 0 && height > 0 && (channels == 1 || channels == 3), "no such image")
    let one = channels == 1 ? [color.red] : [color.red, color.green, color.blue]
    var pixels = [UInt8](repeating: one[0], count: width * height * channels)
    if channels == 3, one[1] != one[0] || one[2] != one[0] {
      for index in stride(from: 0, to: pixels.count, by: 3) {
        pixels[index + 1] = one[1]
        pixels[index + 2] = one[2]
      }
    }
    self.init(width: width, height: height, channels: channels, pixels: pixels)
  }

  /// The colour of one pixel; gray is repeated.
  ///
  /// - Precondition: `0 ≤ x < width`, `0 ≤ y < height`.
  public subscript(x: Int, y: Int) -> Color {
    precondition(x >= 0 && x < width && y >= 0 && y < height, "outside of the image")
    let index = (y * width + x) * channels
    return channels == 1
      ? Color(gray: pixels[index])
      : Color(red: pixels[index], green: pixels[index + 1], blue: pixels[index + 2])
  }
}

extension Image: CustomStringConvertible {
  /// Size and channels, not the samples: "640x480 image of 3 channels".
  public var description: String {
    "\(width)x\(height) image of \(channels) channel\(channels == 1 ? "" : "s")"
  }
}
