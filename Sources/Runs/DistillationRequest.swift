import Distillation

/// What is to be learned of teachers, in words and numbers: strategies by name, weights and
/// temperatures for all of them or for each.
public struct DistillationRequest: Codable, Hashable, Sendable {
  /// Names of ``DistillationMethod``; `attention-n` is the n-th attention transfer of the earlier
  /// Python programs.
  public var strategies: [String]
  /// Whether strategies have the numbers of these programs.
  public var isLegacy = false
  /// What the losses are multiplied by: one number for all, or one for each; the usual ones where
  /// there is none.
  public var weights: [Double] = []
  /// What logits are divided by: one number for all strategies that have logits, or one for each
  /// strategy, 1 for those that have none; each strategy's own where there is none.
  public var temperatures: [Double] = []
  /// Whether classes and boxes of `binary` and `auto` count alike in all cells.
  public var countsEverywhere = false
  /// How the weights change over the run.
  public var schedule = DistillationSchedule.constant
  /// The part of the epochs after which the teacher is not asked any more, `0...1`.
  public var until = 1.0

  /// The strategies of these names, as they are.
  public init(_ strategies: [String] = ["auto"]) { self.strategies = strategies }

  /// What a training is told.
  ///
  /// - Parameters:
  ///   - teachers: the networks to learn from.
  ///   - hasUnlabelled: whether there are pictures without labels too.
  ///   - warn: is told what changes nothing.
  /// - Throws: `DistillationError` of a name, ``RunError/unusable(_:reason:)`` of what does not go
  ///   together.
  public func options(
    teachers: [TeacherSource], hasUnlabelled: Bool, warn: (String) -> Void = { _ in }
  ) throws -> DistillationOptions {
    let asked = try self.strategies.map(strategy(named:))
    var strategies = DistillationOptions.chosen(asked, hasUnlabelled: hasUnlabelled)
    try requireDifferent(strategies, asked)
    try soften(&strategies, warn)
    if countsEverywhere { try countEverywhere(&strategies) }
    var options = DistillationOptions(
      teachers: teachers, strategies: strategies, schedule: schedule, until: until)
    if strategies.map(\.name) != asked.map(\.name) { options.isAuto = true }
    options.weights =
      weights.count > 1
      ? weights
      : strategies.map {
        weights.first ?? DistillationOptions.weight(of: $0, hasUnlabelled: hasUnlabelled)
      }
    return options
  }

  /// Refuses a strategy that is there twice, by the names that it was asked for by.
  private func requireDifferent(
    _ strategies: [any DistillationStrategy], _ asked: [any DistillationStrategy]
  ) throws(RunError) {
    let names = strategies.map(\.name)
    guard let twice = names.indices.first(where: { names[..<$0].contains(names[$0]) }) else {
      return
    }
    let same = names.indices.filter { names[$0] == names[twice] }
    let isAuto = Set(same.map { asked[$0].name }).count > 1
    let written = same.map { "'\(self.strategies[$0])'" }
    throw .unusable(
      "--distill",
      reason: isAuto
        ? "'auto' is 'binary' where all pictures have labels, and that is named too"
        : "\(written.joined(separator: " and ")) are one strategy, '\(names[twice])': name it once")
  }

  private func strategy(named name: String) throws -> any DistillationStrategy {
    let words = name.split(separator: "-")
    if words.count == 2, words[0] == "attention", let number = Int(words[1]) {
      return try DistillationMethod.attentionTransfer(number)
    }
    let method = try DistillationMethod(named: name)
    guard isLegacy else { return method.strategy }
    guard let legacy = method.legacyStrategy else {
      let known = DistillationMethod.allCases.filter { $0.legacyStrategy != nil }.map(\.rawValue)
      throw RunError.unusable(
        "--distill-legacy",
        reason:
          "the earlier programs had no '\(name)'; name one or more that they had with --distill: "
          + known.joined(separator: ", "))
    }
    return legacy
  }

  private func countEverywhere(_ strategies: inout [any DistillationStrategy]) throws {
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

  private func soften(
    _ strategies: inout [any DistillationStrategy], _ warn: (String) -> Void
  ) throws {
    guard let first = temperatures.first else { return }
    let isForAll = temperatures.count == 1
    guard isForAll || temperatures.count == strategies.count else {
      throw RunError.unusable(
        "--distill-temperature",
        reason: "expected 1 value or \(strategies.count), one for each strategy, "
          + "found \(temperatures.count)")
    }
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
    warn("--distill-temperature: \(reason), so it changes nothing there")
  }
}

extension DistillationOptions {
  /// Takes up where the teachers are now; they stay the same, which their hashes say.
  ///
  /// - Returns: whether there are as many as before.
  package mutating func move(to sources: [TeacherSource]) -> Bool {
    guard sources.count == teachers.count else { return false }
    for (index, source) in sources.enumerated() {
      (teachers[index].cfg, teachers[index].weights) = (source.cfg, source.weights)
    }
    return true
  }
}
