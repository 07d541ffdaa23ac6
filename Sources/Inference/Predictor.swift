import Boxes
import Networks
import Torch

/// What becomes of a network's boxes.
public struct DetectionSettings: Sendable, Hashable {
  /// What a score, objectness × class probability, has to be above to count as a detection.
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

  /// Settings with the usual suppression.
  public init(confidenceThreshold: Float) { self.confidenceThreshold = confidenceThreshold }
}

/// Pictures in, detections out: an engine, then threshold, decoding and non-maximum suppression.
public struct Predictor {
  /// Runs the network.
  public let engine: any InferenceEngine
  /// What becomes of its boxes.
  public let settings: DetectionSettings
  /// The most candidates a picture takes into suppression, best first.
  public static let maximumCandidates = 30_000

  /// A predictor over an engine.
  public init(_ engine: any InferenceEngine, settings: DetectionSettings) {
    self.engine = engine
    self.settings = settings
  }

  /// Detections of a batch.
  ///
  /// - Parameter pictures: `uint8`, `[N, C, H, W]` on the engine's device.
  /// - Returns: for each picture its detections by falling confidence, boxes in input pixels.
  /// - Throws: ``NetworkError/noHeads(path:)``,
  ///   ``InferenceError/wrongOutputs(engine:found:expected:)``, or what the engine throws.
  public func detections(in pictures: Tensor) throws -> [[Detection]] {
    try candidates(in: pictures).map { settings.suppression($0) }
  }

  /// Everything above the threshold, before suppression, for each picture of a batch.
  ///
  /// - Parameter pictures: as of ``detections(in:)``.
  /// - Returns: for each picture at most ``maximumCandidates``, boxes in input pixels; in no order.
  /// - Throws: as ``detections(in:)``.
  public func candidates(in pictures: Tensor) throws -> [[Detection]] {
    try withoutGrad {
      var found = try decoded(pictures)
      if settings.augments { try addViews(of: pictures, to: &found) }
      return found.map(limited)
    }
  }

  /// Adds what is found in the pictures at 0.83 of their size and mirrored, and at 0.67.
  private func addViews(of pictures: Tensor, to found: inout [[Detection]]) throws {
    let (height, width) = (pictures.shape[2], pictures.shape[3])
    let stride = try engine.spec.greatestStride(width: width, height: height)
    let images = try pictures.contiguous().to(.float32)
    for (scale, isMirrored) in [(0.83, true), (0.67, false)] {
      let scaledWidth = Int((Double(width) * scale).rounded())
      let scaledHeight = Int((Double(height) * scale).rounded())
      var view = isMirrored ? try images.flipped(dims: [3]) : images
      view = try view.resized(height: scaledHeight, width: scaledWidth)
      // The network wants multiples of its stride; the rest is the letterbox's gray.
      let right = (stride.x - scaledWidth % stride.x) % stride.x
      let bottom = (stride.y - scaledHeight % stride.y) % stride.y
      view = try view.padded([0, right, 0, bottom], value: Double(Letterbox.gray))
      let bytes = try (view + 0.5).clamped(min: 0, max: 255).to(.uint8)
      let scaleX = Float(width) / Float(scaledWidth)
      let scaleY = Float(height) / Float(scaledHeight)
      for (index, detections) in try decoded(bytes).enumerated() {
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
  }

  private func limited(_ detections: [Detection]) -> [Detection] {
    guard detections.count > Self.maximumCandidates else { return detections }
    return Array(
      detections.sorted { $0.confidence > $1.confidence }.prefix(Self.maximumCandidates))
  }

  /// Everything above the threshold in each picture. Objectness is read first, and only the cells
  /// that survive are decoded.
  private func decoded(_ pictures: Tensor) throws -> [[Detection]] {
    let heads = engine.heads
    guard !heads.isEmpty else { throw NetworkError.noHeads(path: engine.spec.configuration.path) }
    let outputs = try engine.run(pictures)
    var found = [[Detection]](repeating: [], count: pictures.shape[0])
    for (head, output) in zip(heads, outputs) {
      let (pictures, rows) = try head.decode(
        output, inputWidth: pictures.shape[3], inputHeight: pictures.shape[2],
        above: settings.confidenceThreshold)
      let width = rows.shape[1]
      let values = try rows.toFloats()
      for (index, picture) in pictures.enumerated() {
        add(values[index * width..<(index + 1) * width], to: &found[picture])
      }
    }
    return found
  }

  /// Adds the detections of a decoded cell, 5 + classes values.
  private func add(_ cell: ArraySlice<Float>, to result: inout [Detection]) {
    let start = cell.startIndex
    let box = Box(
      centerX: cell[start], centerY: cell[start + 1], width: cell[start + 2],
      height: cell[start + 3])
    guard box.x1.isFinite, box.y1.isFinite, box.x2.isFinite, box.y2.isFinite else { return }
    let objectness = cell[start + 4]
    var best: (classIndex: Int, probability: Float)?
    for (index, probability) in cell.dropFirst(5).enumerated() {
      let score = objectness * probability
      guard score > settings.confidenceThreshold, settings.classes?.contains(index) ?? true else {
        continue
      }
      if !settings.bestClassOnly {
        result.append(Detection(box: box, classIndex: index, confidence: score))
      } else if probability > best?.probability ?? -1 {
        best = (index, probability)
      }
    }
    if let best {
      result.append(
        Detection(
          box: box, classIndex: best.classIndex, confidence: objectness * best.probability))
    }
  }
}
