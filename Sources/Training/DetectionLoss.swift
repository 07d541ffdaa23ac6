import Darknet
import Datasets
import Networks
import Torch

/// The loss of SPEC sections 3.3 and 3.4 (preset `legacy`): box overlap, objectness and classes.
public struct DetectionLoss: Sendable, Hashable {
  /// Which overlap the box term maximises.
  public enum Overlap: String, Sendable, CaseIterable {
    /// Generalised IoU (arXiv 1902.09630).
    case giou
    /// Complete IoU (arXiv 1911.08287).
    case ciou
  }

  /// Overlap of the box term.
  public var overlap: Overlap = .giou
  /// Weight of the box term.
  public var boxGain = 3.54
  /// Weight of the objectness term.
  public var objectnessGain = 64.3
  /// Weight of the class term for 80 classes; scaled by classes / 80.
  public var classGain = 37.4
  /// Weight of positives in the objectness term.
  public var objectnessPositiveWeight = 1.0
  /// Weight of positives in the class term.
  public var classPositiveWeight = 1.0
  /// Overlap, as boxes with a common centre, above which an anchor has to find a target.
  public var assignmentThreshold: Float = 0.20

  /// The preset `legacy`.
  public init() {}

  /// The loss of one batch.
  public struct Value {
    /// What to differentiate, a scalar.
    public let total: Tensor
    /// Weighted box, objectness and class terms and their sum, `[4]`, without gradient.
    public let terms: Tensor
    /// Matched (target, anchor) pairs.
    public let matches: Int
  }

  /// Names of ``Value/terms``.
  public static let termNames = ["box", "obj", "cls", "total"]

  /// Loss of the raw outputs of a network's heads.
  ///
  /// - Parameters:
  ///   - outputs: a tensor `[N, anchors × (5 + classes), H, W]` for each head.
  ///   - heads: the heads, in the same order.
  ///   - targets: what is in the pictures.
  ///   - inputWidth: width of the pictures in pixels.
  ///   - inputHeight: height of the pictures in pixels.
  ///   - overlapShare: how far the objectness of a match aims at its overlap (1) rather than at
  ///     one (0); rises during the warm-up.
  public func callAsFunction(
    _ outputs: [Tensor], heads: [YoloHead], targets: [BatchTarget], inputWidth: Int,
    inputHeight: Int, overlapShare: Double
  ) throws -> Value {
    var box = try Tensor.zeros([], device: outputs[0].device)
    var objectness = box
    var classes = box
    var matches = 0
    for (head, output) in zip(heads, outputs) {
      let shape = output.shape
      let grid = HeadGrid(head, width: shape[3], height: shape[2], inputWidth, inputHeight)
      let assigned = grid.assign(targets, threshold: assignmentThreshold)
      matches += assigned.count
      let terms = try self.terms(
        of: output.to(.float32).reshaped([-1]), shape: shape, head: head, assigned,
        overlapShare: overlapShare)
      if let term = terms.box { box = try box + term }
      objectness = try objectness + terms.objectness
      if let term = terms.classes { classes = try classes + term }
    }
    let classScale = classGain * Double(heads[0].spec.classes) / 80
    box = try box * boxGain
    objectness = try objectness * objectnessGain
    classes = try classes * classScale
    let total = try box + objectness + classes
    let terms = try Tensor.stacked([box, objectness, classes, total]).detach()
    return Value(total: total, terms: terms, matches: matches)
  }

  /// Unweighted terms of one head.
  ///
  /// - Parameter logits: the head's output, flattened; read and written at flat indices alone, so
  ///   that repeated cells cannot make a run differ from the next (DESIGN, *Exactness*).
  private func terms(
    of logits: Tensor, shape: [Int], head: YoloHead, _ assigned: HeadTargets, overlapShare: Double
  ) throws -> (box: Tensor?, objectness: Tensor, classes: Tensor?) {
    let device = logits.device
    let values = head.valuesPerAnchor
    let anchors = head.spec.maskedAnchors.count
    let (batch, area) = (shape[0], shape[2] * shape[3])
    let cells = batch * anchors * area
    let objectness = try logits.view([batch, anchors, values, area])
      .select(dim: 2, index: 4).reshaped([cells])
    let wanted = try Tensor.zeros([cells], device: device)
    guard assigned.count > 0 else {
      return (nil, try loss(objectness, wanted, positiveWeight: objectnessPositiveWeight), nil)
    }

    // Flat index of (match, value): the cell's own place and `value` planes further.
    let count = assigned.count
    let cellIndex = try Tensor(assigned.cells, device: device, pinned: true)
    let plane = try cellIndex.floorDivided(by: area)
    let start = try plane * (values * area) + cellIndex.remainder(area)
    let offsets = try Tensor.arange(values, device: device) * area
    let index = try start.unsqueezed(1) + offsets.unsqueezed(0)
    let rows = try logits.gather(dim: 0, index.reshaped([-1])).view([count, values])

    let truth = try Tensor(assigned.boxes, shape: [count, 4], device: device, pinned: true)
    let anchorSizes = try Tensor(
      assigned.anchors, shape: [count, 2], device: device, pinned: true)
    let overlap = try self.overlap.measure(
      predictedBoxes(rows, anchorSizes: anchorSizes, head.spec), truth)
    let boxTerm = try (1 - overlap).mean()

    let aim = try overlap.detach().clamped(min: 0) * overlapShare + (1 - overlapShare)
    let target = try wanted.scatterReduce(dim: 0, indices: cellIndex, source: aim, .amax)
    let objectnessTerm = try loss(objectness, target, positiveWeight: objectnessPositiveWeight)

    guard head.spec.classes > 1 else { return (boxTerm, objectnessTerm, nil) }
    let oneHot = try Tensor(assigned.classes, device: device, pinned: true)
      .oneHot(classes: head.spec.classes).to(.float32)
    let classTerm = try loss(
      rows.narrow(dim: 1, start: 5, count: head.spec.classes), oneHot,
      positiveWeight: classPositiveWeight)
    return (boxTerm, objectnessTerm, classTerm)
  }

  /// Boxes of matched rows relative to their cells, `[P, 4]` as centre and size in cells.
  private func predictedBoxes(
    _ rows: Tensor, anchorSizes: Tensor, _ spec: YoloSpec
  ) throws -> Tensor {
    let scale = Double(spec.scaleXY)
    let raw = try rows.narrow(dim: 1, start: 0, count: 2)
    let center = try (spec.newCoords ? raw : raw.sigmoid()) * scale - (scale - 1) / 2
    let logits = try rows.narrow(dim: 1, start: 2, count: 2)
    let factor =
      spec.newCoords
      ? try (logits * 2).squared() : try logits.exp().clamped(max: 1000)
    return try Tensor.concatenated([center, factor * anchorSizes], dim: 1)
  }

  private func loss(
    _ logits: Tensor, _ target: Tensor, positiveWeight: Double
  ) throws -> Tensor {
    guard positiveWeight != 1 else { return try logits.binaryCrossEntropyWithLogits(target) }
    let weight = try Tensor.full([1], positiveWeight, device: logits.device)
    return try logits.binaryCrossEntropyWithLogits(target, positiveWeight: weight)
  }
}

extension HeadGrid {
  /// The grid of a head whose output has the given size; strides follow from the shapes.
  init(_ head: YoloHead, width: Int, height: Int, _ inputWidth: Int, _ inputHeight: Int) {
    let (strideX, strideY) = (
      Float(inputWidth) / Float(width), Float(inputHeight) / Float(height)
    )
    self.init(
      width: width, height: height,
      anchors: head.spec.maskedAnchors.map {
        AnchorInCells(width: Float($0.width) / strideX, height: Float($0.height) / strideY)
      })
  }
}

extension DetectionLoss.Overlap {
  /// Overlap of two lists of boxes, pair by pair.
  ///
  /// - Parameters:
  ///   - a: `[P, 4]` as centre x, centre y, width, height.
  ///   - b: `[P, 4]`, likewise, in the same unit.
  /// - Returns: `[P]`, at most 1.
  func measure(_ a: Tensor, _ b: Tensor) throws -> Tensor {
    let epsilon = 1e-9
    let (ax, ay, aw, ah) = try a.columns()
    let (bx, by, bw, bh) = try b.columns()
    let (ax1, ax2) = try (ax - aw / 2, ax + aw / 2)
    let (ay1, ay2) = try (ay - ah / 2, ay + ah / 2)
    let (bx1, bx2) = try (bx - bw / 2, bx + bw / 2)
    let (by1, by2) = try (by - bh / 2, by + bh / 2)
    let sharedWidth = try (ax2.minimum(bx2) - ax1.maximum(bx1)).clamped(min: 0)
    let sharedHeight = try (ay2.minimum(by2) - ay1.maximum(by1)).clamped(min: 0)
    let intersection = try sharedWidth * sharedHeight
    let union = try aw * ah + bw * bh - intersection + epsilon
    let iou = try intersection / union
    let hullWidth = try ax2.maximum(bx2) - ax1.minimum(bx1)
    let hullHeight = try ay2.maximum(by2) - ay1.minimum(by1)
    switch self {
    case .giou:
      let hull = try hullWidth * hullHeight + epsilon
      return try iou - (hull - union) / hull
    case .ciou:
      let distance = try (ax - bx).squared() + (ay - by).squared()
      let diagonal = try hullWidth.squared() + hullHeight.squared() + epsilon
      let angle = try (bw / (bh + epsilon)).atan() - (aw / (ah + epsilon)).atan()
      let aspect = try angle.squared() * (4 / (Double.pi * Double.pi))
      // The trade-off weight is a constant to the gradient (arXiv 1911.08287, section 4).
      let weight = try (aspect / (1 - iou + aspect + epsilon)).detach()
      return try iou - distance / diagonal - aspect * weight
    }
  }
}

extension Tensor {
  /// The four columns of a `[P, 4]` tensor, `[P]` each.
  fileprivate func columns() throws -> (Tensor, Tensor, Tensor, Tensor) {
    (
      try select(dim: 1, index: 0), try select(dim: 1, index: 1),
      try select(dim: 1, index: 2), try select(dim: 1, index: 3)
    )
  }
}
