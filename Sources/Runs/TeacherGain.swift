import Boxes
import Darknet
import Foundation
import Inference
import Networks
import Training

/// What a teacher was worth: the same training without it, from the same seed, beside the one with
/// it.
public struct TeacherGain: Sendable {
  /// A training and what its best weights come to.
  public struct Side: Sendable {
    /// In words: with teacher, as many steps, as much time.
    public var name: String
    /// The folder of the run.
    public var folder: String
    /// Epochs that it had.
    public var epochs: Int
    /// Seconds that these took, without validations.
    public var seconds: Double
    /// The figures of its best weights on the validation pictures.
    public var result: EvaluationResult

    /// The best weights.
    public var weights: String { RunFolder(path: folder).weightsPath }
  }

  /// The training with the teacher.
  public let taught: Side
  /// Those without.
  public let controls: [Side]
  /// For each of these the differences of mAP@0.5 and mAP@0.5:0.95, with minus without teacher.
  public let intervals: [[BootstrapResult]]

  /// What the intervals say of the teacher, all of them together: of both figures, against every
  /// training without it.
  public enum Verdict: Hashable, Sendable {
    /// All lie above zero.
    case gain
    /// Those that are named do not lie above zero, as some others may; none lies below.
    case open([String], gains: [String])
    /// Those that are named lie below zero, as others may above it.
    case loss([String], gains: [String])
    /// Without a teacher next to nothing is found, and with it no more: there was nothing to lose.
    case nothing
  }

  /// What the intervals say.
  public var verdict: Verdict { Self.verdict(of: intervals, to: controls.map(\.name)) }

  /// What intervals say, a row for each training without a teacher, whose names are given.
  static func verdict(of intervals: [[BootstrapResult]], to controls: [String]) -> Verdict {
    let counted = intervals.map { $0.filter { $0.judgement != .nothingToLose } }
    guard intervals.allSatisfy(\.isEmpty) || !counted.allSatisfy(\.isEmpty) else { return .nothing }
    func names(_ isMeant: (ClosedRange<Double>) -> Bool) -> [String] {
      zip(controls, counted).flatMap { control, results in
        results.filter { isMeant($0.interval) }.map {
          $0.metric.title + (controls.count > 1 ? " to \(control)" : "")
        }
      }
    }
    let (below, gains) = (names { $0.upperBound < 0 }, names { $0.lowerBound > 0 })
    guard below.isEmpty else { return .loss(below, gains: gains) }
    let open = names { $0.lowerBound <= 0 }
    return open.isEmpty ? .gain : .open(open, gains: gains)
  }

  /// Whether the teacher has made the network better: no interval reaches zero.
  public var isShown: Bool { verdict == .gain }
  /// The one with the best mAP@0.5 as it was observed, by which the best epoch of each was chosen; of
  /// equal ones that without a teacher.
  public var best: Side {
    controls.filter { $0.result.map50 >= taught.result.map50 }
      .max { $0.result.map50 < $1.result.map50 } ?? taught
  }
}

extension TrainingRecipe {
  /// What a training with teachers is compared with.
  public enum Control: String, Codable, Hashable, Sendable, CaseIterable {
    /// The same without them, for as many steps.
    case steps
    /// That, and one for as much time.
    case time
  }

  /// The same training without teachers: its epochs have as many batches, so that the steps, the
  /// learning rates and the validations are the same. With pictures without labels in the batches it
  /// sees those with labels more often.
  ///
  /// - Parameters:
  ///   - epochs: as many as it is to have.
  ///   - pictures: those with labels.
  func withoutTeachers(epochs: Int, pictures: Int) -> TrainingRecipe {
    var recipe = self
    (recipe.distillation, recipe.unlabeled, recipe.control) = (nil, nil, nil)
    recipe.keepsTeacherOutputs = nil
    recipe.resumptions = nil
    recipe.options.unlabelledShare = nil
    if options.unlabelledShare != nil {
      recipe.options.epochBatches = options.batchesPerEpoch(pictures: pictures)
    }
    recipe.options.epochs = epochs
    return recipe
  }
}

extension TrainingRecipe {
  /// Whether it is of a training without teachers that a command made beside one with them: that
  /// command is kept with both.
  fileprivate var isControl: Bool {
    distillation == nil && command.contains { ["--control", "--control-time"].contains($0) }
  }
}

extension TrainingRun {
  /// The folder of the same training without teachers, beside that of the run.
  static func controlPath(_ path: String, _ control: TrainingRecipe.Control) -> String {
    path + (control == .steps ? "-control" : "-control-time")
  }

  /// Refuses a control that nothing could be told by, or whose folder holds something else, before the
  /// first step: the control is trained last.
  ///
  /// - Parameters:
  ///   - pictures: those with labels.
  ///   - overwrites: whether an earlier run is replaced, and its control with it.
  static func checkControl(
    of recipe: TrainingRecipe, pictures: Int, validation: Evaluation?, path: String,
    overwrites: Bool
  ) throws {
    guard let control = recipe.control else { return }
    guard validation != nil else {
      throw RunError.unusable(
        control == .steps ? "--control" : "--control-time",
        reason:
          "\(displayed(recipe.data)) names no 'valid' list, by which both trainings are judged")
    }
    let wanted = recipe.withoutTeachers(epochs: recipe.options.epochs, pictures: pictures)
    for kind in Set([.steps, control]) {
      let folder = controlPath(path, kind)
      guard fileExists(folder) else { continue }
      guard overwrites else { throw RunError.controlExists(folder) }
      let request = RunFolder(path: folder).requestPath
      if fileExists(request) {
        guard let found = try? TrainingRecipe(contentsOf: request),
          found.isControl || wanted.isLike(found)
        else { throw RunError.controlIsOther(folder) }
      }
      try OutputFolder(folder, overwrite: true, kind: .training).requireOwn(RunFolder.fileNames)
    }
  }

  /// Leaves the record of a run that came to its end, and compares it with the training without
  /// teachers, where that was asked for; does nothing after a run that was stopped.
  ///
  /// - Parameters:
  ///   - result: what this run came to.
  ///   - version: of the program that trains.
  /// - Throws: as the runs do.
  public func conclude(_ result: TrainingResult, version: String) throws -> TeacherGain? {
    guard !result.wasStopped else { return nil }
    try writeRecord(result, version: version)
    return try comparedWithControl(result, version: version)
  }

  /// Trains without the teachers, or goes on with that, and compares; nil where it was asked to
  /// stop.
  ///
  /// - Parameters:
  ///   - result: what this run came to.
  ///   - version: of the program that trains.
  /// - Throws: as the runs do.
  public func comparedWithControl(
    _ result: TrainingResult, version: String
  ) throws -> TeacherGain? {
    guard let control = recipe.control, let validation else { return nil }
    func side(
      _ name: String, _ folder: String, _ result: TrainingResult
    ) throws -> (TeacherGain.Side, StoredPredictions) {
      let files = RunFolder(path: folder)
      let model = try Model(cfg: files.cfgPath, weights: files.weightsPath, warn: observer.warn)
      observer.begin("judging \(displayed(folder))", pictures: validation.dataset.pictures.count)
      defer { observer.end() }
      var machine = MachineRecipe()
      machine.precision = recipe.options.precision
      let (network, _) = try model.usedNetwork(on: network.device, machine, observer)
      let outcome = try validation(TorchEngine(network, precision: machine.precision)) {
        observer.advance(to: $0)
      }
      let side = TeacherGain.Side(
        name: name, folder: folder, epochs: result.epochs, seconds: result.trainingSeconds,
        result: outcome.result)
      return (side, outcome.predictions)
    }
    func trained(_ kind: TrainingRecipe.Control, epochs: Int) throws -> (String, TrainingResult)? {
      let path = Self.controlPath(path, kind)
      let recipe = recipe.withoutTeachers(epochs: epochs, pictures: train.labelledCount)
      observer.remark(
        "the same training without a teacher, for as \(kind == .steps ? "many steps" : "much time"):"
      )
      func finished(_ run: TrainingRun) throws -> TrainingResult? {
        let result = try run(
          description: RunDescription(run.recipe, network: run.network, version: version))
        guard !result.wasStopped else { return nil }
        try run.writeRecord(result, version: version)
        return result
      }
      let stages = ControlStages(of: path, recipe, beside: self.recipe)
      if let line = stages.warning { observer.warn(line) }
      if let line = stages.remark { observer.remark(line) }
      guard !stages.epochs.isEmpty else {
        return try finished(
          TrainingRun(
            recipe, output: OutputFolder(path, overwrite: true, kind: .training),
            observer: observer)
        ).map { (path, $0) }
      }
      var last: TrainingResult?
      for epochs in stages.epochs {
        last = try finished(
          TrainingRun(
            resuming: path,
            change: {
              let resumptions = $0.resumptions
              $0 = recipe
              ($0.options.epochs, $0.resumptions) = (epochs, resumptions)
            }, observer: observer))
        if last == nil { return nil }
      }
      return last.map { (path, $0) }
    }
    guard let steps = try trained(.steps, epochs: recipe.options.epochs) else { return nil }
    var others = [try side("as many steps without a teacher", steps.0, steps.1)]
    if control == .time {
      let perEpoch = steps.1.trainingSeconds / Double(max(steps.1.epochs, 1))
      let epochs = max(Int((result.trainingSeconds / perEpoch).rounded()), 1)
      guard let time = try trained(.time, epochs: epochs) else { return nil }
      others.append(try side("as much time without a teacher", time.0, time.1))
    }
    let (taught, predictions) = try side("with a teacher", path, result)
    return TeacherGain(
      taught: taught, controls: others.map(\.0),
      intervals: try others.map {
        try PairedBootstrap.differences(
          $0.1, predictions, style: validation.style, resamples: 1000, seed: recipe.options.seed)
      })
  }
}
