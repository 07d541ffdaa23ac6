import Darknet

extension NetworkSpec {
  /// What is rounded together, in the order in which it runs: every layer by itself, or blocks. All
  /// layers are in one of them.
  func spans(for rounding: QuantizationOptions.Rounding) -> [[Int]] {
    switch rounding {
    case .nearest, .layers: evaluationOrder.map { [$0] }
    case .blocks: blocks(convolutions: 4)
    }
  }

  /// Runs of layers between places where one tensor alone is handed on: residual blocks, CSP blocks,
  /// the neck. Heads are by themselves.
  ///
  /// - Parameter most: convolutions up to which neighbours are taken together.
  func blocks(convolutions most: Int) -> [[Int]] {
    let order = evaluationOrder
    let place = order.enumerated().reduce(into: [Int: Int]()) { $0[$1.element] = $1.offset }
    let last = tensorReaders.mapValues { readers in readers.compactMap { place[$0] }.max() ?? -1 }
    func convolutions(_ span: [Int]) -> Int { span.count { layers[$0].convolution != nil } }
    var blocks: [[Int]] = []
    var open: [Int] = []
    for (position, index) in order.enumerated() {
      open.append(index)
      let handedOn = last.count { tensor, reader in
        reader > position && (tensor < 0 || (place[tensor] ?? .max) <= position)
      }
      let isBeforeHead = order.indices.contains(position + 1) && layers[order[position + 1]].isHead
      guard handedOn <= 1 || layers[index].isHead || isBeforeHead else { continue }
      if let before = blocks.last, !layers[before[before.count - 1]].isHead,
        !layers[index].isHead, convolutions(before) + convolutions(open) <= most
      {
        blocks[blocks.count - 1] += open
      } else {
        blocks.append(open)
      }
      open = []
    }
    return open.isEmpty ? blocks : blocks + [open]
  }

  /// Layers of a span that something behind it reads, heads included.
  func ends(of span: [Int]) -> Set<Int> {
    let readers = tensorReaders
    return Set(
      span.filter { index in
        !layers[index].isHead && (readers[index] ?? []).contains { !span.contains($0) }
      })
  }

  /// Layers that have the kernel of a layer, that one first.
  func uses(ofKernel owner: Int) -> [Int] {
    [owner] + layers.indices.filter { layers[$0].convolution?.shareIndex == owner }
  }

  /// Layers whose kernel another uses too, and those others.
  var sharedKernels: Set<Int> {
    Set(
      layers.indices.flatMap { index in
        layers[index].convolution?.shareIndex.map { [$0, index] } ?? []
      })
  }
}
