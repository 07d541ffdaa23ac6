import Darknet
import Loading
import Networks
import Torch

/// What training minimizes: box, objectness and class terms of every head.
///
/// `[yolo]` and `[Gaussian_yolo]` have the loss of docs/formulas.md 5.1 to 5.3 (preset `legacy`),
/// with these gains in place of the cfg's own normalizers; `[region]` has YOLOv2's, with the cfg's
/// scales. What each head does with its output is in `YoloHead+Loss.swift` and its like.
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
  public let boxGain = 3.54
  /// Weight of the objectness term.
  public let objectnessGain = 64.3
  /// Weight of the class term for 80 classes; scaled by classes / 80.
  public var classGain = 37.4
  /// Overlap, as boxes with a common centre, above which an anchor has to find a target.
  public let assignmentThreshold: Float = 0.20

  /// The preset `legacy`.
  public init() {}

  /// The loss that a run is told to have.
  public init(_ options: TrainingOptions) {
    (overlap, classGain) = (options.overlap, options.classGain)
  }

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
  /// The terms that ``termNames`` sums up, with what each of them is.
  static let parts = [
    LossPart("box", "place and size"), LossPart("obj", "an object or none"),
    LossPart("cls", "which class"),
  ]

  /// Loss of the raw outputs of a network's heads.
  ///
  /// - Parameters:
  ///   - outputs: a tensor `[N, anchors × values per anchor, H, W]` for each head.
  ///   - heads: the heads, in the same order.
  ///   - targets: what is in the pictures.
  ///   - inputWidth: width of the pictures in pixels.
  ///   - inputHeight: height of the pictures in pixels.
  ///   - overlapShare: how far the objectness of a match aims at its overlap (1) rather than at
  ///     one (0); rises during the warm-up.
  ///   - communicator: of processes that have the other pictures of the batch. What they give adds
  ///     up to the loss of the whole batch, and so do their gradients.
  ///   - counts: whether these pictures are any of it; false in one of several processes that has
  ///     none, and so gives zero.
  /// - Throws: ``TrainingError/noLoss(head:layer:)``, or an error of libtorch.
  public func callAsFunction(
    _ outputs: [Tensor], heads: [any DetectionHead], targets: [BatchTarget], inputWidth: Int,
    inputHeight: Int, overlapShare: Double, communicator: any Communicator = SingleProcess(),
    counts: Bool = true
  ) throws -> Value {
    let batch = LossBatch(
      targets: targets, inputWidth: inputWidth, inputHeight: inputHeight,
      overlapShare: overlapShare)
    var terms = try zip(heads, outputs).map { head, output in
      guard let trainable = head as? any TrainableHead else {
        throw TrainingError.noLoss(head: "\(type(of: head))", layer: head.layerIndex)
      }
      return try trainable.terms(output, batch, self)
    }
    if !counts {
      for index in terms.indices { terms[index].objectness.count = 0 }
    }
    let zero = try Tensor.zeros([], device: outputs[0].device)
    var (box, objectness, classes) = (zero, zero, zero)
    for shared in try terms.shared(by: communicator, on: outputs[0].device) {
      if let term = shared.box { box = try box + term.mean }
      objectness = try objectness + shared.objectness.mean
      if let term = shared.classes { classes = try classes + term.mean }
    }
    let matches = terms.reduce(0) { $0 + $1.matches }
    let total = try box + objectness + classes
    return Value(
      total: total, terms: try Tensor.stacked([box, objectness, classes, total]).detach(),
      matches: matches)
  }

  /// The preset and its weights, in a line.
  public var summary: String {
    "legacy: \(overlap.rawValue) × \(boxGain), objectness × \(objectnessGain), classes × "
      + "\(classGain) × classes / 80"
  }

  /// What the cfg says of its loss and this one does otherwise: lines for the start of a training
  /// log (docs/formulas.md 5.2).
  public func notes(on heads: [any DetectionHead]) -> [String] {
    var notes: [String] = []
    if heads.contains(where: { ($0 as? RegionHead)?.spec.biasMatch == false }) {
      notes.append("targets belong to the anchor nearest in shape, as with bias_match=1")
    }
    return notes
  }
}

/// What all heads' terms of a batch depend on.
struct LossBatch {
  let targets: [BatchTarget]
  let inputWidth: Int
  let inputHeight: Int
  let overlapShare: Double
}

/// A weighted term of a loss: a mean, and of how much. Means of several processes add up once each
/// is weighted by its count.
struct LossTerm {
  var mean: Tensor
  var count: Int
}

/// Weighted terms of one head.
struct LossTerms {
  /// Nil where no target is matched.
  var box: LossTerm?
  var objectness: LossTerm
  /// Nil where no target is matched, or there is nothing to tell apart.
  var classes: LossTerm?
  var matches: Int
}

extension [LossTerms] {
  /// The terms as parts of those of all processes: each times its count over the sum of all counts.
  fileprivate func shared(
    by communicator: any Communicator, on device: Device
  ) throws -> [LossTerms] {
    guard communicator.size > 1 else { return self }
    let counts = flatMap { terms in
      [terms.box, terms.objectness, terms.classes].map { Float($0?.count ?? 0) }
    }
    let own = try Tensor(counts, device: device)
    let all = try own.clone()
    try communicator.sumInPlace([all])
    let shares = try own / all.clamped(min: 1)
    return try enumerated().map { index, terms in
      func shared(_ term: LossTerm, _ place: Int) throws -> LossTerm {
        let share = try shares.select(dim: 0, index: 3 * index + place)
        return LossTerm(mean: try term.mean * share, count: term.count)
      }
      return LossTerms(
        box: try terms.box.map { try shared($0, 0) }, objectness: try shared(terms.objectness, 1),
        classes: try terms.classes.map { try shared($0, 2) }, matches: terms.matches)
    }
  }
}

/// A head that a loss is known for.
protocol TrainableHead: DetectionHead {
  /// Which of an anchor's values is objectness; classes follow.
  var objectnessIndex: Int { get }

  /// The head's terms for its raw output.
  func terms(_ output: Tensor, _ batch: LossBatch, _ loss: DetectionLoss) throws -> LossTerms
}

extension DetectionLoss {
  /// The class term for matched rows of class logits, `[P, classes]`; nil for a single class.
  ///
  /// - Parameter smoothing: Darknet's `label_smooth_eps`: targets are 1 − ε/2 and ε/2.
  func classTerm(
    _ logits: Tensor, _ assigned: HeadTargets, smoothing: Float
  ) throws -> LossTerm? {
    let classes = logits.shape[1]
    guard classes > 1 else { return nil }
    var wanted = try assigned.oneHot(classes: classes, device: logits.device)
    if smoothing > 0 { wanted = try wanted * Double(1 - smoothing) + Double(smoothing / 2) }
    let term = try logits.binaryCrossEntropyWithLogits(wanted)
    return LossTerm(
      mean: try term * (classGain * Double(classes) / 80), count: assigned.count)
  }

  /// The objectness term over all cells.
  ///
  /// - Parameters:
  ///   - logits: `[cells]`.
  ///   - floor: the least that each cell aims at, `[cells]`.
  ///   - overlap: of the matched predictions with their targets, `[P]`.
  ///   - cells: their cells, `[P]`; of several matches in one the greatest counts.
  ///   - share: how far a match aims at its overlap (1) rather than at one (0).
  func objectnessTerm(
    _ logits: Tensor, floor: Tensor, overlap: Tensor? = nil, cells: Tensor? = nil, share: Double = 1
  ) throws -> LossTerm {
    var wanted = floor
    if let overlap, let cells {
      let aim = try overlap.detach().clamped(min: 0) * share + (1 - share)
      wanted = try wanted.scatterReduce(dim: 0, indices: cells, source: aim, .amax)
    }
    let term = try logits.binaryCrossEntropyWithLogits(wanted)
    return LossTerm(mean: try term * objectnessGain, count: logits.count)
  }
}
