import Boxes
import Darknet
import Datasets
import Foundation
import Inference
import Networks
import Testing
import Torch
import Vision

/// An engine without a network: it finds a box of one anchor in the cell whose pixels are
/// brightest. It uses nothing but what `Inference` makes public.
private final class Brightest: InferenceEngine {
  static let cfg = """
    [net]
    width=64
    height=32
    channels=1
    [convolutional]
    filters=7
    size=16
    stride=16
    activation=linear
    [yolo]
    mask=0
    anchors=16,16
    classes=2
    num=1
    """

  let spec: NetworkSpec
  let device = Device.cpu
  private(set) var waits = 0
  /// What it makes of its outputs, to be wrong.
  var spoil: ([Tensor]) throws -> [Tensor] = { $0 }

  init() throws {
    spec = try NetworkSpec(Configuration(parsing: Self.cfg, path: "brightest.cfg"))
  }

  var description: EngineDescription {
    EngineDescription(name: "brightest", precision: "float32", device: "cpu", threads: 1)
  }

  func prepared(_ pictures: Tensor) throws -> Tensor { try pictures.contiguous().to(.float32) }

  /// Objectness, and the first class, are the logits of the mean brightness less 127.
  func outputs(of prepared: Tensor) throws -> [Tensor] {
    let means = try prepared.avgPool2d(kernel: (16, 16), stride: (16, 16))
    let zero = try means.zerosLike()
    let logit = try means - 127
    return try spoil([
      Tensor.concatenated([zero, zero, zero, zero, logit, logit, -logit], dim: 1)
    ])
  }

  func synchronize() { waits += 1 }
}

@Suite struct ToyEngineTests {
  /// A black picture with a white square.
  private func picture(width: Int, height: Int, x: Int, y: Int, side: Int) -> Image {
    var pixels = [UInt8](repeating: 0, count: width * height * 3)
    for row in y..<y + side {
      for column in x..<x + side {
        for channel in 0..<3 { pixels[(row * width + column) * 3 + channel] = 255 }
      }
    }
    return Image(width: width, height: height, channels: 3, pixels: pixels)
  }

  // 128×64 is stretched to 64×32: the square of 32 pixels at (64, 32) fills the cell in column 2,
  // row 1, of 16 pixels. Its centre is half a cell further: 40, 24, which is 80, 48 in the picture;
  // its size is the anchor's 16, which is 32.
  @Test func `a detector runs any engine`() throws {
    let detector = Detector(
      try Brightest(), feeding: Feeding(width: 64, height: 32, fit: .stretch), names: ["a", "b"],
      settings: DetectionSettings(confidenceThreshold: 0.5))
    let found = try detector.detections(
      in: picture(width: 128, height: 64, x: 64, y: 32, side: 32))
    #expect(found.count == 1)
    let box = try #require(found.first).box
    for (value, expected) in zip([box.x1, box.y1, box.x2, box.y2], [64, 32, 96, 64] as [Float]) {
      #expect(abs(value - expected) < 1e-3)
    }
    #expect(found.first?.classIndex == 0)
  }

  // The cfg's head reads 7 values of 2×4 cells.
  @Test func `outputs that its heads do not read are an error`() throws {
    let engine = try Brightest()
    let predictor = Predictor(engine, settings: DetectionSettings(confidenceThreshold: 0.5))
    let pictures = try Tensor.zeros([2, 1, 32, 64], dtype: .uint8)
    #expect(try predictor.detections(in: pictures).map(\.count) == [0, 0])
    for (spoil, found) in [
      ({ _ in [] }, []), ({ $0 + $0 }, [[2, 7, 2, 4], [2, 7, 2, 4]]),
      ({ [try $0[0].narrow(dim: 1, start: 0, count: 6)] }, [[2, 6, 2, 4]]),
      ({ [try $0[0].permuted([0, 1, 3, 2])] }, [[2, 7, 4, 2]]),
      ({ [try $0[0].narrow(dim: 0, start: 0, count: 1)] }, [[1, 7, 2, 4]]),
    ] as [(([Tensor]) throws -> [Tensor], [[Int]])] {
      engine.spoil = spoil
      let error = #expect(
        throws: InferenceError.wrongOutputs(
          engine: "brightest", found: found, expected: [[2, 7, 2, 4]])
      ) {
        try predictor.detections(in: pictures)
      }
      #expect(error?.description.hasSuffix("heads of its cfg read 1 output, [2, 7, 2, 4]") == true)
    }
  }

  // A coarser grid for a larger picture, as the cfg's stride has it.
  @Test func `outputs of another input size are checked by its grid`() throws {
    let engine = try Brightest()
    #expect(
      try engine.run(Tensor.zeros([1, 1, 64, 64], dtype: .uint8)).map(\.shape) == [[1, 7, 4, 4]])
  }

  @Test func `its time is measured beside another's, and it is waited for`() throws {
    let (toy, other) = (try Brightest(), try Brightest())
    let latency = try Latency.alternating([toy, other], width: 64, height: 32, passes: 4)
    #expect(latency.map(\.samples.count) == [4, 4])
    #expect(toy.waits == other.waits && toy.waits >= 4)
  }

  // Of two equal engines, one run after the other, every second run is disturbed: were the order always
  // the same, all runs of the second would be.
  @Test func `a disturbance that comes as the turns do meets both`() throws {
    var runs = 0
    let engines = try [Brightest(), Brightest()]
    for engine in engines {
      engine.spoil = {
        runs += 1
        if runs.isMultiple(of: 2) { usleep(20_000) }
        return $0
      }
    }
    var looks = 0
    let latency = try Latency.alternating(engines, width: 64, height: 32, passes: 6) { looks += 1 }
    #expect(latency.allSatisfy { $0.fastest < 20 && $0.samples[5] >= 20 })
    #expect(looks == 12)
  }

  @Test func `it is judged as a network is`() throws {
    let folder = NSTemporaryDirectory() + "pare-engine-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var pictures: [DetectionDataset.Picture] = []
    for number in 0..<3 {
      let path = "\(folder)/\(number).png"
      let image = picture(width: 128, height: 64, x: 32 * number, y: 0, side: 32)
      try image.write(to: path)
      pictures.append(
        .init(
          path: path,
          labels: [
            Label(
              classIndex: 0, centerX: (Float(32 * number) + 16) / 128, centerY: 0.25, width: 0.25,
              height: 0.5)
          ]))
    }
    let feeding = Feeding(width: 64, height: 32, fit: .stretch)
    let engine = try Brightest()
    let evaluation = Evaluation(
      DetectionDataset(pictures: pictures, names: ["a", "b"]),
      loading: feeding.loading(for: engine.spec, batchSize: 2), detection: feeding.detection())
    var done: [Int] = []
    let outcome = try evaluation(engine) { done.append($0) }
    #expect(done == [2, 3])
    #expect(outcome.result.images == 3 && abs(outcome.result.map50 - 1) < 1e-6)
  }
}
