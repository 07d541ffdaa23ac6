import CVision

/// How a picture's samples are found between pixels.
public enum Interpolation: String, CaseIterable, Hashable, Sendable {
  /// The pixel that contains the point (OpenCV's INTER_NEAREST).
  case nearest
  /// Between four neighbours, pixel centres aligned (OpenCV's INTER_LINEAR).
  case bilinear
  /// The mean over the area that a new pixel covers: no moiré when shrinking. Growing, as bilinear
  /// (OpenCV's INTER_AREA).
  case area
  /// Between four neighbours, the pixels in the corners aligned: Darknet's `resize_image`.
  ///
  /// New pixel x of w lies at x · (W − 1) / (w − 1) of the old W, the last one on the last.
  case corners
}

extension Image {
  /// The picture at another size, in pixels.
  ///
  /// - Throws: ``VisionError`` when there is not enough memory.
  public func resized(
    width newWidth: Int, height newHeight: Int, interpolation: Interpolation = .bilinear
  ) throws(VisionError) -> Image {
    precondition(newWidth > 0 && newHeight > 0, "a size above zero")
    if newWidth == width && newHeight == height { return self }
    let mode =
      switch interpolation {
      case .nearest: vis_nearest
      case .bilinear: vis_bilinear
      case .area: vis_area
      case .corners: vis_corners
      }
    let result = try filledPixels(newWidth * newHeight * channels) { out in
      vis_resize(
        pixels, Int32(width), Int32(height), Int32(channels), Int32(newWidth), Int32(newHeight),
        mode, out)
    }
    return Image(width: newWidth, height: newHeight, channels: channels, pixels: result)
  }
}
