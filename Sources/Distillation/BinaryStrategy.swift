import Torch
import Training

/// Each class and the objectness as a binary problem of its own, and boxes by GIoU
/// (docs/formulas.md 9.3; Yang and others, "Bridging cross-task protocol inconsistency", arXiv
/// 2308.14286).
///
/// The objectness is compared in every cell. A `[yolo]` trains classes and boxes where objects are
/// alone, so its teacher's say nothing elsewhere: they count by the teacher's objectness, unless
/// ``everywhere`` is true.
public struct BinaryStrategy: DistillationStrategy {
  /// Its row in the table.
  public static let method = DistillationMethod.binary

  /// Weight of the objectness.
  public var objectnessWeight = 2.0
  /// Weight of the classes.
  public var classWeight = 1.0
  /// Weight of the boxes.
  public var boxWeight = 4.0
  /// Whether classes and boxes count alike in every cell, as in the paper.
  public var everywhere = false

  /// With default options.
  public init() {}

  /// Pairs of heads.
  public var needs: DistillationNeeds { DistillationNeeds() }
  /// One for each kind of output.
  public var lossNames: [String] { ["objectness", "classes", "boxes"] }

  /// The three terms over all heads.
  public func losses(
    _ batch: DistillationBatch, parameters: [String: Tensor]
  ) throws -> StrategyLosses {
    let parts = try batch.joinedHeads().map {
      try BinaryComparison(
        $0.student, $0.teacher, isCompared: $0.isCompared, everywhere: everywhere)
    }
    func sum(_ value: (BinaryComparison) -> Tensor) throws -> Tensor {
      try parts.map(value).added(on: batch.device)
    }
    let objects = try sum(\.seen).clamped(min: Double(batch.pictures))
    return StrategyLosses([
      TechniqueLoss("objectness", try sum(\.objectness) / objects, weight: objectnessWeight),
      TechniqueLoss("classes", try sum(\.classes) / objects, weight: classWeight),
      TechniqueLoss("boxes", try sum(\.boxes) / objects, weight: boxWeight),
    ])
  }
}

/// Two networks' outputs as binary problems, summed over all cells that are compared.
struct BinaryComparison {
  let objectness: Tensor
  let classes: Tensor
  let boxes: Tensor
  /// The objects that the teacher sees.
  let seen: Tensor

  /// - Parameter isCompared: 1 for the cells that are, else 0, `[N, A, cells]`; nil for all.
  init(
    _ student: JoinedHeads, _ teacher: JoinedHeads, isCompared: Tensor?, everywhere: Bool
  ) throws {
    let difference = try BinaryDifference(student, teacher)
    func compared(_ x: Tensor) throws -> Tensor { try isCompared.map { try x * $0 } ?? x }
    let certainty = try compared(difference.aim.select(dim: 2, index: 0))
    func counted(_ x: Tensor) throws -> Tensor { try everywhere ? compared(x) : x * certainty }
    let losses = try difference.loss.split(
      sizes: [1, difference.loss.shape[2] - 1], dim: 2)
    let overlap = try DetectionLoss.Overlap.giou.measure(student.boxes, teacher.boxes, dim: 2)
    objectness = try (isCompared.map { try losses[0] * $0.unsqueezed(2) } ?? losses[0]).sum()
    classes = try counted(losses[1].sum(dims: [2])).sum()
    boxes = try (counted(difference.gap.amax(dims: [2])) * (1 - overlap)).sum()
    seen = try certainty.sum()
  }
}

/// Probabilities of a student and a teacher as binary problems: objectness, then the classes,
/// `[N, A, 1 + C, cells]`.
struct BinaryDifference {
  /// The teacher's probabilities, σ(t).
  let aim: Tensor
  /// How far they are apart, |σ(t) − σ(s)|.
  let gap: Tensor
  /// The cross-entropy of σ(s) against σ(t), weighted by the gap.
  let loss: Tensor

  init(_ student: JoinedHeads, _ teacher: JoinedHeads) throws {
    let probabilities = try student.probabilities()
    aim = try teacher.probabilities()
    gap = try (probabilities - aim).abs()
    let entropy =
      student.classesAreExclusive
      ? try crossEntropy(probabilities, aim)
      : try student.logits.binaryCrossEntropyWithLogits(aim, reduction: .none)
    loss = try gap * entropy
  }
}

/// Outputs of heads side by side, cell after cell: what does not ask where a cell is takes as many
/// operations for all heads as for one.
struct JoinedHeads {
  /// Logits of objectness and then of the classes, `[N, A, 1 + C, cells]`.
  let logits: Tensor
  /// Centre and size in input pixels, `[N, A, 4, cells]`.
  let boxes: Tensor
  /// Whether the classes share one probability.
  let classesAreExclusive: Bool

  /// Heads of as many anchors and classes, alike in their probabilities.
  init(_ views: [HeadView]) throws {
    func joined(_ maps: [Tensor]) throws -> Tensor {
      let flat = try maps.map { try $0.flattened(from: 3) }
      return flat.count == 1 ? flat[0] : try Tensor.concatenated(flat, dim: 3)
    }
    logits = try joined(views.map(\.logits))
    boxes = try joined(views.map(\.boxPlanes))
    classesAreExclusive = views.contains(where: \.classesAreExclusive)
  }

  /// Of objectness and classes, each its own or the classes' shared.
  func probabilities() throws -> Tensor {
    guard classesAreExclusive else { return try logits.sigmoid() }
    let parts = try logits.split(sizes: [1, logits.shape[2] - 1], dim: 2)
    return try Tensor.concatenated([parts[0].sigmoid(), parts[1].softmax(dim: 2)], dim: 2)
  }
}

extension DistillationBatch {
  /// The pairs of heads, those joined that are alike: nearly always all.
  fileprivate func joinedHeads() throws -> [(
    student: JoinedHeads, teacher: JoinedHeads, isCompared: Tensor?
  )] {
    var groups: [[PairedHeads]] = []
    for pair in heads {
      if let place = groups.firstIndex(where: { $0[0].isAlike(pair) }) {
        groups[place].append(pair)
      } else {
        groups.append([pair])
      }
    }
    return try groups.map { pairs in
      let masks = try pairs.compactMap(\.isCompared).map { try $0.flattened(from: 2) }
      return (
        try JoinedHeads(pairs.map(\.student)), try JoinedHeads(pairs.map(\.teacher)),
        masks.isEmpty ? nil : try Tensor.concatenated(masks, dim: 2)
      )
    }
  }
}

extension PairedHeads {
  /// Whether the cells of both can stand in one row.
  fileprivate func isAlike(_ other: PairedHeads) -> Bool {
    student.logits.shape[1...2] == other.student.logits.shape[1...2]
      && student.classesAreExclusive == other.student.classesAreExclusive
      && teacher.classesAreExclusive == other.teacher.classesAreExclusive
      && (isCompared == nil) == (other.isCompared == nil)
  }
}

extension DistillationBatch {
  /// How many objects the teacher sees in the batch: its objectness summed over all cells that are
  /// compared, and at least one a picture.
  func objectsOfTeacher() throws -> Tensor {
    let sums = try heads.map { try $0.certainty().sum() }
    return try sums.added(on: device).clamped(min: Double(max(pictures, 1)))
  }
}

extension [Tensor] {
  /// Their sum; zero without any.
  func added(on device: Device) throws -> Tensor {
    guard let first else { return try Tensor.zeros([], device: device) }
    return try dropFirst().reduce(first) { try $0 + $1 }
  }
}
