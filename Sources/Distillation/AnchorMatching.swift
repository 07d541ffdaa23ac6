import Darknet
import Loading
import Networks
import Torch

/// A head's anchors, and which of them have to find an object (docs/formulas.md 5.1): made once,
/// before the first batch.
///
/// The same as ``HeadGrid/assign(_:threshold:)`` and ``HeadGrid/assignNearest(_:)`` on the host,
/// but on the device and with fixed shapes.
public struct AnchorMatching {
  /// Width and height in input pixels, `[A, 2]`.
  let sizes: Tensor
  /// Above which overlap an anchor has to find an object; nil: the one that overlaps it most has
  /// to.
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

/// The objects of a batch, filled up to a round number so that its shapes change seldom; brought
/// to the device when a strategy first asks for them.
public final class DistillationTargets {
  /// Tensors over M objects.
  struct Objects {
    /// Which picture, `[M]`.
    let pictures: Tensor
    /// Centre and size in input pixels, `[M, 4]`.
    let boxes: Tensor
    /// 1 for an object and 0 for what fills up, `[M]`.
    let isReal: Tensor
    /// 1 for an object of a class that the teacher lacks, else 0, `[M]`; nil where it knows all
    /// classes.
    let isForeign: Tensor?
  }

  /// M.
  let count: Int
  /// Pixels of the pictures.
  let inputSize: (width: Int, height: Int)
  private let targets: [BatchTarget]
  private let known: Set<Int>?
  private let device: Device
  private var made: Objects?

  /// M is a multiple of this.
  private static let step = 64

  /// The objects of a batch.
  ///
  /// - Parameters:
  ///   - targets: what the labels say, as fractions of the input.
  ///   - known: the classes that the teacher knows; nil for all of them.
  ///   - inputWidth: width of the pictures in pixels.
  ///   - inputHeight: height of the pictures in pixels.
  ///   - device: where the networks run.
  public init(
    _ targets: [BatchTarget], known: Set<Int>? = nil, inputWidth: Int, inputHeight: Int,
    device: Device
  ) {
    count = max((targets.count + Self.step - 1) / Self.step, 1) * Self.step
    inputSize = (inputWidth, inputHeight)
    (self.targets, self.known, self.device) = (targets, known, device)
  }

  /// The objects on the device.
  func objects() throws -> Objects {
    if let made { return made }
    let (width, height) = (Float(inputSize.width), Float(inputSize.height))
    let missing = count - targets.count
    func marks(_ values: [Float]) throws -> Tensor {
      try Tensor(
        values + [Float](repeating: 0, count: missing), device: device, pinned: true)
    }
    let objects = Objects(
      pictures: try Tensor(
        targets.map { Int64($0.imageIndex) } + [Int64](repeating: 0, count: missing),
        device: device, pinned: true),
      boxes: try Tensor(
        targets.flatMap {
          [$0.centerX * width, $0.centerY * height, $0.width * width, $0.height * height]
        } + [Float](repeating: 0, count: 4 * missing),
        shape: [count, 4], device: device, pinned: true),
      isReal: try marks([Float](repeating: 1, count: targets.count)),
      isForeign: try known.map { known in
        try marks(targets.map { known.contains($0.classIndex) ? 0 : 1 })
      })
    made = objects
    return objects
  }
}

/// Which anchors of one head have to find which object of a batch; `P` = M · A pairs, most of which
/// are no match.
struct HeadMatches {
  /// Index into the cells `[N, A, H, W]`, flattened; 0 where it is no match, `[P]`.
  let cells: Tensor
  /// 1 for a match, else 0, `[P]`.
  let isMatch: Tensor
  /// The objects' boxes in input pixels, `[P, 4]`.
  let truth: Tensor
  /// 1 for a match with an object of a class that the teacher lacks, else 0, `[P]`; nil where it
  /// knows all classes.
  let isForeign: Tensor?

  init(_ targets: DistillationTargets, _ view: HeadView, _ matching: AnchorMatching) throws {
    let shape = view.objectness.shape
    let (height, width, anchors) = (shape[2], shape[3], matching.count)
    let objects = try targets.objects()
    let overlaps = try matching.overlaps(with: objects)
    var matches: Tensor
    if let threshold = matching.threshold {
      matches = try overlaps .> threshold
    } else {
      matches = try overlaps.argmax(dim: 1).oneHot(classes: anchors)
    }
    matches = try matches .& (objects.isReal .> 0).unsqueezed(1)

    func index(_ axis: Int, _ stride: Double, _ count: Int) throws -> Tensor {
      let center = try objects.boxes.select(dim: 1, index: axis)
      let size = try objects.boxes.select(dim: 1, index: axis + 2)
      let shifted = try (center + size * (matching.point / 2)) / stride
      // What lies on the right or lower border belongs to the last cell.
      return try shifted.floor().clamped(min: 0, max: Double(count - 1)).to(.int64)
    }
    let place = try index(1, view.strideY, height) * width + index(0, view.strideX, width)
    let anchor = try Tensor.arange(anchors, device: place.device).unsqueezed(0)
    let plane = try objects.pictures.unsqueezed(1) * anchors + anchor
    let all = try plane * (height * width) + place.unsqueezed(1)
    cells = try (all * matches.to(.int64)).reshaped([-1])
    let marks = try matches.to(.float32)
    isMatch = try marks.reshaped([-1])
    isForeign = try objects.isForeign.map { try (marks * $0.unsqueezed(1)).reshaped([-1]) }
    truth = try objects.boxes.unsqueezed(1).expanded(to: [targets.count, anchors, 4])
      .reshaped([-1, 4])
  }

  /// How many matches each cell has of those that are marked, `[cells]`, for as many cells.
  func counts(_ marks: Tensor, cells count: Int) throws -> Tensor {
    try Tensor.zeros([count], device: cells.device)
      .scatterAdd(dim: 0, indices: cells, source: marks)
  }

  /// 1 for a match in a cell where something is compared, else 0, `[P]`.
  func isMatch(in pair: PairedHeads) throws -> Tensor {
    try pair.isCompared.map { try isMatch * $0.reshaped([-1]).gather(dim: 0, cells) } ?? isMatch
  }

  /// The matched rows of `[cells, 4]`, `[P, 4]`; those of the first cell where it is no match.
  func rows(_ values: Tensor) throws -> Tensor {
    // One flat index a value: repeated cells then add up in the same order each time.
    let columns = try Tensor.arange(4, device: cells.device).unsqueezed(0)
    let flat = try (cells.unsqueezed(1) * 4 + columns).reshaped([-1])
    return try values.reshaped([-1]).gather(dim: 0, flat).view([-1, 4])
  }
}

extension AnchorMatching {
  /// Overlaps of objects and anchors, both centred at the same point, `[M, A]`.
  fileprivate func overlaps(with objects: DistillationTargets.Objects) throws -> Tensor {
    func sides(_ axis: Int) throws -> (objects: Tensor, anchors: Tensor) {
      (
        try objects.boxes.select(dim: 1, index: axis + 2).unsqueezed(1),
        try sizes.select(dim: 1, index: axis).unsqueezed(0)
      )
    }
    let (w, anchorWidths) = try sides(0)
    let (h, anchorHeights) = try sides(1)
    let intersection = try w.minimum(anchorWidths) * h.minimum(anchorHeights)
    return try intersection / (w * h + anchorWidths * anchorHeights - intersection)
  }
}
