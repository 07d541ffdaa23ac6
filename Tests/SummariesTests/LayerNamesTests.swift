import Runs
import Testing

@testable import Summaries

@Suite struct LayerNamesTests {
  @Test(arguments: [
    ([7], "layer 7"), ([1, 2], "layers 1, 2"), ([1, 2, 3], "layers 1 to 3"),
    ([0, 2, 3, 5, 6, 7, 8, 20], "layers 0, 2, 3, 5 to 8, 20"),
    (Array(0...106), "layers 0 to 106"),
  ])
  func `layers that follow one another are named by their ends`(layers: [Int], words: String) {
    #expect(QuantizationOutcome.named(layers) == words)
  }
}
