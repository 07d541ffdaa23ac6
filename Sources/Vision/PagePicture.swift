import Boxes

/// A picture for a page: no larger than a page needs, with boxes that can be told apart.
public struct PagePicture: Sendable {
  /// The longer side of a picture on a page, in pixels.
  public static let side = 416
  /// What one JPEG file may take, so that a page of 50 stays below 3 MB.
  static let maximumBytes = 40_000

  /// The picture, at its size on the page.
  public private(set) var image: Image
  /// The original's sides in pixels.
  public let width, height: Int

  /// A picture from its file.
  ///
  /// - Parameter size: the original's, in pixels, which boxes are in; the file's own unless given.
  public init(contentsOf path: String, size: (width: Int, height: Int)? = nil) throws(VisionError) {
    let image = try Image(contentsOf: path, shrunkTowards: Self.side)
    let own: (width: Int, height: Int)
    if let size {
      own = size
    } else {
      let header = try PictureHeader(contentsOf: path)
      own = (header.width, header.height)
    }
    try self.init(image, size: own)
  }

  /// A picture in memory.
  public init(_ image: Image) throws(VisionError) {
    try self.init(image, size: (image.width, image.height))
  }

  private init(_ picture: Image, size: (width: Int, height: Int)) throws(VisionError) {
    let longest = max(picture.width, picture.height)
    func scaled(_ side: Int) -> Int { max((side * Self.side + longest / 2) / longest, 1) }
    // Small pictures grow: there would be no room for letters.
    image = try picture.resized(
      width: scaled(picture.width), height: scaled(picture.height),
      interpolation: longest > Self.side ? .area : .bilinear)
    (width, height) = size
  }

  /// Draws boxes, in pixels of the original, the last on top.
  public mutating func draw(_ marks: [BoxMark]) throws(VisionError) {
    let scaleX = Float(image.width) / Float(width)
    let scaleY = Float(image.height) / Float(height)
    try image.draw(
      marks.map { mark in
        var mark = mark
        mark.box = Box(
          x1: mark.box.x1 * scaleX, y1: mark.box.y1 * scaleY, x2: mark.box.x2 * scaleX,
          y2: mark.box.y2 * scaleY)
        return mark
      }, lineWidth: 2)
  }

  /// The picture as a JPEG file of at most 40 kB, or as small as it gets.
  public func jpeg() throws(VisionError) -> [UInt8] {
    var bytes: [UInt8] = []
    for quality in [82, 65, 45, 25] {
      bytes = try image.encoded(as: .jpeg, quality: quality)
      if bytes.count <= Self.maximumBytes { break }
    }
    return bytes
  }
}

extension Color {
  /// What is right on a page (Okabe and Ito's colours, which most people can tell apart).
  public static let right = Color(red: 0, green: 158, blue: 115)
  /// What is wrong on a page.
  public static let wrong = Color(red: 213, green: 60, blue: 0)
  /// What is missing on a page.
  public static let missing = Color(red: 240, green: 228, blue: 66)
}
