/// One object that a detector claims to see.
public struct Detection: Hashable, Sendable {
  /// Where it is, in pixels of the original picture unless the caller says otherwise.
  public var box: Box
  /// Which class it has, counted from 0.
  public var classIndex: Int
  /// How sure the detector is, in `0...1`.
  public var confidence: Float

  /// The confidence from which a detection is shown unless another is asked for.
  public static let usualConfidence: Float = 0.3

  /// Makes a detection.
  @inlinable
  public init(box: Box, classIndex: Int, confidence: Float) {
    self.box = box
    self.classIndex = classIndex
    self.confidence = confidence
  }
}
