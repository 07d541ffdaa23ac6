import Torch

/// All that strategies compare: what student and teacher make of the same pictures.
public struct DistillationBatch {
  /// Heads of both networks that look at the same grid.
  public var heads: [PairedHeads]
  /// Features of both networks at the same stride.
  public var features: [PairedFeatures]
  /// What is in the pictures that have labels.
  public var targets: DistillationTargets
  /// 1 for pictures with labels and 0 for those without, `[N]`; nil where all have labels.
  public var isLabelled: Tensor?
  /// What is random about the batch follows from it: another for each batch, the same when a run is
  /// resumed.
  public var seed: UInt64
  /// Runs what the teacher has after the features: given tensors in place of its own (of the shape
  /// of ``PairedFeatures/teacher``, in the order of ``features``), gives the views of its heads in
  /// the order of ``heads``. Nothing of the teacher learns by it, but what it is given has
  /// gradients.
  public var runTeacher: ((_ features: [Tensor]) throws -> [HeadView])?

  /// What student and teacher make of some pictures.
  public init(
    heads: [PairedHeads], features: [PairedFeatures] = [], targets: DistillationTargets,
    isLabelled: Tensor? = nil, seed: UInt64 = 0,
    runTeacher: ((_ features: [Tensor]) throws -> [HeadView])? = nil
  ) {
    self.heads = heads
    self.features = features
    self.targets = targets
    self.isLabelled = isLabelled
    self.seed = seed
    self.runTeacher = runTeacher
  }

  /// Where the networks run.
  var device: Device {
    heads.first?.teacher.logits.device ?? features.first?.teacher.device ?? .cpu
  }

  /// Pictures of the batch.
  var pictures: Int {
    heads.first?.student.objectness.shape[0] ?? features.first?.student.shape[0] ?? 0
  }
}

/// One head of each network, over the same grid.
public struct PairedHeads {
  /// The student's.
  public let student: HeadView
  /// The teacher's, with its anchors and classes chosen to go with the student's; without
  /// gradients.
  public let teacher: HeadView
  /// The student's anchors, and how they are matched with objects.
  public let anchors: AnchorMatching
  /// 0 for the cells and anchors that have to find an object of a class that the teacher lacks,
  /// whose "no object" would speak against the label, else 1, `[N, A, H, W]`; nil where all are
  /// compared.
  let isCompared: Tensor?

  /// A pair of views of equal shapes.
  ///
  /// - Parameter targets: what is in the pictures, where the teacher may lack some of its classes.
  public init(
    student: HeadView, teacher: HeadView, anchors: AnchorMatching,
    besides targets: DistillationTargets? = nil
  ) throws {
    let isCompared = try withoutGrad {
      try targets.flatMap { targets -> Tensor? in
        let matches = try HeadMatches(targets, student, anchors)
        return try matches.isForeign.map { marks in
          try (matches.counts(marks, cells: student.objectness.count) .== 0).to(.float32)
            .view(student.objectness.shape)
        }
      }
    }
    try self.init(student: student, teacher: teacher, anchors: anchors, isCompared: isCompared)
  }

  private init(
    student: HeadView, teacher: HeadView, anchors: AnchorMatching, isCompared: Tensor?
  ) throws {
    self.student = student
    self.teacher = teacher.hasGradient ? try teacher.detached() : teacher
    (self.anchors, self.isCompared) = (anchors, isCompared)
  }

  /// The same with another view of the student's in place of its own.
  func replacing(student: HeadView) throws -> PairedHeads {
    try PairedHeads(
      student: student, teacher: teacher, anchors: anchors, isCompared: isCompared)
  }

  /// Values of cells and anchors, `[N, A, H, W]`, with 0 where nothing is compared.
  func compared(_ x: Tensor) throws -> Tensor { try isCompared.map { try x * $0 } ?? x }

  /// u: the teacher's objectness as a probability, where something is compared, `[N, A, H, W]`.
  func certainty() throws -> Tensor { try compared(teacher.objectness.sigmoid()) }
}

/// Where two networks' features are compared; known before a picture is seen.
public struct FeaturePair: Hashable, Codable, Sendable {
  /// What part of a network a layer belongs to.
  public enum Place: String, Hashable, Codable, Sendable, CaseIterable {
    /// Before the first feature is brought to another size upwards, or joined with another's.
    case backbone
    /// Between backbone and heads.
    case neck
    /// What the last convolution before a head reads.
    case headInput = "head-input"
  }

  /// Index of the student's layer in its cfg.
  public var studentLayer: Int
  /// Index of the teacher's layer in its cfg.
  public var teacherLayer: Int
  /// Channels of the student's layer.
  public var studentWidth: Int
  /// Channels of the teacher's layer.
  public var teacherWidth: Int
  /// Input pixels a cell.
  public var stride: Int
  /// What part of the networks it is.
  public var place: Place

  /// A layer of each network.
  public init(
    studentLayer: Int, teacherLayer: Int, studentWidth: Int, teacherWidth: Int, stride: Int,
    place: Place
  ) {
    self.studentLayer = studentLayer
    self.teacherLayer = teacherLayer
    self.studentWidth = studentWidth
    self.teacherWidth = teacherWidth
    self.stride = stride
    self.place = place
  }
}

/// The features of a pair of layers for a batch.
public struct PairedFeatures {
  /// Which layers they are of.
  public let pair: FeaturePair
  /// The student's as they are, `[N, studentWidth, H, W]`.
  public let student: Tensor
  /// The student's at the teacher's width, `[N, teacherWidth, H, W]`: through an adapter, or as
  /// they are.
  public let adapted: Tensor
  /// The teacher's, `[N, teacherWidth, H, W]`, without gradients.
  public let teacher: Tensor

  /// Features of equal height and width, in float32, or float64 where they are.
  ///
  /// - Parameter adapted: left out where no adapter is needed.
  public init(
    _ pair: FeaturePair, student: Tensor, adapted: Tensor? = nil, teacher: Tensor
  ) throws {
    self.pair = pair
    self.student = try student.precise()
    self.adapted = try adapted.map { try $0.precise() } ?? self.student
    self.teacher = try teacher.detach().precise()
  }
}

extension Tensor {
  /// In float32, or in float64 where it is: losses want digits.
  func precise() throws -> Tensor { dtype == .float64 ? self : try to(.float32) }
}
