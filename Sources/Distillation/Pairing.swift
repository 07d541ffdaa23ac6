import Darknet
import Networks
import Reports

/// Which heads, anchors, classes and layers of a student and of one teacher are compared: worked
/// out from their cfgs and names, before anything is trained.
///
/// Heads belong together by stride, anchors by shape, classes by name. Layers do by the record that
/// pruning leaves in the cfg, where the two come from one network, else by stride and place.
public struct Pairing: Sendable {
  /// Two heads over one grid.
  public struct Heads: Hashable, Sendable {
    /// The student's, by its place among its heads.
    public var student: Int
    /// The teacher's, by its place among its heads.
    public var teacher: Int
    /// Input pixels a cell.
    public var stride: Int
    /// For each of the student's anchors the place of the teacher's that is nearest in shape.
    public var anchors: [Int]
    /// The least overlap of such two, as boxes with a common centre.
    public var leastOverlap: Float
    /// Whether their raw values mean the same: one kind of head with equal anchors in equal order.
    public var areAlike: Bool
  }

  /// Two layers.
  public struct Features: Hashable, Sendable {
    /// The pair as strategies see it.
    public var pair: FeaturePair
    /// Those of the teacher's channels that the student's are; nil for all.
    public var channels: [Int]?
    /// Channels of the teacher's layer as it is.
    public var teacherChannels: Int
    /// Whether the teacher has the student's layers, and was trained apart from it.
    var isOfOtherTraining = false
    /// Whether the student's channels are the teacher's, one by one, or at least as many.
    public var fits: Bool { !isOfOtherTraining && pair.studentWidth == pair.teacherWidth }
  }

  /// A layer without a partner.
  public struct Lone: Hashable, Sendable {
    /// Its index in its network.
    public var layer: Int
    /// Whether it is the teacher's.
    public var isTeachers: Bool
    /// Input pixels a cell.
    public var stride: Int
    /// Where its features are; nil for a head.
    public var place: FeaturePair.Place?
    /// Why it has none.
    public var reason: String
  }

  /// Heads over one grid, in the order of the student's.
  public let heads: [Heads]
  /// The student's classes that the teacher knows, and what they are there, without any where one of
  /// them takes all for one; nil where all are the same.
  public var classes: (student: [Int], teacher: [Int])? { matching.common }
  /// Names of the student's classes that the teacher does not know: where an object of theirs has to
  /// be found, heads are not compared.
  public var unknownClasses: [String] { matching.unknown }
  /// Classes of both networks.
  let matching: ClassMatching
  /// Layers, in the order of the student's cfg.
  public let features: [Features]
  /// The student's heads and features without a partner, and the teacher's heads.
  public let lone: [Lone]
  /// What is left out or may be wrong, a line each.
  public let notes: [String]
  /// Whether layers belong together by the record of what was pruned.
  public let isByOrigin: Bool
  /// Of a teacher that has the student's layers and was trained apart from it, how alike their kernels
  /// are; else nil.
  let foreignLikeness: Double?

  /// The student's classes that the teacher knows; nil where it knows all.
  var knownClasses: Set<Int>? {
    unknownClasses.isEmpty ? nil : Set(classes?.student ?? [])
  }

  /// Pairs two networks.
  ///
  /// - Parameters:
  ///   - student: the network to train.
  ///   - names: the classes of the data.
  ///   - mergedNames: those that the student takes for one; empty where each counts by itself.
  ///   - start: the student's numbers before the first step; nil of a run that goes on, and of random
  ///     ones.
  ///   - teacher: the network to learn from.
  ///   - width: of the training pictures, in pixels.
  ///   - height: of the training pictures, in pixels.
  /// - Throws: ``DistillationError`` where nothing can be compared.
  public init(
    student: NetworkSpec, names: [String], mergedNames: [String] = [],
    start: NetworkParameters? = nil, teacher: Teacher, width: Int, height: Int
  ) throws {
    let (path, spec) = (teacher.source.cfg, teacher.spec)
    guard student.net.channels == spec.net.channels else {
      throw DistillationError.otherChannels(
        teacher: path, teacherChannels: spec.net.channels, channels: student.net.channels)
    }
    var notes: [String] = []
    matching = try ClassMatching(
      names, merged: mergedNames, count: student.classes ?? names.count, teacher)
    notes += matching.notes
    let own = try student.headStrides(width: width, height: height)
    let others = try spec.headStrides(width: width, height: height)
    let heads = own.indices.compactMap { index -> Heads? in
      guard let other = others.firstIndex(where: { $0.shape.hasSameGrid(as: own[index].shape) })
      else { return nil }
      let stride = Int(own[index].x.rounded())
      return Self.heads(
        index, student.anchors(ofHead: own[index].layer, stride: stride), other,
        spec.anchors(ofHead: others[other].layer, stride: stride), stride: stride,
        isSameKind: student.kind(ofHead: own[index].layer) == spec.kind(ofHead: others[other].layer)
      )
    }
    guard !heads.isEmpty else {
      throw DistillationError.noCommonStride(
        teacher: path, teacherStrides: others.map { Int($0.x.rounded()) },
        strides: own.map { Int($0.x.rounded()) })
    }
    func withoutPartner(
      _ all: [NetworkSpec.HeadStride], isTeachers: Bool, besides paired: [Int], _ reason: String
    ) -> [Lone] {
      all.indices.filter { !paired.contains($0) }.map {
        Lone(
          layer: all[$0].layer, isTeachers: isTeachers, stride: Int(all[$0].x.rounded()),
          reason: reason)
      }
    }
    let ownLone = withoutPartner(
      own, isTeachers: false, besides: heads.map(\.student), "the teacher has none of this stride")
    if !ownLone.isEmpty {
      notes.append(
        "no head of \(path) has the stride of \(ownLone.map { "\($0.stride)" }.joined(separator: " and ")): "
          + "what these find is learned from labels alone")
    }
    notes += Self.distantAnchors(heads, teacher, student)
    let record = OriginRecord(student: student, teacher: spec)
    foreignLikeness = record.flatMap { Self.foreignLikeness($0, start, teacher) }
    isByOrigin = record != nil && foreignLikeness == nil
    let found = try Self.features(
      student, spec, heads: heads.map { (own[$0.student].layer, others[$0.teacher].layer) },
      isByOrigin ? record : nil, isOfOtherTraining: foreignLikeness != nil, width: width,
      height: height)
    features = found.features
    lone =
      found.lone + ownLone
      + withoutPartner(
        others, isTeachers: true, besides: heads.map(\.teacher),
        "the student has none of this stride")
    (self.heads, self.notes) = (heads, notes)
  }

  // MARK: Anchors

  private static func heads(
    _ student: Int, _ anchors: [Anchor], _ teacher: Int, _ others: [Anchor], stride: Int,
    isSameKind: Bool
  ) -> Heads {
    let chosen = anchors.map { anchor in
      others.indices.max { others[$0].overlap(with: anchor) < others[$1].overlap(with: anchor) }
        ?? 0
    }
    let overlaps = zip(anchors, chosen).map { $0.overlap(with: others[$1]) }
    return Heads(
      student: student, teacher: teacher, stride: stride, anchors: chosen,
      leastOverlap: overlaps.min() ?? 0, areAlike: isSameKind && anchors == others)
  }

  /// That anchors are far from the teacher's, and why: those of another input size are, though their
  /// boxes are the same. Anchors are for the size of the cfg, whatever size a training has.
  private static func distantAnchors(
    _ heads: [Heads], _ teacher: Teacher, _ student: NetworkSpec
  ) -> [String] {
    let path = teacher.source.cfg
    let distant = heads.filter { $0.leastOverlap < 0.5 }.map { head in
      "at stride \(head.stride) an anchor's nearest one of \(path) overlaps it by "
        + "\(Figures.percent(Double(head.leastOverlap), 0)) only"
    }
    let (own, width, height) = (teacher.inputSize, student.net.width, student.net.height)
    guard !distant.isEmpty, own != (width, height) else {
      return distant.map { "\($0); anchors of like shapes teach more" }
    }
    func pixels(_ width: Int, _ height: Int) -> String {
      width == height ? "\(width)" : "\(width)×\(height)"
    }
    let (teachers, students) = (pixels(own.width, own.height), pixels(width, height))
    let option = own.width == own.height ? " (--img-size \(own.width))" : ""
    return [
      "\(path) was trained at \(teachers) pixels, and the student is at \(students): anchors are in "
        + "pixels of the input, so \(distant.joined(separator: ", ")). Take a teacher of \(students) "
        + "pixels, or train the student at \(teachers)\(option) with anchors for that size"
    ]
  }

  // MARK: Layers

  /// How alike the kernels are of two networks whose layers are the same by their cfgs, where that is too
  /// little for one training; nil where it is enough, or cannot be told.
  private static func foreignLikeness(
    _ record: OriginRecord, _ start: NetworkParameters?, _ teacher: Teacher
  ) -> Double? {
    if let known = teacher.source.foreignLikeness { return known }
    let likeness = start.flatMap { record.likeness($0, teacher.parameters) }
    return likeness.flatMap { $0 < OriginRecord.leastLikeness ? $0 : nil }
  }

  private static func features(
    _ student: NetworkSpec, _ teacher: NetworkSpec, heads: [(student: Int, teacher: Int)],
    _ record: OriginRecord?, isOfOtherTraining: Bool, width: Int, height: Int
  ) throws -> (features: [Features], lone: [Lone]) {
    let own = try FeaturePlaces(
      student, heads: heads.map(\.student), width: width, height: height
    ).features
    let others = try FeaturePlaces(
      teacher, heads: heads.map(\.teacher), width: width, height: height
    ).features
    let shapes = try (
      student.shapes(width: width, height: height), teacher.shapes(width: width, height: height)
    )
    var lone: [Lone] = []
    let features = own.compactMap { feature -> Features? in
      let same = record?.teacherLayer(feature.layer)
      let layer =
        same
        ?? others.first { $0.place == feature.place && $0.stride == feature.stride }?.layer
      guard let layer, shapes.0[feature.layer].hasSameGrid(as: shapes.1[layer]) else {
        lone.append(
          Lone(
            layer: feature.layer, isTeachers: false, stride: feature.stride, place: feature.place,
            reason: layer.map { "the teacher's \($0) has another size" }
              ?? "the teacher has none at this place"))
        return nil
      }
      let channels = same == nil ? nil : record?.channels(ofStudent: feature.layer, teacher: layer)
      let all = teacher.outChannels(ofLayer: layer)
      return Features(
        pair: FeaturePair(
          studentLayer: feature.layer, teacherLayer: layer,
          studentWidth: student.outChannels(ofLayer: feature.layer),
          teacherWidth: channels?.count ?? all, stride: feature.stride, place: feature.place),
        channels: channels == Array(0..<all) ? nil : channels, teacherChannels: all,
        isOfOtherTraining: isOfOtherTraining)
    }
    return (features, lone)
  }
}

extension Anchor {
  /// Overlap of two boxes with a common centre.
  fileprivate func overlap(with other: Anchor) -> Float {
    let shared = min(width, other.width) * min(height, other.height)
    let all = width * height + other.width * other.height - shared
    return all > 0 ? shared / all : 0
  }
}

extension NetworkSpec {
  /// A head's anchors in input pixels.
  fileprivate func anchors(ofHead layer: Int, stride: Int) -> [Anchor] {
    switch layers[layer] {
    case .yolo(let yolo): yolo.maskedAnchors
    case .gaussianYolo(let gaussian): gaussian.yolo.maskedAnchors
    case .region(let region):
      region.anchors.map {
        Anchor(width: $0.width * Float(stride), height: $0.height * Float(stride))
      }
    default: []
    }
  }

  /// What decides what a head's raw values mean, its anchors aside.
  fileprivate func kind(ofHead layer: Int) -> String {
    switch layers[layer] {
    case .yolo(let yolo): "yolo \(yolo.scaleXY) \(yolo.newCoords)"
    case .gaussianYolo(let gaussian): "gaussian \(gaussian.yolo.scaleXY) \(gaussian.point)"
    default: section(ofLayer: layer).name
    }
  }
}
