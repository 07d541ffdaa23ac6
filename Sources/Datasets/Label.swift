import Boxes

/// One labelled box of a picture, as Darknet writes it: centre and size as fractions of the
/// picture's width and height, each in `0...1`.
public struct Label: Hashable, Sendable {
  /// Labels of one picture that are read, many times what any picture shows; a file with more is no
  /// list of what is in a picture, and must not fill the memory.
  public static let maximumPerPicture = 1 << 15
  /// Why a label beyond ``maximumPerPicture`` is left out.
  static var excessReason: String { "more than \(maximumPerPicture) boxes in one picture" }

  /// From 0.
  public var classIndex: Int
  /// As fractions of the picture.
  public var centerX, centerY, width, height: Float

  /// A label from its five columns.
  public init(classIndex: Int, centerX: Float, centerY: Float, width: Float, height: Float) {
    self.classIndex = classIndex
    (self.centerX, self.centerY, self.width, self.height) = (centerX, centerY, width, height)
  }

  /// A label from a box in pixels of a picture of the given size.
  public init(classIndex: Int, box: Box, pictureWidth: Int, pictureHeight: Int) {
    let (w, h) = (Float(pictureWidth), Float(pictureHeight))
    self.init(
      classIndex: classIndex, centerX: (box.x1 + box.x2) / 2 / w,
      centerY: (box.y1 + box.y2) / 2 / h, width: (box.x2 - box.x1) / w,
      height: (box.y2 - box.y1) / h)
  }

  /// How far it reaches over the picture's edge, as a share of the picture's side; negative inside of it.
  var reach: Double {
    func reach(_ center: Float, _ size: Float) -> Double {
      max(Double(size) / 2 - Double(center), Double(center) + Double(size) / 2 - 1)
    }
    return max(reach(centerX, width), reach(centerY, height))
  }

  /// The box in pixels of a picture of the given size; it may reach over the picture's edge.
  public func box(pictureWidth: Int, pictureHeight: Int) -> Box {
    let (w, h) = (Float(pictureWidth), Float(pictureHeight))
    return Box(
      x1: (centerX - width / 2) * w, y1: (centerY - height / 2) * h,
      x2: (centerX + width / 2) * w, y2: (centerY + height / 2) * h)
  }
}
