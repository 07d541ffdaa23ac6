import Testing

@testable import Quantization

@Suite struct BitAllocationTests {
  private let layers = [
    BitAllocation.Layer(index: 0, weights: 8, errors: [2: 9, 4: 1, 8: 0]),
    BitAllocation.Layer(index: 3, weights: 16, errors: [2: 4, 4: 1, 8: 0]),
  ]

  // 8 and 16 bytes at 8 bits, 24 in all. To 4 bits, layer 3 saves 8 bytes for an error of 1, an
  // eighth a byte; layer 0 saves 4 for 1. Then layer 0 to 4 bits costs ¼ a byte, layer 3 to 2 bits
  // ¾: so 16 bytes are 8 and 4 bits, 12 are 4 and 4.
  @Test func `the cheapest byte goes first`() throws {
    let sixteen = try #require(BitAllocation(layers, budget: 16))
    #expect(sixteen.bits == [0: 8, 3: 4] && sixteen.bytes == 16)
    let twelve = try #require(BitAllocation(layers, budget: 12))
    #expect(twelve.bits == [0: 4, 3: 4] && twelve.bytes == 12)
    #expect(try #require(BitAllocation(layers, budget: 100)).bits == [0: 8, 3: 8])
    #expect(try #require(BitAllocation(layers, budget: 6)).bits == [0: 2, 3: 2])
    #expect(BitAllocation(layers, budget: 5) == nil)
  }

  // 15 bytes: layer 3 goes to 4 bits (16), then layer 0 to 4 (12); no byte is raised in the 3 left.
  // 20 bytes hold layer 3 at 4 bits alone, and layer 0 stays.
  @Test func `what still fits is raised again`() throws {
    #expect(try #require(BitAllocation(layers, budget: 15)).bits == [0: 4, 3: 4])
    let uneven = [
      BitAllocation.Layer(index: 0, weights: 8, errors: [2: 1, 8: 0]),
      BitAllocation.Layer(index: 1, weights: 80, errors: [2: 11, 8: 0]),
    ]
    // A sixth a byte against 11/60: layer 0 goes first, 82 bytes, too many for 81; then layer 1, 22;
    // what is left takes layer 0 back.
    let found = try #require(BitAllocation(uneven, budget: 81))
    #expect(found.bits == [0: 8, 1: 2] && found.bytes == 28)
  }
}
