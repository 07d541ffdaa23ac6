import Boxes
import Torch

/// What becomes of a network's boxes.
public struct DetectionSettings: Sendable, Hashable {
  /// The least score, objectness × class probability, that counts as a detection.
  public var confidenceThreshold: Float
  /// How overlapping boxes are thinned out.
  public var suppression = NonMaximumSuppression(iouThreshold: 0.6)
  /// Whether a box counts for its best class alone; otherwise for every class above the threshold.
  public var bestClassOnly = false
  /// Classes to report; all where `nil`.
  public var classes: Set<Int>?
  /// Test-time augmentation: boxes of the picture itself, mirrored at 0.83 and at 0.67 of its size
  /// are pooled before suppression.
  public var augments = false
  /// Arithmetic of the forward pass.
  public var precision = DType.float32

  /// Settings with the usual suppression.
  public init(confidenceThreshold: Float) { self.confidenceThreshold = confidenceThreshold }
}

/// Pictures in, detections out: forward pass, decoding, threshold, non-maximum suppression.
public struct Predictor {
  /// The network, usually ``Network/folded()``.
  public let network: Network
  /// What becomes of its boxes.
  public let settings: DetectionSettings
  /// The most candidates a picture takes into suppression, best first.
  public static let maximumCandidates = 30_000

  /// A predictor over a network.
  public init(network: Network, settings: DetectionSettings) {
    self.network = network
    self.settings = settings
  }

  /// Detections of a batch.
  ///
  /// - Parameter images: `[N, C, H, W]` in `0...1` on the network's device.
  /// - Returns: for each picture its detections by falling confidence, boxes in input pixels.
  public func callAsFunction(_ images: Tensor) throws -> [[Detection]] {
    try withoutGrad { try candidates(images) }.map { settings.suppression($0) }
  }

  /// Everything above the threshold, before suppression, for each picture of a batch.
  public func candidates(_ images: Tensor) throws -> [[Detection]] {
    let width = images.shape[3]
    let height = images.shape[2]
    var found = try decode(images)
    guard settings.augments else { return found.map(limited) }
    let stride = try network.spec.largestStride(width: width, height: height)
    for (scale, isMirrored) in [(0.83, true), (0.67, false)] {
      var view = isMirrored ? try images.flipped(dims: [3]) : images
      let scaledWidth = Int((Double(width) * scale).rounded())
      let scaledHeight = Int((Double(height) * scale).rounded())
      view = try view.resized(height: scaledHeight, width: scaledWidth)
      // The network wants multiples of its stride; the rest is the letterbox's gray.
      let right = (stride.x - scaledWidth % stride.x) % stride.x
      let bottom = (stride.y - scaledHeight % stride.y) % stride.y
      view = try view.padded([0, right, 0, bottom], value: Double(Letterbox.gray) / 255)
      let scaleX = Float(width) / Float(scaledWidth)
      let scaleY = Float(height) / Float(scaledHeight)
      for (index, detections) in try decode(view).enumerated() {
        found[index] += detections.map { detection in
          var box = detection.box
          box = Box(
            x1: box.x1 * scaleX, y1: box.y1 * scaleY, x2: box.x2 * scaleX, y2: box.y2 * scaleY)
          if isMirrored {
            box = Box(x1: Float(width) - box.x2, y1: box.y1, x2: Float(width) - box.x1, y2: box.y2)
          }
          return Detection(
            box: box, classIndex: detection.classIndex, confidence: detection.confidence)
        }
      }
    }
    return found.map(limited)
  }

  private func limited(_ detections: [Detection]) -> [Detection] {
    guard detections.count > Self.maximumCandidates else { return detections }
    return Array(
      detections.sorted { $0.confidence > $1.confidence }.prefix(Self.maximumCandidates))
  }

  private func decode(_ images: Tensor) throws -> [[Detection]] {
    let outputs = try withPrecision(settings.precision, on: network.device) { try network(images) }
    let decoded = try network.decode(
      outputs, inputWidth: images.shape[3], inputHeight: images.shape[2])
    let (pictures, cells, values) = (decoded.shape[0], decoded.shape[1], decoded.shape[2])
    let host = try decoded.toFloats()
    return host.withUnsafeBufferPointer { buffer in
      (0..<pictures).map { picture in
        detections(
          in: UnsafeBufferPointer(rebasing: buffer[(picture * cells * values)...]),
          cells: cells, values: values)
      }
    }
  }

  /// Reads one picture's decoded cells, `[cells, 5 + classes]`.
  private func detections(
    in buffer: UnsafeBufferPointer<Float>, cells: Int, values: Int
  ) -> [Detection] {
    var result: [Detection] = []
    for cell in 0..<cells {
      let start = cell * values
      let objectness = buffer[start + 4]
      guard objectness > settings.confidenceThreshold else { continue }
      let box = Box(
        centerX: buffer[start], centerY: buffer[start + 1], width: buffer[start + 2],
        height: buffer[start + 3])
      guard box.x1.isFinite, box.y1.isFinite, box.x2.isFinite, box.y2.isFinite else { continue }
      var best = -1
      for index in 0..<(values - 5) {
        let score = objectness * buffer[start + 5 + index]
        guard score > settings.confidenceThreshold, settings.classes?.contains(index) ?? true else {
          continue
        }
        if settings.bestClassOnly {
          if best < 0 || buffer[start + 5 + index] > buffer[start + 5 + best] { best = index }
        } else {
          result.append(Detection(box: box, classIndex: index, confidence: score))
        }
      }
      if best >= 0 {
        result.append(
          Detection(
            box: box, classIndex: best, confidence: objectness * buffer[start + 5 + best]))
      }
    }
    return result
  }
}

/// Runs `body` under autocast to `precision`, or as it is where that is float32.
public func withPrecision<Result>(
  _ precision: DType, on device: Device, _ body: () throws -> Result
) throws -> Result {
  guard precision != .float32 else { return try body() }
  return try withAutocast(device, dtype: precision, body)
}
