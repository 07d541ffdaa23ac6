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
    let sums = try batch.heads.map { pair in
      try BinaryComparison(pair.student, pair.teacher, everywhere: everywhere).sums
    }
    let objects = try batch.objectsOfTeacher()
    func term(_ index: Int) throws -> Tensor {
      try sums.map { $0[index] }.added(like: objects) / objects
    }
    return StrategyLosses([
      TechniqueLoss("objectness", try term(0), weight: objectnessWeight),
      TechniqueLoss("classes", try term(1), weight: classWeight),
      TechniqueLoss("boxes", try term(2), weight: boxWeight),
    ])
  }
}

/// Two heads' outputs as binary problems.
struct BinaryComparison {
  /// Objectness, classes and boxes, each summed over all cells.
  let sums: [Tensor]

  init(_ student: HeadView, _ teacher: HeadView, everywhere: Bool) throws {
    let objectness = try BinaryDifference(student.objectness, teacher.objectness)
    let classes = try BinaryDifference(classesOf: student, teacher)
    let overlap = try DetectionLoss.Overlap.giou.measure(
      student.boxes.reshaped([-1, 4]), teacher.boxes.reshaped([-1, 4]))
    // [N, A, H, W]
    let greatest = try objectness.gap.maximum(classes.gap.amax(dims: [2]))
    let distance = try (1 - overlap).view(greatest.shape)
    func counted(_ x: Tensor) throws -> Tensor {
      everywhere ? x : try x * teacher.objectness.sigmoid()
    }
    sums = [
      try objectness.loss.sum(),
      try counted(classes.loss.sum(dims: [2])).sum(),
      try counted(greatest * distance).sum(),
    ]
  }
}

/// Probabilities of a student and a teacher as binary problems.
struct BinaryDifference {
  /// How far they are apart, |σ(t) − σ(s)|.
  let gap: Tensor
  /// The cross-entropy of σ(s) against σ(t), weighted by the gap.
  let loss: Tensor

  private init(gap: Tensor, crossEntropy: Tensor) throws {
    self.gap = gap
    loss = try gap * crossEntropy
  }

  /// Of logits.
  init(_ student: Tensor, _ teacher: Tensor) throws {
    try self.init(student, aim: teacher.sigmoid())
  }

  private init(_ student: Tensor, aim: Tensor) throws {
    try self.init(
      gap: (student.sigmoid() - aim).abs(),
      crossEntropy: student.binaryCrossEntropyWithLogits(aim, reduction: .none))
  }

  /// Of the classes, which may share one probability.
  init(classesOf student: HeadView, _ teacher: HeadView) throws {
    let aim = try teacher.classProbabilities(temperature: 1)
    guard student.classesAreExclusive else {
      try self.init(student.classes, aim: aim)
      return
    }
    let probability = try student.classProbabilities(temperature: 1)
    try self.init(
      gap: (probability - aim).abs(),
      crossEntropy: crossEntropy(probability, aim))
  }
}

extension DistillationBatch {
  /// How many objects the teacher sees in the batch: its objectness summed over all cells, and at
  /// least one a picture.
  func objectsOfTeacher() throws -> Tensor {
    guard let first = heads.first else { return try Tensor.ones([]) }
    let sums = try heads.map { try $0.teacher.objectness.sigmoid().sum() }
    return try sums.added(like: first.teacher.objectness).clamped(min: Double(pictures))
  }
}

extension [Tensor] {
  /// Their sum; zero without any.
  func added(like other: Tensor) throws -> Tensor {
    guard let first else {
      return try Tensor.zeros([], dtype: other.dtype, device: other.device)
    }
    return try dropFirst().reduce(first) { try $0 + $1 }
  }
}
