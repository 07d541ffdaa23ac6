import Foundation
import Testing

@testable import Distillation

@Suite struct DistillationMethodTests {
  static let names = [
    "logits", "relative-box", "box-class", "box-class-feature", "fine-grained", "anchor-cells",
    "binary", "attention", "channel-wise", "pearson", "focal-global", "masked", "cross-head",
    "auto",
  ]

  @Test(arguments: names) func `every strategy has a name`(name: String) throws {
    let method = try DistillationMethod(named: name)
    #expect(method.strategy.name == name)
    #expect(try DistillationMethod(named: name.uppercased()) == method)
  }

  @Test func `there are no others`() {
    #expect(Set(DistillationMethod.allCases.map(\.rawValue)) == Set(Self.names))
    #expect(throws: DistillationError.unknownStrategy("kd")) {
      try DistillationMethod(named: "kd")
    }
    #expect(DistillationError.unknownStrategy("kd").description.contains("logits, relative-box"))
  }

  @Test func `LD is refused for what it needs`() throws {
    for name in ["LD", "ld"] {
      #expect(throws: DistillationError.distributionalBoxes) {
        try DistillationMethod(named: name)
      }
    }
    #expect(DistillationError.distributionalBoxes.description.contains("distributions"))
  }

  @Test func `numbers of the earlier programs are strategies`() throws {
    let found = try (1...6).map { try DistillationMethod(knowledgeStrategy: $0).rawValue }
    #expect(found == Array(Self.names.prefix(6)))
    #expect(throws: DistillationError.unknownNumber(option: "--KDstr", 7, expected: "1 to 6")) {
      try DistillationMethod(knowledgeStrategy: 7)
    }
    #expect(try DistillationMethod.attentionTransfer(10).isMasked)
    #expect(try DistillationMethod.attentionTransfer(5).outputs?.classWeight == 0.01)
    #expect(throws: DistillationError.self) { try DistillationMethod.attentionTransfer(6) }
    let all = DistillationMethod.allCases
    #expect(
      Set(all.filter { $0.legacyStrategy != nil }.map(\.rawValue))
        == Set(Self.names.prefix(6) + ["attention"]))
  }

  @Test(arguments: GradientTests.strategies.indices)
  func `a strategy with its options comes back from JSON`(index: Int) throws {
    let record = StrategyRecord(GradientTests.strategies[index])
    let data = try JSONEncoder().encode(record)
    #expect(try JSONDecoder().decode(StrategyRecord.self, from: data) == record)
    let written = try #require(
      JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(written["name"] as? String == record.strategy.name)
  }

  @Test func `a name alone is a strategy with its defaults`() throws {
    let record = try JSONDecoder().decode(
      StrategyRecord.self, from: Data(#"{"name": "pearson"}"#.utf8))
    #expect(record == StrategyRecord(PearsonStrategy()))
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(StrategyRecord.self, from: Data(#"{"name": "kd"}"#.utf8))
    }
  }

  @Test func `records differ by name and options`() {
    var changed = BinaryStrategy()
    changed.boxWeight = 1
    #expect(StrategyRecord(BinaryStrategy()) != StrategyRecord(changed))
    #expect(StrategyRecord(BinaryStrategy()) != StrategyRecord(PearsonStrategy()))
    #expect(StrategyRecord(BinaryStrategy()) == StrategyRecord(BinaryStrategy()))
  }

  @Test func `a temperature can be set where there is one`() {
    for method in DistillationMethod.allCases {
      guard var strategy = method.strategy as? any TemperedStrategy else { continue }
      // Attention has one only for the heads, where these are compared.
      #expect(strategy.dividesLogits == (method != .attention))
      if method == .attention { continue }
      strategy.temperature = 2.5
      #expect(strategy.temperature == 2.5, "\(method)")
    }
  }
}
