import Darknet
import Loading
import Networks
import Torch

/// A head's anchors, and which of them have to find an object (docs/formulas.md 5.1): made once, before
/// the first batch.
///
/// The same as ``HeadGrid/assign(_:threshold:)`` and ``HeadGrid/assignNearest(_:)`` on the host, but on the
/// device and with fixed shapes.
public struct HeadAnchors {
  /// Width and height in input pixels, `[A, 2]`.
  let sizes: Tensor
  /// Above which overlap an anchor has to find an object; nil: the one that overlaps it most has to.
  let threshold: Double?
  /// Where in its box the cell is that has to find an object, in halves of the box from its centre.
  let point: Double
  /// Anchors a cell.
  let count: Int

  /// The overlap above which an anchor of `[yolo]` has to find an object.
  static let threshold = 0.2

  /// The anchors of a head.
  ///
  /// - Parameters:
  ///   - head: one of the kinds that can be trained.
  ///   - stride: input pixels a cell.
  ///   - device: where its output is.
  public init(of head: any DetectionHead, stride: Int, device: Device) throws {
    let anchors: [Float]
    switch head {
    case let head as RegionHead:
      anchors = head.spec.anchors.flatMap { [$0.width, $0.height].map { $0 * Float(stride) } }
      (threshold, point) = (nil, 0)
    case let head as GaussianYoloHead:
      anchors = head.spec.yolo.maskedAnchors.flatMap { [$0.width, $0.height] }
      threshold = Self.threshold
      point =
        switch head.spec.point {
        case .center: 0
        case .leftTop: -1
        case .rightBottom: 1
        }
    case let head as YoloHead:
      anchors = head.spec.maskedAnchors.flatMap { [$0.width, $0.height] }
      (threshold, point) = (Self.threshold, 0)
    default: throw DistillationError.unknownHead(layer: head.layerIndex)
    }
    count = head.anchorCount
    sizes = try Tensor(anchors, shape: [count, 2], device: device)
  }
}

/// The objects of a batch, filled up to a round number so that its shapes change seldom.
public struct DistillationTargets {
  /// Which picture, `[M]`.
  let pictures: Tensor
  /// Centre and size in input pixels, `[M, 4]`.
  let boxes: Tensor
  /// 1 for an object and 0 for what fills up, `[M]`.
  let isReal: Tensor
  /// M.
  let count: Int

  /// M is a multiple of this.
  private static let step = 64

  /// The objects of a batch.
  ///
  /// - Parameters:
  ///   - targets: what the labels say, as fractions of the input.
  ///   - inputWidth: width of the pictures in pixels.
  ///   - inputHeight: height of the pictures in pixels.
  ///   - device: where the networks run.
  public init(
    _ targets: [BatchTarget], inputWidth: Int, inputHeight: Int, device: Device
  ) throws {
    let count = max((targets.count + Self.step - 1) / Self.step, 1) * Self.step
    let (width, height) = (Float(inputWidth), Float(inputHeight))
    let missing = count - targets.count
    pictures = try Tensor(
      targets.map { Int64($0.imageIndex) } + [Int64](repeating: 0, count: missing),
      device: device, pinned: true)
    boxes = try Tensor(
      targets.flatMap {
        [$0.centerX * width, $0.centerY * height, $0.width * width, $0.height * height]
      } + [Float](repeating: 0, count: 4 * missing),
      shape: [count, 4], device: device, pinned: true)
    isReal = try Tensor(
      [Float](repeating: 1, count: targets.count) + [Float](repeating: 0, count: missing),
      device: device, pinned: true)
    self.count = count
  }
}
