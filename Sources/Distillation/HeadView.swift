import Networks
import Torch
import Training

/// One network's head, laid out so that two can be compared anchor by anchor and class by class.
public struct HeadView {
  /// Raw values of x, y, width and height, `[N, A, 4, H, W]`. They mean the same in two heads only
  /// where both are of one kind with equal anchors.
  public let rawBoxes: Tensor
  /// Raw deviations of the four, `[N, A, 4, H, W]`; of `[Gaussian_yolo]` alone.
  public let deviations: Tensor?
  /// Logits of objectness and then of the classes, `[N, A, 1 + C, H, W]`.
  let logits: Tensor
  /// Logits of objectness, `[N, A, H, W]`.
  public let objectness: Tensor
  /// Logits of the classes that both networks know, in the student's order, `[N, A, C, H, W]`.
  public let classes: Tensor
  /// Whether the classes share one probability (a softmax) rather than have each their own.
  public let classesAreExclusive: Bool
  /// Boxes in input pixels, centre and size, `[N, A, H, W, 4]`.
  public let boxes: Tensor
  /// The same as planes, `[N, A, 4, H, W]`.
  let boxPlanes: Tensor
  /// Input pixels a cell, across and down.
  public let strideX, strideY: Double

  /// What no side of a box exceeds, in pixels, so that a size gone wild stays a number.
  private static let greatestSide = 1e6

  /// The view of a head's raw output.
  ///
  /// - Parameters:
  ///   - output: `[N, anchors × values per anchor, H, W]`, in any precision; float64 stays.
  ///   - head: the head that it is of.
  ///   - inputWidth: width of the pictures in pixels.
  ///   - inputHeight: height of the pictures in pixels.
  ///   - choice: which of its anchors and classes, in which order.
  ///   - places: of its cells; made anew unless given.
  public init(
    _ output: Tensor, of head: any DetectionHead, inputWidth: Int, inputHeight: Int,
    choice: HeadChoice = .all, places: HeadPlaces? = nil
  ) throws {
    let output = try output.precise()
    let shape = output.shape
    let (anchors, values) = (head.anchorCount, head.valuesPerAnchor)
    let planes = try output.reshaped([shape[0], anchors, values, shape[2], shape[3]])
    // One cut: its gradient is one copy, where that of every narrowed plane is a map of zeros.
    let parts = try planes.split(sizes: [values - head.classes - 1, 1 + head.classes], dim: 2)
    // With new_coords the convolution before the head is logistic already.
    let isLogistic = (head as? YoloHead)?.spec.newCoords == true
    let scores = try choice.classes(choice.anchors(parts[1], dim: 1))
    logits = isLogistic ? try scores.logit() : scores
    objectness = try logits.select(dim: 2, index: 0)
    classes = try logits.narrow(dim: 2, start: 1, count: logits.shape[2] - 1)
    classesAreExclusive = (head as? RegionHead)?.spec.softmax == true
    let raw: Tensor
    if head is GaussianYoloHead {
      raw = try parts[0].slice(dim: 2, 0..<8, step: 2)
      deviations = try choice.anchors(parts[0].slice(dim: 2, 1..<8, step: 2), dim: 1)
    } else {
      raw = parts[0]
      deviations = nil
    }
    rawBoxes = try choice.anchors(raw, dim: 1)
    let places =
      try places
      ?? HeadPlaces(
        head, width: shape[3], height: shape[2], inputWidth: inputWidth,
        inputHeight: inputHeight, device: output.device)
    boxPlanes = try choice.anchors(head.boxes(raw, at: places), dim: 1)
      .clamped(max: Self.greatestSide)
    boxes = try boxPlanes.permuted([0, 1, 3, 4, 2])
    strideX = Double(inputWidth) / Double(shape[3])
    strideY = Double(inputHeight) / Double(shape[2])
  }

  private init(detached view: HeadView) throws {
    rawBoxes = try view.rawBoxes.detach()
    deviations = try view.deviations?.detach()
    logits = try view.logits.detach()
    objectness = try view.objectness.detach()
    classes = try view.classes.detach()
    classesAreExclusive = view.classesAreExclusive
    boxes = try view.boxes.detach()
    boxPlanes = try view.boxPlanes.detach()
    (strideX, strideY) = (view.strideX, view.strideY)
  }

  /// The classes' probabilities, softened: each its own, or shared, `[N, A, C, H, W]`.
  func classProbabilities(temperature: Double) throws -> Tensor {
    let softened = try classes / temperature
    return try classesAreExclusive ? softened.softmax(dim: 2) : softened.sigmoid()
  }

  /// Whether gradients flow through it.
  var hasGradient: Bool { logits.requiresGrad || boxPlanes.requiresGrad }

  /// The same values without gradients.
  func detached() throws -> HeadView { try HeadView(detached: self) }
}

/// Which anchors and classes of a head take part, and in which order: made once, before the first
/// batch.
public struct HeadChoice {
  private let anchorIndices: Tensor?
  /// Among objectness and classes: 0 for objectness, then one more than each class.
  private let classIndices: Tensor?

  /// All, as they are.
  public static var all: HeadChoice { HeadChoice(anchorIndices: nil, classIndices: nil) }

  private init(anchorIndices: Tensor?, classIndices: Tensor?) {
    self.anchorIndices = anchorIndices
    self.classIndices = classIndices
  }

  /// Some of them.
  ///
  /// - Parameters:
  ///   - anchors: for each of the other network's anchors the place of one of this head's, which
  ///     may come more than once; nil for all as they are.
  ///   - classes: for each class that both know its index in this head; nil for all as they are.
  ///   - device: where the head's output is.
  public init(anchors: [Int]?, classes: [Int]?, device: Device) throws {
    anchorIndices = try anchors.map { try Tensor($0, device: device) }
    classIndices = try classes.map { try Tensor([0] + $0.map { $0 + 1 }, device: device) }
  }

  func anchors(_ x: Tensor, dim: Int) throws -> Tensor {
    try anchorIndices.map { try x.indexSelect(dim: dim, $0) } ?? x
  }

  /// Of planes of objectness and classes, `[N, A, 1 + C, H, W]`.
  func classes(_ x: Tensor) throws -> Tensor {
    try classIndices.map { try x.indexSelect(dim: 2, $0) } ?? x
  }
}
