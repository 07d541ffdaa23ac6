import Commands
import Darknet
import Distillation
import Runs

extension TrainingRecipe {
  /// Takes up what the command line says of teachers.
  mutating func distil(_ asked: TeacherOptions) throws {
    guard asked.hasTeacher else { return }
    for folder in asked.teacher { try RunFiles.require(folder, option: "--teacher") }
    var strategies = try asked.strategies.map { name in
      try Self.strategy(named: name, isLegacy: asked.distillLegacy)
    }
    let hasUnlabelled = asked.unlabeled != nil
    strategies = DistillationOptions.chosen(strategies, hasUnlabelled: hasUnlabelled)
    guard Set(strategies.map(\.name)).count == strategies.count else {
      throw RunError.unusable(
        "--distill",
        reason: "'auto' is 'binary' where all pictures have labels, and that is named too")
    }
    if let temperature = asked.distillTemperature {
      guard strategies.contains(where: { $0 is any TemperedStrategy }) else {
        throw RunError.unusable(
          "--distill-temperature",
          reason: "\(strategies.map(\.name).joined(separator: ", ")) divides no logits")
      }
      strategies = strategies.map { strategy in
        guard var tempered = strategy as? any TemperedStrategy else { return strategy }
        tempered.temperature = temperature
        return tempered
      }
    }
    var options = DistillationOptions(teachers: asked.sources, strategies: strategies)
    let weight =
      asked.distillWeight.first
      ?? DistillationOptions.weight(of: strategies, hasUnlabelled: hasUnlabelled)
    options.weights =
      asked.distillWeight.count > 1 ? asked.distillWeight : strategies.map { _ in weight }
    options.schedule =
      switch asked.distillSchedule {
      case .constant, nil: .constant
      case .cosine: .cosine
      }
    options.until = asked.distillUntil ?? 1
    distillation = options
    control = asked.controlTime ? .time : asked.control ? .steps : nil
    keepsTeacherOutputs = asked.distillCache ? true : nil
    unlabeled = asked.unlabeled
    self.options.unlabelledShare = asked.unlabeled == nil ? nil : asked.unlabeledShare ?? 0.5
  }

  /// `attention-n` is what `--AT_str n` was.
  private static func strategy(
    named name: String, isLegacy: Bool
  ) throws -> any DistillationStrategy {
    let words = name.split(separator: "-")
    if words.count == 2, words[0] == "attention", let number = Int(words[1]) {
      return try DistillationMethod.attentionTransfer(number)
    }
    let method = try DistillationMethod(named: name)
    guard isLegacy else { return method.strategy }
    guard let legacy = method.legacyStrategy else {
      throw RunError.unusable("--distill-legacy", reason: "the earlier programs had no '\(name)'")
    }
    return legacy
  }
}

extension TeacherOptions {
  /// Run folders first, then pairs of files.
  fileprivate var sources: [TeacherSource] {
    teacher.map { TeacherSource(cfg: "\($0)/\(RunFiles.cfg)", weights: "\($0)/\(RunFiles.best)") }
      + zip(teacherCfg, teacherWeights).map { TeacherSource(cfg: $0, weights: $1) }
  }
}

extension DistillationOptions {
  /// Takes up where the teachers are now; they stay the same, which their hashes say.
  ///
  /// - Returns: whether there are as many as before.
  mutating func move(to asked: TeacherOptions) throws -> Bool {
    let sources = asked.sources
    guard sources.count == teachers.count else { return false }
    for (index, source) in sources.enumerated() {
      (teachers[index].cfg, teachers[index].weights) = (source.cfg, source.weights)
    }
    return true
  }
}
