import Darknet
import Foundation
import Inference
import Networks
import Reports
import Torch
import Training

/// Lets a network learn from trained ones beside the labels: terms of the loss that compare the outputs and
/// features of both, by strategies (docs/formulas.md 9).
///
/// What learns for the training alone, such as adapters between widths, is optimized and resumed with the
/// run, and no part of the written pair.
public final class DistillationTechnique: TellingTechnique {
  /// `distillation`.
  public let name = "distillation"
  /// What it was told.
  public let options: DistillationOptions

  private let strategies: [(strategy: any DistillationStrategy, weight: Double)]
  let lessons: [Lesson]
  /// How the run is judged, for the pictures of its page; nil where it is not.
  let judging: Evaluation?
  private let cache: TeacherCache?
  private let notes: [String]
  /// What may keep the teachers from being of use, a line each.
  public let warnings: [String]
  private var seed: UInt64 = 0
  /// Whether batches hold pictures without labels.
  private var hasUnlabelled = false
  /// Of the student's layers that are compared.
  private var tap = FeatureTap([])
  /// What the weights are multiplied by at the moment.
  private var factor: Double?
  /// What strategies tell of the last batch, on the device.
  private var figures: [(name: String, value: Tensor)] = []
  /// What the run that this one goes on from told last.
  private var told: [Told] = []

  private struct Told: Codable {
    var name: String
    var value: Double
  }

  /// Pairs a network with its teachers, and checks that the strategies find what they need.
  ///
  /// - Parameters:
  ///   - student: the network to train.
  ///   - names: the classes of the data.
  ///   - mergedNames: those that the student takes for one; empty where each counts by itself.
  ///   - start: the student's numbers before the first step; nil of a run that goes on, and of random
  ///     ones.
  ///   - sizes: the smallest and the largest training pictures, in pixels.
  ///   - judging: how the run is judged, to show student and teacher side by side.
  ///   - cache: where the teachers' outputs are kept; pictures have to be the same each time, and
  ///     strategies to compare heads alone.
  /// - Throws: ``DistillationError``; an error of a cfg that cannot work at a size.
  public init(
    _ options: DistillationOptions, teachers: [Teacher], student: NetworkSpec, names: [String],
    mergedNames: [String] = [], start: NetworkParameters? = nil,
    sizes: [(width: Int, height: Int)], judging: Evaluation? = nil, cache: TeacherCache? = nil
  ) throws {
    try options.check()
    precondition(
      cache == nil || options.strategiesBesidesHeads.isEmpty, "features of teachers are not kept")
    self.cache = cache
    (self.options, self.judging) = (options, judging)
    strategies = options.strategies.enumerated().map { index, record in
      (record.strategy, options.weights?[index] ?? 1)
    }
    var (notes, warnings): ([String], [String]) = ([], [])
    lessons = try teachers.enumerated().map { [strategies] index, teacher in
      for size in sizes { try teacher.spec.checkInput(width: size.width, height: size.height) }
      let size = sizes.last ?? (student.net.width, student.net.height)
      let pairing = try Pairing(
        student: student, names: names, mergedNames: mergedNames, start: start, teacher: teacher,
        width: size.width, height: size.height)
      if teacher.parameterCount < student.parameterCount {
        warnings.append(
          "\(teacher.source.cfg) has fewer parameters than the network that learns from it "
            + "(\(Figures.count(teacher.parameterCount)) against \(Figures.count(student.parameterCount)))"
        )
      }
      let lesson = try Lesson(
        teacher, pairing, strategies.map(\.strategy),
        prefix: teachers.count > 1 ? "teacher\(index + 1)." : "")
      notes += pairing.notes + lesson.notes
      return lesson
    }
    let sides = sizes.map { ($0.width, $0.height) }.min { $0.0 * $0.1 < $1.0 * $1.1 }
    warnings += strategies.compactMap { strategy, _ in
      (strategy as? AttentionStrategy).flatMap { attention in
        sides.flatMap { attention.warning(width: $0.0, height: $0.1) }
      }
    }
    (self.notes, self.warnings) = (notes, warnings)
  }

  /// Builds the teachers on the network's device, and adds what learns beside the network.
  public func attach(to session: inout TrainingSession) throws {
    seed = session.options.seed
    hasUnlabelled = session.options.unlabelledShare != nil
    let generator = try Generator(seed: seed ^ 0xD157_1114)
    for lesson in lessons {
      try lesson.prepare(in: &session, generator: generator)
    }
    tap = FeatureTap(Set(lessons.flatMap(\.studentLayers)))
    if !lessons.allSatisfy(\.studentLayers.isEmpty) { session.addObserver(tap) }
  }

  /// Bytes that the teachers' outputs for a picture take.
  ///
  /// - Parameter device: where the teachers run.
  public func outputBytes(width: Int, height: Int, on device: Device) throws -> Int {
    try lessons.reduce(0) { sum, lesson in
      let shapes = try lesson.outputShapes(width: width, height: height)
      return sum + shapes.reduce(0) { $0 + $1.reduce(1, *) }
        * Teacher.precision(on: device).byteCount
    }
  }

  /// The teachers, with the hashes of their files.
  public var teachers: [TeacherSource] {
    lessons.map { lesson in
      var source = lesson.teacher.source
      source.foreignLikeness = lesson.pairing.foreignLikeness
      return source
    }
  }

  /// `strategy.term` for each.
  public var lossNames: [String] {
    strategies.flatMap { entry in entry.strategy.lossNames.map { Self.name(entry.strategy, $0) } }
  }

  /// The sum of what all strategies and teachers add.
  public let lossTitle = (name: "teacher", meaning: "how far from it")

  /// Less weight, where that is above the usual.
  public var remedyOfDivergence: String? {
    strategies.contains {
      $0.weight > DistillationOptions.weight(of: $0.strategy, hasUnlabelled: true)
    }
      ? "a smaller --distill-weight" : nil
  }

  private static func name(_ strategy: any DistillationStrategy, _ term: String) -> String {
    "\(strategy.name).\(term)"
  }

  /// The terms of all strategies and teachers; none once the teacher is not asked any more.
  public func losses(_ step: TrainingStep) throws -> [TechniqueLoss] {
    let factor = options.factor(epoch: step.epoch, of: step.epochs)
    self.factor = factor
    figures = []
    guard factor > 0 else { return [] }
    return try lessons.flatMap { lesson in
      let seen = try lesson.seen(step, features: tap.features, seed: seed, cache: cache)
      return try strategies.flatMap { strategy, weight in
        let losses = try lesson.losses(strategy, seen)
        figures += losses.figures.map { (Self.name(strategy, $0.name), $0.value) }
        return losses.terms.map {
          TechniqueLoss(
            Self.name(strategy, $0.name), $0.value, weight: $0.weight * weight * factor)
        }
      }
    }
  }
}

// MARK: - Telling

extension DistillationTechnique {
  /// The teachers, the strategies, and one table of what is compared.
  public func opening() throws -> [String] {
    let teachers = lessons.map(\.teacherInWords)
    let words = strategies.map { strategy, weight in
      let isAuto = options.isAuto == true && strategy is BinaryStrategy
      return (isAuto ? DistillationMethod.auto.rawValue : strategy.name)
        + (weight == 1 ? "" : " × \(Figures.significant(weight))")
        + (isAuto ? ", which is \(strategy.name) where all pictures have labels" : "")
    }
    var line = "distillation: \(words.joined(separator: ", ")), \(options.schedule.rawValue)"
    if options.until < 1 {
      line += ", without the teacher after \(Figures.percent(options.until, 0)) of the epochs"
      if hasUnlabelled { line += ", when pictures without labels teach nothing any more" }
    } else if hasUnlabelled, options.schedule == .constant {
      line += ", with the teacher to the end, for pictures without labels learn from it alone"
    }
    return teachers + [line] + lessons.flatMap { $0.table(named: lessons.count > 1) } + notes
      + (hasUnlabelled ? lessons.compactMap(\.noteOnUnlabelled) : [])
  }

  /// The weight of the moment, and what strategies tell.
  public func metrics() throws -> [(name: String, value: Double)] {
    // Between the last batch of an epoch and its figures a run may be stopped and gone on with.
    guard let factor else { return told.map { ($0.name, $0.value) } }
    return try [("weight", factor)] + figures.map { ($0.name, try $0.value.item()) }
  }

  /// Terms of the loss, by the names that they are filed under, in words: "classes 0.12, boxes 0.3", each
  /// with its strategy where there are several; empty where none is of distillation.
  public static func words(ofTerms terms: [(name: String, value: Double)]) -> String {
    let parts = terms.filter { $0.name.hasPrefix(prefix) }.map { term in
      (term.name.dropFirst(prefix.count).split(separator: ".").map(String.init), term.value)
    }
    let isOne = Set(parts.compactMap(\.0.first)).count == 1
    return parts.map { words, value in
      let name = isOne ? words.dropFirst().joined(separator: " ") : words.joined(separator: " ")
      return "\(name) \(Figures.significant(value, 3))"
    }.joined(separator: ", ")
  }

  private static let prefix = "distillation/"

  /// A figure by the name that it is filed under, in words: ("binary, boxes:", "0.12"); nil for a name of
  /// something else.
  public static func words(of name: String, _ value: Double) -> (name: String, value: String)? {
    guard name.hasPrefix(prefix) else { return nil }
    let metric = name.dropFirst(prefix.count)
    if metric == "weight" { return ("weight of the teacher:", Figures.percent(value, 0)) }
    return (
      metric.split(separator: ".").joined(separator: ", ") + ":", Figures.significant(value, 3)
    )
  }

  /// A picture for each term as it is added to the loss, and one of the weight where it changes.
  public var charts: [TechniqueChart] {
    let changes = options.schedule != .constant || options.until < 1
    let factors = changes ? "times its weight and that of the teacher" : "times its weight"
    let terms = strategies.flatMap { entry in
      entry.strategy.lossNames.map { term in
        TechniqueChart(
          title: "Distillation by \(entry.strategy.name): \(term), \(factors)",
          metrics: [Self.name(entry.strategy, term)])
      }
    }
    return terms
      + (changes ? [TechniqueChart(title: "Weight of the teacher", metrics: ["weight"])] : [])
  }
}

// MARK: - Checkpoints

extension DistillationTechnique {
  private struct State: Codable {
    var teachers: [TeacherSource]
    /// Nil in checkpoints of earlier versions.
    var told: [Told]?
  }

  /// Which teachers it learns from, and what ``metrics()`` tell.
  public func state() throws -> Data? {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let told = try metrics().map { Told(name: $0.name, value: $0.value) }
    return try encoder.encode(State(teachers: teachers, told: told))
  }

  /// Refuses other teachers than those that ``state()`` named; they may have moved.
  public func restore(_ state: Data) throws {
    let state = try JSONDecoder().decode(State.self, from: state)
    let (before, now) = (state.teachers, teachers)
    for (index, old) in before.enumerated() {
      guard now.indices.contains(index), now[index].weightsHash == old.weightsHash,
        now[index].cfgHash == old.cfgHash
      else {
        throw DistillationError.missingTeacher(
          path: now.indices.contains(index) ? now[index].weights : old.weights,
          hash: old.weightsHash ?? "", isOther: now.indices.contains(index))
      }
    }
    told = state.told ?? []
  }
}
