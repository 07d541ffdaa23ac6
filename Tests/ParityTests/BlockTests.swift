import Darknet
import Foundation
import Networks
import Testing
import Torch

/// Blocks and keys that no reference network has, beside the NumPy forward pass.
@Suite(.enabled(if: Parity.isEnabled, Parity.reason), .serialized)
struct BlockTests {
  /// A few blocks on a picture, and the heads that follow.
  struct Blocks: CustomTestStringConvertible {
    let testDescription: String
    let text: String

    init(_ name: String, _ blocks: String...) {
      testDescription = name
      text = blocks.joined(separator: "\n")
    }
  }

  private static let anchors = "anchors=8,12, 20,16, 30,40"
  private static let head = """
    convolutional filters=24 size=1 activation=linear
    yolo classes=3 \(anchors)
    """

  private static let cases = [
    Blocks(
      "activations",
      [
        "linear", "none", "leaky", "relu", "relu6", "mish", "swish", "silu", "logistic", "h_swish",
        "hard_swish", "hard_mish", "elu", "selu", "gelu", "tanh",
      ].map { "convolutional filters=8 size=3 pad=1 batch_normalize=1 activation=\($0)" }
        .joined(separator: "\n"),
      head),
    Blocks(
      "strides, padding, dilation and groups",
      "convolutional filters=8 size=3 pad=1 stride_x=2 stride_y=1 activation=leaky",
      "convolutional filters=8 size=3 stride_y=2 padding=2 activation=leaky groups=4",
      "convolutional filters=16 size=3 pad=1 dilation=2 activation=leaky batch_normalize=1",
      "convolutional filters=16 size=2 pad=1 activation=leaky batch_normalize=1",
      "convolutional filters=16 size=5 stride=2 activation=leaky batch_normalize=1", head),
    Blocks(
      "antialiasing",
      "convolutional filters=8 size=3 pad=1 stride=2 antialiasing=1 activation=leaky",
      "convolutional filters=8 size=3 pad=1 stride=2 antialiasing=2 batch_normalize=1 "
        + "activation=mish", head),
    Blocks(
      "antialiasing of a maximum",
      "convolutional filters=8 size=3 pad=1 activation=leaky",
      "maxpool size=2 stride=2 antialiasing=1", "maxpool size=3 stride=2 antialiasing=2",
      "maxpool size=2 stride_x=2 stride_y=1 antialiasing=1", head),
    Blocks(
      "shared weights",
      "convolutional filters=8 size=3 pad=1 stride=2 activation=leaky batch_normalize=1",
      "convolutional filters=8 size=3 pad=1 activation=leaky batch_normalize=1",
      "convolutional filters=8 size=3 pad=1 activation=mish batch_normalize=1 share_index=1",
      "convolutional filters=8 size=3 pad=1 activation=leaky batch_normalize=1 share_index=-1",
      head),
    Blocks(
      "pools",
      "convolutional filters=8 size=3 pad=1 stride=2 activation=leaky",
      "maxpool size=2 stride=1", "maxpool size=3 stride_x=2 stride_y=1",
      "maxpool size=3 stride=1 padding=0", "local_avgpool size=3 stride=1",
      "local_avgpool size=2 stride=2", head),
    Blocks(
      "maxima over channels",
      "convolutional filters=12 size=3 pad=1 stride=2 activation=leaky",
      "maxpool maxpool_depth=1 out_channels=4 size=1 stride=1", head),
    Blocks(
      "routes",
      "convolutional filters=12 size=3 pad=1 stride=2 activation=leaky",
      "convolutional filters=8 size=3 pad=1 activation=leaky",
      "route layers=-1,0 groups=4 group_id=2", "upsample stride=2 scale=0.5",
      "route layers=0", "route layers=-1,1,0", "dropout probability=0.3", head),
    Blocks(
      "sums",
      "convolutional filters=12 size=3 pad=1 stride=2 activation=leaky",
      "convolutional filters=8 size=3 pad=1 activation=leaky",
      "convolutional filters=8 size=3 pad=1 activation=leaky",
      "shortcut from=-2,-3 activation=leaky", "route layers=0",
      "shortcut from=1,-2 activation=swish", head),
    Blocks(
      "weighted sums",
      "convolutional filters=8 size=3 pad=1 stride=2 activation=leaky",
      "convolutional filters=8 size=3 pad=1 activation=leaky",
      "shortcut from=-2 weights_type=per_feature",
      "shortcut from=-2,-3 weights_type=per_feature weights_normalization=relu",
      "shortcut from=-2 weights_type=per_feature weights_normalization=softmax",
      "shortcut from=-2,-3 weights_type=per_channel",
      "shortcut from=-2 weights_type=per_channel weights_normalization=relu activation=mish",
      "shortcut from=-2,0 weights_type=per_channel weights_normalization=softmax", head),
    Blocks(
      "products",
      "convolutional filters=8 size=3 pad=1 stride=2 activation=leaky",
      "convolutional filters=8 size=1 activation=logistic", "sam from=-2",
      "avgpool", "convolutional filters=8 size=1 activation=logistic",
      "scale_channels from=-3 activation=leaky",
      "convolutional filters=1 size=1 activation=logistic", "scale_channels from=-2 scale_wh=1",
      head),
    Blocks(
      "extensions",
      "BatchNorm2d",
      "convolutional filters=8 size=3 pad=1 stride=2 activation=none",
      "depthwise filters=16 size=5 pad=1 stride=2 activation=relu6 batch_normalize=1",
      "se filters=16", "depthwise filters=16 size=3 pad=1 activation=linear",
      "se reduction=2", "batchnorm activation=leaky", head),
    Blocks(
      "reorganised memory",
      "convolutional filters=8 size=3 pad=1 stride=2 activation=leaky", "reorg stride=2",
      "convolutional filters=8 size=1 activation=leaky", "reorg3d stride=2", head),
    Blocks(
      "heads",
      "convolutional filters=8 size=3 pad=1 stride=8 activation=leaky",
      "convolutional filters=16 size=1 activation=logistic",
      "yolo classes=3 \(anchors) mask=2,0 new_coords=1 scale_x_y=2", "route layers=0",
      "convolutional filters=24 size=1 activation=linear",
      "yolo classes=3 \(anchors) scale_x_y=1.1"),
    Blocks(
      "regions with a softmax",
      "convolutional filters=8 size=3 pad=1 stride=16 activation=leaky",
      "convolutional filters=16 size=1 activation=linear",
      "region classes=3 anchors=0.5,0.7,2,1.5 softmax=1"),
    Blocks(
      "regions without one",
      "convolutional filters=8 size=3 pad=1 stride=16 activation=leaky",
      "convolutional filters=16 size=1 activation=linear",
      "region classes=3 anchors=0.5,0.7,2,1.5"),
    Blocks(
      "Gaussian heads",
      "convolutional filters=8 size=3 pad=1 stride=8 activation=leaky",
      "convolutional filters=36 size=1 activation=linear",
      "Gaussian_yolo classes=3 \(anchors)", "route layers=0",
      "convolutional filters=24 size=1 activation=linear",
      "Gaussian_yolo classes=3 \(anchors) mask=0,2 yolo_point=left_top scale_x_y=1.2",
      "route layers=0", "convolutional filters=12 size=1 activation=linear",
      "Gaussian_yolo classes=3 \(anchors) mask=1 yolo_point=right_bottom"),
  ]

  @Test(arguments: cases) func `NumPy finds the same`(blocks: Blocks) throws {
    let configuration = try Configuration(
      parsing: "[net]\nwidth=64\nheight=64\nchannels=3\n" + sections(blocks.text),
      path: blocks.testDescription)
    let network = try Network(configuration)
    let parameters = try randomParameters(
      of: network, pictures: try Parity.pictures(4, width: 64, height: 64), seed: 1)
    let layers = Array(network.spec.layers.indices)
    try withTemporaryFolder { folder in
      let comparison = try Comparison(configuration, parameters, in: folder)
      let runs = try [(64, 64), (96, 64)].flatMap { width, height in
        try [1, 4].map { count in
          ReferenceRun(
            program: .numPy, images: try Parity.pictures(count, width: width, height: height),
            layers: layers)
        }
      }
      #expect(try comparison(runs) <= Parity.tolerance)
    }
  }

  /// `name key=value …` a line, as a cfg has it.
  private func sections(_ lines: String) -> String {
    lines.split(separator: "\n").map { line in
      let name = line.prefix { $0 != " " }
      // A space before `=` or after a comma belongs to the value.
      let entries = line.dropFirst(name.count + 1).replacing(", ", with: ",").split(separator: " ")
      return "[\(name)]\n" + entries.map { $0 + "\n" }.joined()
    }.joined()
  }
}
