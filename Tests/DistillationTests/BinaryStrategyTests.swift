import Testing
@testable import Distillation
@Suite struct BinaryStrategyTests {
  @Test func `a`() { #expect(BinaryStrategy().name == "binary") }
}
