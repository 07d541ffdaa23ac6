import Testing

@testable import Pruning

@Suite struct PruningProofTests {
  // The largest difference is 0.002 and the largest value 40: 5e-5 of the scale.
  @Test func `differences are a share of the output's scale`() throws {
    var proof = PruningProof()
    proof.compare(masked: [1, -40], compact: [1, -40])
    #expect(proof.relativeDifference == 0)
    proof.compare(masked: [2], compact: [2.002])
    #expect(abs(proof.relativeDifference - 5e-5) < 1e-8)
    #expect(proof.holds)
    #expect(proof.comparedValues == 3)
    try proof.check()
    proof.compare(masked: [2], compact: [2.005])
    #expect(!proof.holds)
    #expect(throws: PruningError.self) { try proof.check() }
  }

  @Test func `a proof needs values, equal sizes and numbers`() {
    #expect(!PruningProof().holds)
    var sizes = PruningProof()
    sizes.compare(masked: [1, 2], compact: [1])
    sizes.compare(masked: [1], compact: [1])
    #expect(!sizes.holds)
    for value in [Float.nan, .infinity] {
      var proof = PruningProof()
      proof.compare(masked: [1], compact: [value])
      proof.compare(masked: [1], compact: [1])
      #expect(!proof.holds)
      var other = PruningProof()
      other.compare(masked: [value], compact: [value])
      #expect(!other.holds)
    }
  }
}
