/// The cfg of a network of 32×32 pixels with every kind of parameter that the earlier Python
/// programs know.
///
/// With the usual values it is the network whose state dict the fixtures of
/// Scripts/make-checkpoint-fixtures.py hold.
///
/// - Parameters:
///   - classes: of its only head.
///   - anchors: how many its head has, up to 3.
///   - reduction: of the squeeze and excitation.
///   - shortcut: the line that says what factors the shortcut has.
///   - hasPlainDepthwise: whether a depthwise convolution with biases comes before the last one.
public func networkWithEveryKindOfParameter(
  classes: Int = 1, anchors: Int = 3, reduction: Int = 4,
  shortcut: String = "weights_type=per_feature", hasPlainDepthwise: Bool = false
) -> String {
  """
  [net]
  width=32
  height=32
  channels=3
  [convolutional]
  batch_normalize=1
  filters=4
  size=1
  activation=leaky
  [depthwise]
  batch_normalize=1
  filters=4
  size=3
  pad=1
  activation=relu6
  [shortcut]
  from=-2
  activation=linear
  \(shortcut)
  [se]
  reduction=\(reduction)
  [BatchNorm2d]
  \(hasPlainDepthwise ? "[depthwise]\nfilters=4\nsize=1\nactivation=linear" : "")
  [convolutional]
  filters=\(anchors * (5 + classes))
  size=1
  activation=linear
  [yolo]
  mask=\((0..<anchors).map(String.init).joined(separator: ","))
  anchors=\(["4,4", "8,8", "16,16"].prefix(anchors).joined(separator: ", "))
  classes=\(classes)
  """
}
