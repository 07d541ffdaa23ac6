import Darknet

/// Where each tensor of a program lies in one block of memory: those that are needed at the same time
/// lie apart, others share.
public struct MemoryPlan: Hashable, Sendable {
  /// The first element of each tensor: a layer's output, or −1, the network's input.
  public let offsets: [Int: Int]
  /// Elements of the whole block.
  public let count: Int
  /// Elements of all tensors, if none shared a place.
  public let separateCount: Int
  /// Elements of the largest layer with all that it reads, which no plan can do without.
  public let largestStepCount: Int

  /// A plan for a program; the sums that leave the network lie elsewhere.
  ///
  /// - Parameters:
  ///   - shapes: of each layer's output.
  ///   - input: of the network's input.
  public init(_ program: IntegerProgram, shapes: [FeatureShape], input: FeatureShape) {
    let lastUses = program.lastUses
    var live: [(tensor: Int, range: Range<Int>)] = []
    var (offsets, count) = ([Int: Int](), 0)
    func place(_ tensor: Int, _ size: Int) {
      // The first gap that is wide enough.
      var start = 0
      for block in live.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
        if block.range.lowerBound - start >= size { break }
        start = max(start, block.range.upperBound)
      }
      offsets[tensor] = start
      live.append((tensor, start..<start + size))
      count = max(count, start + size)
    }
    place(-1, input.count)
    for (step, layer) in program.layers.enumerated() {
      if layer.grid != nil { place(layer.index, shapes[layer.index].count) }
      live.removeAll { (lastUses[$0.tensor] ?? step) <= step }
    }
    (self.offsets, self.count) = (offsets, count)
    let sizes = offsets.keys.reduce(into: [-1: input.count]) { sizes, tensor in
      if tensor >= 0 { sizes[tensor] = shapes[tensor].count }
    }
    separateCount = sizes.values.reduce(0, +)
    largestStepCount =
      program.layers.map { layer in
        Set(layer.inputs + [layer.index]).reduce(0) { $0 + (sizes[$1] ?? 0) }
      }.max() ?? 0
  }
}
