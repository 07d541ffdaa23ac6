import Training

/// What a distillation is told: whom to learn from, how, how strongly and for how long.
public struct DistillationOptions: Codable, Hashable, Sendable {
  /// The networks to learn from; their losses add up.
  public var teachers: [TeacherSource]
  /// What is compared with each of them; names differ.
  public var strategies: [StrategyRecord]
  /// Whether `auto` was asked for, in whose place ``chosen(_:hasUnlabelled:)`` put another; no unless
  /// given.
  public var isAuto: Bool?
  /// What the terms of each strategy are multiplied by, besides its own weights; 1 for each unless
  /// given.
  public var weights: [Double]?
  /// How the weights change over the run.
  public var schedule = DistillationSchedule.constant
  /// The part of the epochs after which the teacher is not asked any more, `0...1`.
  public var until = 1.0

  /// A distillation whose weights do not change.
  public init(
    teachers: [TeacherSource], strategies: [any DistillationStrategy], weights: [Double]? = nil,
    schedule: DistillationSchedule = .constant, until: Double = 1
  ) {
    self.teachers = teachers
    self.strategies = strategies.map(StrategyRecord.init)
    self.weights = weights
    self.schedule = schedule
    self.until = until
  }

  /// What `auto` is: ``BinaryStrategy`` where all pictures have labels, for features of the neck make
  /// the gain smaller there; ``AutoStrategy`` where some have none, for there they make it larger
  /// (docs/results/distillation.md). Other strategies stay as they are.
  public static func chosen(
    _ strategies: [any DistillationStrategy], hasUnlabelled: Bool
  ) -> [any DistillationStrategy] {
    strategies.map { $0 is AutoStrategy && !hasUnlabelled ? BinaryStrategy() : $0 }
  }

  /// What the terms of a strategy are multiplied by where nobody says. Pictures without labels have
  /// nothing but the teacher: with such in the batches `auto` counts threefold
  /// (docs/results/distillation.md).
  public static func weight(of strategy: any DistillationStrategy, hasUnlabelled: Bool) -> Double {
    hasUnlabelled && strategy is AutoStrategy ? 3 : 1
  }

  /// Those of its strategies that compare more than heads' outputs, by name: what they ask the
  /// teacher for is not kept.
  public var strategiesBesidesHeads: [String] {
    strategies.map(\.strategy).filter { !$0.needs.areHeadsAlone }.map(\.name)
  }

  /// Refuses values that no run can have.
  ///
  /// - Throws: `TrainingError.invalidOption(_:reason:)`.
  public func check() throws(TrainingError) {
    guard !teachers.isEmpty else {
      throw .invalidOption("teachers", reason: "there is none to learn from")
    }
    guard !strategies.isEmpty else {
      throw .invalidOption("strategies", reason: "there is none")
    }
    let names = strategies.map(\.strategy.name)
    guard Set(names).count == names.count else {
      throw .invalidOption("strategies", reason: "one is named twice: \(names)")
    }
    if let weights {
      guard weights.count == strategies.count, weights.allSatisfy({ $0 >= 0 && $0.isFinite })
      else {
        throw .invalidOption(
          "weights", reason: "\(weights) are no numbers of 0 or above, one for each strategy")
      }
    }
    guard until > 0, until <= 1 else {
      throw .invalidOption("until", reason: "\(until) is not in 0 to 1")
    }
  }

  /// Epochs in which the teacher is asked, of so many: one at least.
  func epochsWithTeacher(of epochs: Int) -> Int {
    max(Int((until * Double(epochs)).rounded()), 1)
  }

  /// What all weights are multiplied by in an epoch, counted from 0; 0 where the teacher is not
  /// asked.
  func factor(epoch: Int, of epochs: Int) -> Double {
    let last = epochsWithTeacher(of: epochs)
    guard epoch < last else { return 0 }
    return schedule.factor(progress: Double(epoch) / Double(last))
  }
}
