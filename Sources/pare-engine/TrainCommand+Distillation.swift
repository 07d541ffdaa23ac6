import Commands
import Darknet
import Distillation
import Runs
import Summaries

extension TrainingRecipe {
  /// Takes up what the command line says of teachers.
  mutating func distil(_ asked: TeacherOptions) throws {
    guard asked.hasTeacher else { return }
    for folder in asked.teacher { try RunFiles.require(folder, option: "--teacher") }
    var strategies = try asked.strategies.map { name in
      try Self.strategy(named: name, isLegacy: asked.distillLegacy)
    }
    let hasUnlabelled = asked.unlabeled != nil
    let names = strategies.map(\.name)
    strategies = DistillationOptions.chosen(strategies, hasUnlabelled: hasUnlabelled)
    guard Set(strategies.map(\.name)).count == strategies.count else {
      throw RunError.unusable(
        "--distill",
        reason: "'auto' is 'binary' where all pictures have labels, and that is named too")
    }
    try Self.soften(&strategies, by: asked.distillTemperature)
    if asked.distillEverywhere { try Self.countEverywhere(&strategies) }
    var options = DistillationOptions(teachers: asked.sources, strategies: strategies)
    if strategies.map(\.name) != names { options.isAuto = true }
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

  /// Lets classes and boxes count alike in all cells.
  private static func countEverywhere(_ strategies: inout [any DistillationStrategy]) throws {
    var isUsed = false
    for index in strategies.indices {
      switch strategies[index] {
      case var binary as BinaryStrategy:
        binary.everywhere = true
        strategies[index] = binary
      case var auto as AutoStrategy:
        auto.heads.everywhere = true
        strategies[index] = auto
      default: continue
      }
      isUsed = true
    }
    guard isUsed else {
      throw RunError.unusable(
        "--distill-everywhere", reason: "it is for 'binary' and 'auto', and neither is named")
    }
  }

  /// Sets what logits are divided by: one value for all strategies that have logits, or one for each
  /// strategy, where 1 is for those that have none.
  private static func soften(
    _ strategies: inout [any DistillationStrategy], by temperatures: [Double]
  ) throws {
    guard let first = temperatures.first else { return }
    let isForAll = temperatures.count == 1
    var without: [String] = []
    for index in strategies.indices {
      let temperature = isForAll ? first : temperatures[index]
      if var tempered = strategies[index] as? any TemperedStrategy, tempered.dividesLogits {
        tempered.temperature = temperature
        strategies[index] = tempered
      } else if isForAll || temperature != 1 {
        without.append(strategies[index].name)
      }
    }
    guard !without.isEmpty else { return }
    let reason =
      "\(without.joined(separator: ", ")) \(without.count == 1 ? "divides" : "divide") no logits"
    guard isForAll, without.count < strategies.count else {
      throw RunError.unusable(
        "--distill-temperature",
        reason: reason + (isForAll ? "" : ", so the only value for it is 1"))
    }
    Console.warn("--distill-temperature: \(reason), so it changes nothing there")
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
