import Vision

/// What the boxes of an annotation are counted in: the pixels of a picture of some size.
///
/// An annotation may state a size. Where that is not the picture's own, the picture was resized
/// after it was annotated, or the program that annotated it did not turn it by its EXIF
/// orientation, or the annotation is of another picture.
struct BoxFrame: Equatable {
  /// Of the frame, in pixels.
  var width, height: Int
  /// EXIF orientation 5 to 8 when boxes are to be turned as the picture is; else 1.
  var orientation = 1
  /// What is odd about the size that was stated; nil when nothing is.
  var remark: String?

  /// Proportions that differ by less are the same: sizes are rounded.
  static let aspectTolerance = 0.01

  /// - Parameters:
  ///   - stated: the size that the annotation states; nil when it states none that can be.
  ///   - header: the picture's.
  init(stated: (width: Int, height: Int)?, _ header: PictureHeader) {
    (width, height) = (header.width, header.height)
    guard let stated, (1..<1_000_000).contains(stated.width),
      (1..<1_000_000).contains(stated.height), stated != (header.width, header.height)
    else { return }
    func isAlike(_ width: Int, _ height: Int) -> Bool {
      let ratio = Double(stated.width * height) / Double(stated.height * width)
      return abs(ratio - 1) < Self.aspectTolerance
    }
    let isTurned = header.orientation > 4
    let isStored = isTurned && stated == (header.storedWidth, header.storedHeight)
    let found = "says \(stated.width)x\(stated.height), the picture is \(width)x\(height)"
    if !isStored, isAlike(header.width, header.height) {
      remark = "\(found); taken as resized"
      (width, height) = stated
    } else if isStored || isTurned && isAlike(header.storedWidth, header.storedHeight) {
      remark = "\(found) by its EXIF orientation \(header.orientation); boxes are turned alike"
      (width, height) = stated
      orientation = header.orientation
    } else {
      remark = "\(found), of other proportions; boxes are taken as the picture's pixels"
    }
  }

  /// The label of the part of a box that lies in the picture.
  ///
  /// - Parameters:
  ///   - what: what the box is around, for messages.
  ///   - reach: counts it where it reaches over the edge.
  /// - Throws: ``BadRecord`` when the box has no area, or none inside of the picture.
  func label(
    _ box: PixelBox, classIndex: Int, what: @autoclosure () -> String, reach: inout EdgeReach
  ) throws(BadRecord) -> Label {
    let isTurned = orientation > 4
    return try turned(box).label(
      classIndex: classIndex, width: isTurned ? height : width, height: isTurned ? width : height,
      what: what(), reach: &reach)
  }

  // EXIF 2.32, tag 0x0112: where the point (x, y) of the stored picture is shown. 6 is a quarter
  // turn clockwise, 8 one against the clock; 5 and 7 mirror along a diagonal.
  private func turned(_ box: PixelBox) -> PixelBox {
    let (w, h) = (Double(width), Double(height))
    switch orientation {
    case 5: return PixelBox(x1: box.y1, y1: box.x1, x2: box.y2, y2: box.x2)
    case 6: return PixelBox(x1: h - box.y2, y1: box.x1, x2: h - box.y1, y2: box.x2)
    case 7: return PixelBox(x1: h - box.y2, y1: w - box.x2, x2: h - box.y1, y2: w - box.x1)
    case 8: return PixelBox(x1: box.y1, y1: w - box.x2, x2: box.y2, y2: w - box.x1)
    default: return box
    }
  }
}
