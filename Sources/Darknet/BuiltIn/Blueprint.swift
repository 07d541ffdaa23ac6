/// What is particular to one built-in network: its published facts, and how it is written.
struct Blueprint: Sendable {
  /// What it is, in a few words without a full stop.
  let summary: String
  /// Trainable parameters for 80 classes, in millions, rounded to a tenth.
  let millionsOfParameters: Double
  /// The input size that it is published with, in pixels.
  let size: Int
  /// The anchors that it is published with, in pixels of ``size``, small ones first.
  let anchors: [Anchor]
  /// Number of detection heads.
  let headCount: Int
  /// For a network with a choice of masks: those that it is published with.
  let masks: BuiltInNetwork.TinyMasks?
  /// How Darknet trains it.
  let training: Training
  /// Writes the layers.
  let write: @Sendable (inout NetworkBuilder) -> Void

  /// - Parameter anchors: widths and heights in turn.
  init(
    _ summary: String, millionsOfParameters: Double, size: Int, anchors: [Float], heads: Int,
    masks: BuiltInNetwork.TinyMasks? = nil, training: Training = .yolov3,
    write: @escaping @Sendable (inout NetworkBuilder) -> Void
  ) {
    self.summary = summary
    self.millionsOfParameters = millionsOfParameters
    self.size = size
    self.anchors = stride(from: 0, to: anchors.count - 1, by: 2)
      .map { Anchor(width: anchors[$0], height: anchors[$0 + 1]) }
    headCount = heads
    self.masks = masks
    self.training = training
    self.write = write
  }

  /// Keys of `[net]` that differ between networks.
  struct Training: Sendable {
    var momentum = "0.9"
    var learningRate = "0.001"
    var warmupSteps = 1000
    var totalSteps = 500_200
    var steps = "400000,450000"
    /// Further keys.
    var others: [(key: String, value: String)] = []

    static let yolov3 = Training()

    /// The entries of `[net]`.
    func net(width: Int, height: Int, channels: Int) -> [(key: String, value: String)] {
      [
        ("batch", "64"), ("subdivisions", "16"), ("width", "\(width)"), ("height", "\(height)"),
        ("channels", "\(channels)"), ("momentum", momentum), ("decay", "0.0005"), ("angle", "0"),
        ("saturation", "1.5"), ("exposure", "1.5"), ("hue", ".1"),
        ("learning_rate", learningRate), ("burn_in", "\(warmupSteps)"),
        ("max_batches", "\(totalSteps)"), ("policy", "steps"), ("steps", steps),
        ("scales", ".1,.1"),
      ] + others
    }
  }
}

extension Blueprint {
  /// Anchors of YOLOv3 for COCO at 416 pixels.
  static let yolov3Anchors: [Float] = [
    10, 13, 16, 30, 33, 23, 30, 61, 62, 45, 59, 119, 116, 90, 156, 198, 373, 326,
  ]
  /// Anchors of YOLOv4 for COCO at 512 pixels.
  static let yolov4Anchors: [Float] = [
    12, 16, 19, 36, 40, 28, 36, 75, 76, 55, 72, 146, 142, 110, 192, 243, 459, 401,
  ]
  /// Anchors of the tiny networks for COCO at 416 pixels.
  static let tinyAnchors: [Float] = [10, 14, 23, 27, 37, 58, 81, 82, 135, 169, 344, 319]
}
