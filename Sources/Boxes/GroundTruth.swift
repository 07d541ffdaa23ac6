/// One object that a picture's annotation says is there.
public struct GroundTruth: Hashable, Sendable {
  /// Where it is, in the same unit as the detections it is compared with.
  public var box: Box
  /// Which class it has, counted from 0.
  public var classIndex: Int
  /// Whether the box covers a group: detections inside are neither right nor wrong. Read by COCO's
  /// style, and by the VOC styles as if it were difficult.
  public var isCrowd: Bool
  /// Whether the object is too hard to be asked for (Pascal VOC); only the VOC styles read it.
  public var isDifficult: Bool
  /// The object's area in square pixels, where it is not the box's own (COCO: that of the outline).
  public var area: Float?

  /// Makes a ground truth.
  public init(
    box: Box, classIndex: Int, isCrowd: Bool = false, isDifficult: Bool = false, area: Float? = nil
  ) {
    self.box = box
    self.classIndex = classIndex
    self.isCrowd = isCrowd
    self.isDifficult = isDifficult
    self.area = area
  }
}
