extension Image {
  /// The picture in one channel, luma of BT.601 as picture decoders make it.
  public var gray: Image {
    guard channels == 3 else { return self }
    let values = (0..<(width * height)).map { index in
      let sum =
        299 * Int(pixels[3 * index]) + 587 * Int(pixels[3 * index + 1])
        + 114 * Int(pixels[3 * index + 2])
      return UInt8((sum + 500) / 1000)
    }
    return Image(width: width, height: height, channels: 1, pixels: values)
  }
}
