import Testing

@testable import Darknet

@Suite struct ExcerptTests {
  @Test func `an excerpt counts what it shows of, and ends with an ellipsis`() {
    #expect(String(repeating: "a", count: 61).excerpt == String(repeating: "a", count: 60) + "…")
    #expect("a\nb".excerpt == "a\\x0Ab")
  }
}
