import Distillation
import Testing

@testable import Runs

/// From names and numbers to what a training is told.
@Suite struct DistillationRequestTests {
  private let teachers = [TeacherSource(cfg: "t.cfg", weights: "t.weights")]

  private func options(
    _ request: DistillationRequest, hasUnlabelled: Bool = false, warn: (String) -> Void = { _ in }
  ) throws -> DistillationOptions {
    try request.options(teachers: teachers, hasUnlabelled: hasUnlabelled, warn: warn)
  }

  private func strategies(_ options: DistillationOptions) -> [any DistillationStrategy] {
    options.strategies.map(\.strategy)
  }

  private func reason(_ request: DistillationRequest) throws -> String {
    let error = try #require(throws: RunError.self) { try options(request) }
    return error.description
  }

  // docs/distillation.md: `auto` is `binary` unless some pictures have no labels; then it counts
  // threefold.
  @Test func `auto is what suits the pictures`() throws {
    let plain = try options(DistillationRequest())
    #expect(strategies(plain).map(\.name) == ["binary"])
    #expect(plain.isAuto == true && plain.weights == [1])
    let mixed = try options(DistillationRequest(), hasUnlabelled: true)
    #expect(strategies(mixed).map(\.name) == ["auto"])
    #expect(mixed.isAuto == nil && mixed.weights == [3])
    #expect(
      try reason(DistillationRequest(["auto", "binary"]))
        == "--distill: 'auto' is 'binary' where all pictures have labels, and that is named too")
  }

  @Test func `auto counts threefold beside others too`() throws {
    let request = DistillationRequest(["attention", "auto"])
    #expect(try options(request, hasUnlabelled: true).weights == [1, 3])
    #expect(try options(request).weights == [1, 1])
  }

  @Test func `a strategy that is named in two ways is refused by these`() throws {
    #expect(
      try reason(DistillationRequest(["attention", "binary", "attention-3"]))
        == "--distill: 'attention' and 'attention-3' are one strategy, 'attention': name it once")
  }

  @Test func `a weight is for all, or for each`() throws {
    var request = DistillationRequest(["binary", "pearson"])
    #expect(try options(request).weights == [1, 1])
    request.weights = [2]
    #expect(try options(request).weights == [2, 2])
    request.weights = [2, 5]
    (request.schedule, request.until) = (.cosine, 0.5)
    let asked = try options(request)
    #expect(asked.weights == [2, 5] && asked.schedule == .cosine && asked.until == 0.5)
    #expect(asked.teachers == teachers)
  }

  // Logits and binary have logits; pearson compares features.
  @Test func `a temperature is for those that have logits`() throws {
    var request = DistillationRequest(["logits", "pearson"])
    request.temperatures = [4, 1]
    let tempered = try strategies(options(request)).compactMap { $0 as? any TemperedStrategy }
    #expect(tempered.first?.temperature == 4)

    request.temperatures = [4, 2]
    #expect(
      try reason(request)
        == "--distill-temperature: pearson divides no logits, so the only value for it is 1")
    request.temperatures = [4]
    var lines: [String] = []
    _ = try options(request) { lines.append($0) }
    #expect(
      lines == ["--distill-temperature: pearson divides no logits, so it changes nothing there"])
    request.strategies = ["pearson"]
    #expect(try reason(request) == "--distill-temperature: pearson divides no logits")
  }

  @Test func `cells count alike where that is asked for`() throws {
    var request = DistillationRequest(["binary", "logits"])
    #expect((try strategies(options(request))[0] as? BinaryStrategy)?.everywhere == false)
    request.countsEverywhere = true
    #expect((try strategies(options(request))[0] as? BinaryStrategy)?.everywhere == true)
    request.strategies = ["logits"]
    #expect(
      try reason(request)
        == "--distill-everywhere: it is for 'binary' and 'auto', and neither is named")
  }

  @Test func `earlier programs had other numbers, and fewer strategies`() throws {
    var request = DistillationRequest(["logits"])
    request.isLegacy = true
    let legacy = try #require(DistillationMethod.logits.legacyStrategy)
    #expect(try options(request).strategies == [StrategyRecord(legacy)])
    request.strategies = ["pearson"]
    #expect(
      try reason(request)
        == "--distill-legacy: the earlier programs had no 'pearson'; name one or more that they had with "
        + "--distill: logits, relative-box, box-class, box-class-feature, fine-grained, anchor-cells, "
        + "attention")
    let third = try DistillationMethod.attentionTransfer(3)
    #expect(
      try options(DistillationRequest(["attention-3"])).strategies == [StrategyRecord(third)])
    #expect(throws: DistillationError.self) { try options(DistillationRequest(["no-such"])) }
  }

  @Test func `teachers move together or not at all`() throws {
    var asked = try options(DistillationRequest())
    let moved = TeacherSource(cfg: "u.cfg", weights: "u.weights")
    #expect(asked.move(to: [moved]) && asked.teachers == [moved])
    #expect(!asked.move(to: [moved, moved]) && asked.teachers == [moved])
  }
}
