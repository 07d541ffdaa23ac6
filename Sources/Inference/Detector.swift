import Boxes
import Darknet
import Networks
import Torch
import Vision

/// A detector that takes pictures of any size: an engine in, detections out. `Runs` makes one of a
/// pair of files.
public struct Detector {
  /// Class names by index.
  public let names: [String]
  /// How pictures are shown to the network.
  public let feeding: Feeding
  private let predictor: Predictor
  /// What a rectangular input is a multiple of; nil for inputs of one size.
  private let rectangularStride: Int?

  /// A detector over any engine.
  ///
  /// - Parameters:
  ///   - feeding: how pictures are shown to it.
  ///   - names: of the classes, by index.
  ///   - settings: what becomes of its boxes.
  ///   - savesPadding: whether inputs are as small as a picture's proportions and the network's
  ///     stride allow.
  public init(
    _ engine: any InferenceEngine, feeding: Feeding, names: [String], settings: DetectionSettings,
    savesPadding: Bool = false
  ) {
    self.names = names
    self.feeding = feeding
    predictor = Predictor(engine, settings: settings)
    rectangularStride = savesPadding ? engine.spec.greatestStride : nil
  }

  /// Whether several threads may use it at once, each with a picture of its own.
  public var isShareable: Bool { predictor.engine.isShareable }

  /// Detections in pixels of the picture, not clipped, by falling confidence.
  ///
  /// - Throws: as ``Predictor/detections(in:)``, or `VisionError` out of memory.
  public func detections(in image: Image) throws -> [Detection] {
    let input = inputSize(of: image)
    let geometry = InputGeometry(
      pictureWidth: image.width, pictureHeight: image.height, inputWidth: input.width,
      inputHeight: input.height, fit: feeding.fit)
    let engine = predictor.engine
    let channels = engine.spec.net.channels
    let source = channels == 1 ? image.gray : image
    let bytes = try Tensor(
      source.placed(geometry), shape: [1, input.height, input.width, channels],
      device: engine.device)
    return try predictor.detections(in: bytes.permuted([0, 3, 1, 2]))[0].map { detection in
      var detection = detection
      detection.box = geometry.pictureBox(detection.box)
      return detection
    }
  }

  private func inputSize(of image: Image) -> (width: Int, height: Int) {
    guard let rectangularStride else { return (feeding.width, feeding.height) }
    let aspect = Double(image.height) / Double(image.width)
    return InputGeometry.smallestInput(
      aspects: aspect...aspect, longSide: max(feeding.width, feeding.height),
      multiple: rectangularStride)
  }
}
