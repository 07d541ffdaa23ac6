import Darknet
import Foundation
import Loading
import Networks
import Testing
import Torch

@testable import Distillation

/// A head of one cell down and two across, of 16 pixels each, whose one anchor is as large as a
/// cell.
struct TwoCells {
  let head: any DetectionHead
  let anchors: AnchorMatching
  static let (width, height) = (32, 16)

  /// - Parameter block: lines of the cfg's last block, parted by spaces.
  init(
    _ block: String = "[yolo] mask=0 anchors=16,16 classes=2 num=1", values: Int = 7
  ) throws {
    head = try toyHeads(
      width: Self.width, height: Self.height, [(stride: 16, values: values, block: block)])[0]
    anchors = try AnchorMatching(of: head, stride: 16, device: .cpu)
  }

  /// The view of the outputs of both cells, in double precision.
  func view(_ first: [Double], _ second: [Double], choice: HeadChoice = .all) throws -> HeadView {
    let planes = zip(first, second).flatMap { [$0, $1] }
    return try HeadView(
      Tensor(planes, shape: [1, first.count, 1, 2]), of: head, inputWidth: Self.width,
      inputHeight: Self.height, choice: choice)
  }

  func pair(_ student: HeadView, _ teacher: HeadView) throws -> PairedHeads {
    try PairedHeads(student: student, teacher: teacher, anchors: anchors)
  }

  /// One object that fills the first cell, or none.
  static func targets(isEmpty: Bool = false) throws -> DistillationTargets {
    let target = BatchTarget(
      imageIndex: 0, classIndex: 0, centerX: 0.25, centerY: 0.5, width: 0.5, height: 1)
    return DistillationTargets(
      isEmpty ? [] : [target], inputWidth: width, inputHeight: height, device: .cpu)
  }
}

/// The heads of a cfg, each of which reads a convolution of the picture.
func toyHeads(
  width: Int, height: Int, _ blocks: [(stride: Int, values: Int, block: String)]
) throws -> [any DetectionHead] {
  let layers = blocks.enumerated().map { index, block in
    """
    \(index == 0 ? "" : "[route]\nlayers=0\n")[convolutional]
    filters=\(block.values)
    size=\(block.stride)
    stride=\(block.stride)
    activation=linear
    \(block.block.replacing(" ", with: "\n"))
    """
  }
  // Every route reads a first convolution that changes nothing of the size.
  let cfg = """
    [net]
    width=\(width)
    height=\(height)
    channels=3
    [convolutional]
    filters=3
    size=1
    stride=1
    activation=linear
    \(layers.joined(separator: "\n"))
    """
  return try Network(Configuration(parsing: cfg, path: "heads.cfg")).heads
}

/// Features of one picture with one line of places, in double precision: a row a channel.
func feature(_ channels: [Double]...) throws -> Tensor {
  try Tensor(
    channels.flatMap { $0 }, shape: [1, channels.count, 1, channels[0].count])
}

/// A pair of features of equal widths.
func features(
  _ student: Tensor, _ teacher: Tensor, _ place: FeaturePair.Place = .neck, layer: Int = 0
) throws -> PairedFeatures {
  let pair = FeaturePair(
    studentLayer: layer, teacherLayer: layer, studentWidth: student.shape[1],
    teacherWidth: teacher.shape[1], stride: 16, place: place)
  return try PairedFeatures(pair, student: student, teacher: teacher)
}

extension StrategyLosses {
  /// A term's value, without its weight.
  func value(_ name: String) throws -> Double {
    try #require(terms.first { $0.name == name }).value.item()
  }

  func weight(_ name: String) throws -> Double {
    try #require(terms.first { $0.name == name }).weight
  }
}

func expectClose(
  _ a: Double, _ b: Double, within tolerance: Double = 1e-7,
  _ location: SourceLocation = #_sourceLocation
) {
  #expect(abs(a - b) <= tolerance * max(1, abs(b)), "\(a) is not \(b)", sourceLocation: location)
}
