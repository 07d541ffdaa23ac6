/// What pads a picture whose proportions are kept.
public enum Letterbox {
  /// The gray of the padding, `0...255`: 114, as in the yolov3 code that trained this field's
  /// models. Darknet's own is 127.
  public static let gray: UInt8 = 114
}
