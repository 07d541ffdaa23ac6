import CVision

extension Image {
  /// Reads a picture file of any ``PictureFormat``.
  ///
  /// EXIF orientation is applied. Samples of 16 bits keep their upper byte; where that would leave
  /// a nearly dark picture, whose largest sample is below a quarter of the range (cameras of 12
  /// bits), all are scaled from smallest to largest, see ``scaledFrom``. Alpha is dropped and the
  /// stored colours are kept, as OpenCV's `imread` does, whose pictures this field's models know.
  ///
  /// - Parameter channels: 3 for colour, 1 for gray; the file is converted.
  /// - Throws: ``VisionError`` with the path, for files that are missing, empty, cut short,
  ///   damaged, of another format, or larger than ``PictureLimit``.
  public init(contentsOf path: String, channels: Int = 3) throws(VisionError) {
    let (header, bytes) = try readPicture(path)
    try self.init(decoding: bytes, header, channels: channels, denominator: 1, path: path)
  }

  /// Decodes the bytes of a picture file, as ``init(contentsOf:channels:)`` does; `path` is for
  /// messages.
  public init(
    decoding bytes: [UInt8], channels: Int = 3, path: String = "<memory>"
  ) throws(VisionError) {
    let header = try PictureHeader(of: bytes, path: path)
    try self.init(decoding: bytes, header, channels: channels, denominator: 1, path: path)
  }

  /// Reads a picture that is to be shrunk to about `longSide` pixels anyway.
  ///
  /// A JPEG is decoded at 1/2, 1/4 or 1/8 of its size, which takes a fraction of the time, as long
  /// as its longer side stays at least `longSide`; all else is as in
  /// ``init(contentsOf:channels:)``.
  public init(
    contentsOf path: String, channels: Int = 3, shrunkTowards longSide: Int
  ) throws(VisionError) {
    let (header, bytes) = try readPicture(path)
    let longest = max(header.width, header.height)
    let denominator = [8, 4, 2].first { longest / $0 >= max(longSide, 1) } ?? 1
    try self.init(
      decoding: bytes, header, channels: channels,
      denominator: header.format == .jpeg ? denominator : 1,
      path: path)
  }

  private init(
    decoding bytes: [UInt8], _ header: PictureHeader, channels: Int, denominator: Int, path: String
  ) throws(VisionError) {
    precondition(channels == 1 || channels == 3, "1 or 3 channels")
    let bytes = try checkedBytes(bytes, header, path: path)
    let width = (header.storedWidth + denominator - 1) / denominator
    let height = (header.storedHeight + denominator - 1) / denominator
    var range: (Int32, Int32) = (0, -1)
    let (stored, status) = pixelBuffer(width * height * channels) { pixels in
      header.format == .jpeg
        ? vis_decode_jpeg(
          bytes, bytes.count, Int32(header.storedWidth), Int32(header.storedHeight),
          Int32(channels), Int32(denominator), pixels)
        : vis_decode(
          bytes, bytes.count, Int32(width), Int32(height), Int32(channels),
          header.bitsPerSample > 8, pixels, &range.0, &range.1)
    }
    switch status {
    case vis_ok: break
    case vis_truncated: throw .truncated(path: path, format: header.format)
    case vis_out_of_memory: throw .outOfMemory(path: path)
    default:
      guard header.format.isBuiltIn else { throw .notBuiltIn(path: path, format: header.format) }
      throw .corrupt(path: path, format: header.format, reason: lastMessage())
    }
    guard header.orientation != 1 else {
      self.init(width: width, height: height, channels: channels, pixels: stored)
      noteScaling(range, path)
      return
    }
    let upright = try filledPixels(stored.count) { pixels in
      vis_orient(
        stored, Int32(width), Int32(height), Int32(channels), Int32(header.orientation), pixels)
    }
    self.init(
      width: header.orientation > 4 ? height : width,
      height: header.orientation > 4 ? width : height, channels: channels, pixels: upright)
    noteScaling(range, path)
  }

  private mutating func noteScaling(_ range: (Int32, Int32), _ path: String) {
    guard range.0 <= range.1 else { return }
    let samples = Int(range.0)...Int(range.1)
    scaledFrom = samples
    ScaledPictures.note(path, samples)
  }

  /// Encodes the picture.
  ///
  /// - Parameter quality: 1...100 for JPEG and WebP; 101 makes lossless WebP. Others are lossless.
  public func encoded(as format: PictureFormat, quality: Int = 95) throws(VisionError) -> [UInt8] {
    precondition((1...101).contains(quality), "quality is in 1...101")
    var bytes: UnsafeMutablePointer<UInt8>?
    var count = 0
    guard format.isWritten else { throw .notBuiltIn(path: "<memory>", format: format) }
    let status = vis_encode(
      pixels, Int32(width), Int32(height), Int32(channels), "." + format.encoder(channels),
      Int32(quality), &bytes, &count)
    defer { vis_free(bytes) }
    try check(status)
    return Array(UnsafeBufferPointer(start: bytes, count: count))
  }

  /// Writes the picture in the format that the file's extension names, whole or not at all.
  ///
  /// - Throws: ``VisionError/unknownExtension(path:expected:)``,
  ///   ``VisionError/unwritable(path:reason:)``.
  public func write(to path: String, quality: Int = 95) throws(VisionError) {
    guard let format = PictureFormat(path: path) else {
      throw .unknownExtension(path: path, expected: PictureFormat.written.map { $0.extensions[0] })
    }
    let bytes: [UInt8]
    do { bytes = try encoded(as: format, quality: quality) } catch {
      guard case .engine(let reason) = error else { throw error }
      throw .unwritable(
        path: path,
        reason: "OpenCV writes no \(format.name) of \(width)x\(height) pixels (\(reason))")
    }
    try writeFile(bytes, to: path)
  }
}
