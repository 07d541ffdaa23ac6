import Darknet
import Testing

@testable import Pruning

/// What a pruned cfg says of the network that it came from.
@Suite struct PruningRecordTests {
  // What a first and a second pruning say of one layer of 64: the first cfg's index and width.
  @Test func `a comment keeps to the network that was pruned first`() {
    let first = LayerOrigin(layer: 12, width: 64, comment: nil)
    #expect(first.comment(width: 64) == "layer 12")
    // Channels 24 to 63 stay, of these the first eight: 24 is the first bit of the seventh digit.
    let pruned = first.keeping(Array(24..<64)).comment(width: 40)
    #expect(pruned == "layer 12, 40 of 64 channels: 000000ffffffffff")
    let second = LayerOrigin(layer: 9, width: 40, comment: pruned)
    #expect(
      second.keeping(Array(0..<8)).comment(width: 8)
        == "layer 12, 8 of 64 channels: 000000ff00000000")
    #expect(second.comment(width: 40) == pruned)
    #expect(second.channels == Array(24..<64))
    // What an earlier version wrote does not say which.
    let unsaid = LayerOrigin(layer: 9, width: 40, comment: "layer 12, 40 of 64 channels")
    #expect(unsaid.channels == nil && unsaid.width == 64)
    #expect(
      unsaid.keeping(Array(0..<8)).comment(width: 8) == "layer 12, 8 of 64 channels")
    let moved = LayerOrigin(layer: 9, width: 40, comment: "layer 12")
    #expect(moved.channels == Array(0..<40))
    #expect(
      moved.keeping([0, 3, 39]).comment(width: 3) == "layer 12, 3 of 40 channels: 9000000001")
    for other in ["layer", "layer twelve", "layer 12 was here", "layer 12, 40 of 64 dogs", ""] {
      let own = LayerOrigin(layer: 9, width: 40, comment: other)
      #expect(own.comment(width: 40) == "layer 9", "\(other)")
    }
  }
}
