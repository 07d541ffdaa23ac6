import Boxes
import Darknet
import Networks
import Testing
import Torch

@testable import Inference

@Suite struct PredictorTests {
  /// A detector of that stride: convolutions that halve the map, then a head.
  private func engine(stride: Int) throws -> TorchEngine {
    let halvings = (0..<stride.trailingZeroBitCount).map { _ in
      "[convolutional] filters=4 size=3 stride=2 pad=1 activation=leaky"
    }
    let blocks =
      ["[net] width=128 height=128 channels=3"] + halvings + [
        "[convolutional] filters=6 size=1 activation=linear",
        "[yolo] mask=0 anchors=16,16 classes=1",
      ]
    let text = blocks.flatMap { $0.split(separator: " ") }.joined(separator: "\n")
    return try TorchEngine(Network(Configuration(parsing: text, path: "short.cfg"), seed: 1))
  }

  // The augmented views of 128 pixels have 106 (0.83) and 86 (0.67). At a stride of 16 they are
  // padded to 112 and 96, 7 and 6 cells a side; at 64 to 128 both, 2 cells. With the 8·8 or 2·2 of
  // the picture itself that makes 64 + 49 + 36 = 149 and 4 + 4 + 4 = 12 boxes. (Padding to
  // multiples of 32 gave 128 and 96: 8 and 6 cells at 16, but 2 and, by rounding up, 2 at 64.)
  @Test(arguments: [(16, 149), (64, 12), (128, 3)])
  func `augmented views are padded to the network's own stride`(stride: Int, count: Int) throws {
    var settings = DetectionSettings(confidenceThreshold: 0)
    settings.augments = true
    let predictor = Predictor(try engine(stride: stride), settings: settings)
    let pictures = try Tensor.uniform(
      [1, 3, 128, 128], low: 0, high: 255, generator: Generator(seed: 5)
    ).to(.uint8)
    #expect(try predictor.candidates(in: pictures)[0].count == count)
    #expect(try predictor.engine.spec.greatestStride(width: 128, height: 128).x == stride)
  }

  /// Every number of pictures, also those that the threads of this machine do not share evenly.
  @Test func `pictures side by side give what each gives alone`() throws {
    let engine = try engine(stride: 16)
    let pictures = try Tensor.uniform(
      [9, 3, 128, 128], low: 0, high: 255, generator: Generator(seed: 3)
    ).to(.uint8)
    let alone = try (0..<9).map { index in
      try engine.run(pictures.narrow(dim: 0, start: index, count: 1))[0].toFloats()
    }
    for count in 1...9 {
      let outputs = try engine.run(pictures.narrow(dim: 0, start: 0, count: count))
      #expect(outputs.count == 1 && outputs[0].shape[0] == count)
      let values = try outputs[0].toFloats()
      let expected = alone.prefix(count).flatMap(\.self)
      let distance = zip(values, expected).map { abs($0 - $1) }.max() ?? 1
      #expect(values.count == expected.count && distance < 1e-5, "\(count) pictures")
    }
  }

  /// Observers may keep what they see, so they see one batch at a time.
  @Test func `an observed pass sees whole batches`() throws {
    let network = try engine(stride: 16).network
    var shapes: [Int] = []
    let watched = try TorchEngine(
      network,
      pass: ForwardPass { layer, output in
        if layer == 0 { shapes.append(output.shape[0]) }
        return output
      })
    _ = try watched.run(Tensor.zeros([4, 3, 128, 128], dtype: .uint8))
    #expect(shapes == [4])
  }
}
