import Darknet
import Networks
import Reports
import Torch
import Training

/// What a student learns from one teacher: their pairing, with the adapters and other parameters that it
/// takes.
final class Lesson {
  let teacher: Teacher
  let pairing: Pairing
  /// Those of the pairing's features that a strategy compares.
  let features: [Pairing.Features]
  /// Places among ``features`` whose widths are brought together by an adapter.
  let adapted: Set<Int>
  let strategies: [any DistillationStrategy]
  /// Tells the parameters of several teachers apart.
  private let prefix: String

  private(set) var student: Network?
  private var studentChoice = HeadChoice.all
  private var teacherChoices: [HeadChoice] = []
  private var anchors: [AnchorMatching] = []
  private var adapters: [Int: Parameter] = [:]
  /// By strategy and name.
  private var parameters: [String: [String: Parameter]] = [:]
  /// Of the cells of the student's and the teacher's heads, by the pictures' size.
  private var places: [PlacesKey: HeadPlaces] = [:]
  /// Of each of ``features``, the teacher's channels that are compared.
  private var channels: [ChannelChoice?] = []

  /// - Throws: ``DistillationError`` where a strategy does not find what it compares.
  init(
    _ teacher: Teacher, _ pairing: Pairing, _ strategies: [any DistillationStrategy],
    prefix: String
  ) throws {
    (self.teacher, self.pairing, self.strategies) = (teacher, pairing, strategies)
    self.prefix = prefix
    for strategy in strategies {
      let needs = strategy.needs
      if needs.features != .none, !needs.worksWithoutFeatures,
        Self.wanted(needs, pairing).isEmpty
      {
        throw DistillationError.noFeatures(strategy: strategy.name, teacher: teacher.source.cfg)
      }
      if needs.rawBoxes, !pairing.heads.allSatisfy(\.areAlike) {
        throw DistillationError.otherAnchors(strategy: strategy.name, teacher: teacher.source.cfg)
      }
    }
    features = pairing.features.filter { feature in
      strategies.contains { Self.wants($0.needs, feature) }
    }
    adapted = Set(
      features.indices.filter { [features] index in
        !features[index].fits
          && strategies.contains {
            $0.needs.features == .equalWidths && Self.wants($0.needs, features[index])
          }
      })
  }

  private static func wants(_ needs: DistillationNeeds, _ feature: Pairing.Features) -> Bool {
    needs.features != .none && needs.places.contains(feature.pair.place)
  }

  private static func wanted(
    _ needs: DistillationNeeds, _ pairing: Pairing
  ) -> [Pairing.Features] { pairing.features.filter { wants(needs, $0) } }

  /// Strategies that do without the features that they would compare, a line each, and why layers are
  /// not those of the record of pruning.
  var notes: [String] {
    let foreign = pairing.foreignLikeness.map {
      "\(teacher.source.cfg) has the student's layers, but was trained apart from it (mean cosine of the "
        + "kernels \(Figures.fixed($0, 2))): layers are matched by stride and place, and channels by "
        + "adapters"
    }
    return (features.isEmpty ? [] : [foreign].compactMap(\.self))
      + strategies.filter { strategy in
        strategy.needs.features != .none && Self.wanted(strategy.needs, pairing).isEmpty
      }.map { strategy in
        "'\(strategy.name)' compares features too, and none of the student's layers can be matched with "
          + "one of \(teacher.source.cfg): it compares heads alone"
      }
  }

  /// That nothing says where in pictures without labels objects are that the teacher does not know; nil
  /// where it knows all, or no strategy compares heads.
  var noteOnUnlabelled: String? {
    guard !pairing.unknownClasses.isEmpty, strategies.contains(where: \.needs.heads) else {
      return nil
    }
    return
      "\(teacher.source.cfg) takes \(DistillationError.list(pairing.unknownClasses)) in pictures "
      + "without labels for background, and so teaches"
  }

  /// The student's layers that are compared.
  var studentLayers: [Int] { features.map(\.pair.studentLayer) }

  /// Builds the teacher, and adds what learns.
  func prepare(in session: inout TrainingSession, generator: Generator) throws {
    let device = session.network.device
    student = session.network
    try teacher.prepare(on: device)
    studentChoice = try HeadChoice(
      anchors: nil, classes: pairing.classes?.student, device: device)
    teacherChoices = try pairing.heads.map { head in
      let isAll = head.anchors == Array(0..<teacher.heads[head.teacher].anchorCount)
      return try HeadChoice(
        anchors: isAll ? nil : head.anchors, classes: pairing.classes?.teacher, device: device)
    }
    anchors = try pairing.heads.map {
      try AnchorMatching(
        of: session.network.heads[$0.student], stride: $0.stride, device: device)
    }
    channels = try features.map { feature in
      try feature.channels.map {
        try ChannelChoice($0, of: feature.teacherChannels, device: device)
      }
    }
    for index in adapted.sorted() {
      let pair = features[index].pair
      // As fresh convolutions are drawn.
      let bound = 1 / Double(pair.studentWidth).squareRoot()
      adapters[index] = try session.addParameter(
        "\(prefix)adapter.\(pair.studentLayer)", .weights,
        Tensor.uniform(
          [pair.teacherWidth, pair.studentWidth, 1, 1], low: -bound, high: bound,
          generator: generator))
    }
    for strategy in strategies {
      let pairs = Self.wanted(strategy.needs, pairing).map(\.pair)
      for parameter in try strategy.parameters(for: pairs, generator: generator) {
        parameters[strategy.name, default: [:]][parameter.name] = try session.addParameter(
          "\(prefix)\(strategy.name).\(parameter.name)", parameter.group, parameter.value)
      }
    }
  }

  private struct PlacesKey: Hashable {
    var head: Int
    var isTeachers: Bool
    var size: [Int]
  }

  /// The places of a head's cells, made with the first batch of a size.
  private func places(
    _ index: Int, ofTeacher isTeachers: Bool, _ head: any DetectionHead, _ output: Tensor,
    width: Int, height: Int
  ) throws -> HeadPlaces {
    let key = PlacesKey(head: index, isTeachers: isTeachers, size: [width, height])
    if let known = places[key] { return known }
    let shape = output.shape
    let made = try HeadPlaces(
      head, width: shape[3], height: shape[2], inputWidth: width, inputHeight: height,
      device: output.device)
    places[key] = made
    return made
  }

  /// What student and teacher make of a batch, for all strategies.
  struct Seen {
    fileprivate var heads: [PairedHeads]
    fileprivate var features: [PairedFeatures]
    fileprivate var targets: DistillationTargets
    fileprivate var isLabelled: Tensor?
    fileprivate var seed: UInt64
    fileprivate var device: Device
    /// Raw outputs of the teacher with other features, by their places.
    fileprivate var rerun: ([Int: Tensor]) throws -> [HeadView]
  }

  /// What the teacher says of a batch: outputs of the heads in the order of the pairing's, and
  /// features by layer.
  private func answer(
    _ step: TrainingStep, _ cache: TeacherCache?
  ) throws -> (outputs: [Tensor], features: [Int: Tensor]) {
    func asked(_ images: Tensor) throws -> (outputs: [Tensor], features: [Int: Tensor]) {
      let answer = try teacher.see(images, features: features.map(\.pair.teacherLayer))
      return (pairing.heads.map { answer.outputs[$0.teacher] }, answer.features)
    }
    let images = step.images
    guard let cache, step.pictures.count == images.shape[0] else { return try asked(images) }
    let source = teacher.source
    let outputs = try cache.outputs(
      of: step.pictures, outputShapes(width: images.shape[3], height: images.shape[2]),
      teacher: [source.cfgHash, source.weightsHash].map { $0 ?? "" },
      dtype: teacher.precision, device: images.device
    ) { places in
      try asked(places.count == images.shape[0] ? images : images.indexSelect(dim: 0, places))
        .outputs
    }
    return (outputs, [:])
  }

  /// Shapes of the teacher's outputs for a picture, in the order of the pairing's heads.
  func outputShapes(width: Int, height: Int) throws -> [[Int]] {
    let (spec, shapes) = (teacher.spec, try teacher.spec.shapes(width: width, height: height))
    let heads = spec.detectionHeads
    return pairing.heads.map { head in
      let shape = shapes[heads[head.teacher].sourceIndex]
      return [shape.channels, shape.height, shape.width]
    }
  }

  /// Asks the teacher about a batch.
  ///
  /// - Parameters:
  ///   - tapped: the student's features by layer.
  ///   - cache: where its outputs are kept, where they are.
  func seen(
    _ step: TrainingStep, features tapped: [Int: Tensor], seed: UInt64, cache: TeacherCache?
  ) throws -> Seen {
    let images = step.images
    let (height, width) = (images.shape[2], images.shape[3])
    let device = images.device
    let answer = try answer(step, cache)
    var paired: [PairedFeatures] = []
    for (index, feature) in features.enumerated() {
      guard let own = tapped[feature.pair.studentLayer],
        let other = answer.features[feature.pair.teacherLayer]
      else { preconditionFailure("both networks ran with their taps") }
      paired.append(
        try PairedFeatures(
          feature.pair, student: own, adapted: adapters[index].map { try own.conv2d($0.value) },
          teacher: withoutGrad { try channels[index]?.chosen(other) ?? other }))
    }
    /// The teacher's heads, of outputs in the order of the pairing's.
    func views(_ outputs: [Tensor]) throws -> [HeadView] {
      try pairing.heads.indices.map { index in
        let (place, output) = (pairing.heads[index].teacher, outputs[index])
        let head = teacher.heads[place]
        return try HeadView(
          output, of: head, inputWidth: width, inputHeight: height, choice: teacherChoices[index],
          places: places(place, ofTeacher: true, head, output, width: width, height: height))
      }
    }
    let outputs = answer.outputs
    let targets = DistillationTargets(
      step.targets, known: pairing.knownClasses, inputWidth: width, inputHeight: height,
      device: device)
    return try withoutAutocast(device) {
      let teachers = try withoutGrad { try views(outputs) }
      let heads = try pairing.heads.indices.map { index in
        let place = pairing.heads[index].student
        let (head, output) = (step.network.heads[place], step.outputs[place])
        return try PairedHeads(
          student: HeadView(
            output, of: head, inputWidth: width, inputHeight: height, choice: studentChoice,
            places: places(place, ofTeacher: false, head, output, width: width, height: height)),
          teacher: teachers[index], anchors: anchors[index],
          besides: pairing.knownClasses == nil ? nil : targets)
      }
      return Seen(
        heads: heads, features: paired, targets: targets,
        isLabelled: try step.isLabelled.map { labelled in
          try Tensor(labelled.map { $0 ? Float(1) : 0 }, device: device, pinned: device.isCUDA)
        },
        seed: seed &+ UInt64(step.batch) &* 0x9E37_79B9_7F4A_7C15, device: device,
        rerun: { [self] replaced in
          var given: [Int: Tensor] = [:]
          for (index, tensor) in replaced {
            let layer = features[index].pair.teacherLayer
            guard let choice = channels[index], let full = answer.features[layer] else {
              given[layer] = tensor
              continue
            }
            given[layer] = try choice.put(tensor, into: full)
          }
          // A head that no given feature leads to says what it said.
          let rest = try teacher.rest(from: given, heads: pairing.heads.map(\.teacher))
          return try views(zip(rest, outputs).map { $0 ?? $1 })
        })
    }
  }

  /// The terms of one strategy.
  func losses(_ strategy: any DistillationStrategy, _ seen: Seen) throws -> StrategyLosses {
    let places = features.indices.filter { Self.wants(strategy.needs, features[$0]) }
    let batch = DistillationBatch(
      heads: seen.heads, features: places.map { seen.features[$0] }, targets: seen.targets,
      isLabelled: seen.isLabelled, seed: seen.seed,
      runTeacher: { tensors in
        try seen.rerun(Dictionary(uniqueKeysWithValues: zip(places, tensors)))
      })
    return try withoutAutocast(seen.device) {
      try strategy.losses(
        batch, parameters: (parameters[strategy.name] ?? [:]).mapValues(\.value))
    }
  }
}

/// Some channels of a feature, in an order.
private struct ChannelChoice {
  private let indices: Tensor
  /// Where each channel of the whole comes from when the chosen ones are put in front of it.
  private let places: Tensor

  init(_ channels: [Int], of count: Int, device: Device) throws {
    indices = try Tensor(channels, device: device)
    var places = (0..<count).map { channels.count + $0 }
    for (place, channel) in channels.enumerated() { places[channel] = place }
    self.places = try Tensor(places, device: device)
  }

  func chosen(_ feature: Tensor) throws -> Tensor { try feature.indexSelect(dim: 1, indices) }

  /// The whole with other values in the chosen channels.
  func put(_ chosen: Tensor, into whole: Tensor) throws -> Tensor {
    try Tensor.concatenated([chosen, whole.to(chosen.dtype)], dim: 1)
      .indexSelect(dim: 1, places)
  }
}
