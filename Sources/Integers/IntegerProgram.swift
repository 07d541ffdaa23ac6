import Darknet

/// A quantized network as whole numbers alone: what another program, or a circuit, needs to give the
/// same codes (docs/formulas.md 10.15).
///
/// The layers are those that a head needs, in the order in which they run.
public struct IntegerProgram: Sendable {
  /// The cfg of the network.
  public let spec: NetworkSpec
  /// The grid of the input.
  public let inputGrid: CodeGrid
  /// The code of each byte of a picture, 256.
  public let inputCodes: [Int]
  /// What runs.
  public let layers: [IntegerLayer]
  /// Heads, in the order of the cfg, and the layer whose output each hands out.
  public let heads: [Head]

  /// A head and what it reads. One that mixes others reads its own convolution; the mixture is made
  /// of all raw outputs (docs/formulas.md 2.4).
  public struct Head: Hashable, Sendable {
    /// Index of the head in the cfg.
    public let layer: Int
    /// Index of the layer that it reads.
    public let source: Int

    /// A head and what it reads.
    public init(layer: Int, source: Int) { (self.layer, self.source) = (layer, source) }
  }

  /// A program of layers that fit together.
  ///
  /// - Throws: ``IntegerError`` where a sum cannot be held.
  public init(
    spec: NetworkSpec, inputGrid: CodeGrid, scale: InputScale, layers: [IntegerLayer],
    heads: [Head]
  ) throws(IntegerError) {
    (self.spec, self.inputGrid, self.layers, self.heads) = (spec, inputGrid, layers, heads)
    inputCodes = (0...255).map { Self.inputCode(ofByte: $0, scale, inputGrid) }
  }

  /// The code of a picture's byte.
  public static func inputCode(ofByte byte: Int, _ scale: InputScale, _ grid: CodeGrid) -> Int {
    grid.code(of: Double(byte) * (scale.factor / 255) + scale.offset)
  }

  /// The grid of a tensor: a layer's output, or −1, the network's input. Nil where it is values.
  public func grid(of tensor: Int) -> CodeGrid? {
    tensor < 0 ? inputGrid : layers.first { $0.index == tensor }?.grid
  }

  /// What a head's numbers, times their steps, go through before they are decoded: the activation
  /// of sums that leave the network; linear of codes, which have theirs.
  public func activation(before head: Head) -> Activation {
    guard let layer = layers.first(where: { $0.index == head.source }), layer.grid == nil,
      case .convolution(let convolution) = layer.operation
    else { return .linear }
    return convolution.spec.activation
  }

  /// Convolutions, by index in the cfg, that have a sum which 32 bits do not hold for some picture.
  public var layersThatMayOverflow: [Int] {
    layers.filter { !$0.isNarrow }.map(\.index)
  }

  /// The place in ``layers`` after which no layer, and no head, reads a tensor.
  var lastUses: [Int: Int] {
    var uses: [Int: Int] = [:]
    for (place, layer) in layers.enumerated() {
      for input in layer.inputs { uses[input] = place }
    }
    for head in heads { uses[head.source] = layers.count }
    return uses
  }
}

/// One layer of a program.
public struct IntegerLayer: Sendable {
  /// Index in the cfg.
  public let index: Int
  /// The name of its section.
  public let section: String
  /// What it reads: layers, and −1, the network's input.
  public let inputs: [Int]
  /// What it does.
  public let operation: IntegerOperation
  /// The grid of its codes; nil where it gives values.
  public let grid: CodeGrid?
  /// Of a convolution, `[out, in / groups, height, width]`; empty otherwise.
  public let weights: [Int32]
  /// Of a convolution, whether every sum is known to fit into 32 bits.
  let isNarrow: Bool

  /// A layer.
  ///
  /// - Parameter inputGrids: of what it reads.
  public init(
    index: Int, section: String, inputs: [Int], inputGrids: [CodeGrid],
    operation: IntegerOperation, grid: CodeGrid?, weights: [Int32] = []
  ) {
    (self.index, self.section, self.inputs) = (index, section, inputs)
    (self.operation, self.grid, self.weights) = (operation, grid, weights)
    guard case .convolution(let convolution) = operation else {
      isNarrow = true
      return
    }
    let count = weights.count / max(convolution.biases.count, 1)
    // Σ |weight|·|code| + |bias| of the worst channel.
    let largest = convolution.biases.enumerated().reduce(0) { worst, entry in
      let start = entry.offset * count
      let size = weights[start..<start + count].reduce(0) { $0 + abs(Int($1)) }
      return max(worst, size * inputGrids[0].largestMagnitude + abs(entry.element))
    }
    isNarrow = largest <= Int(Int32.max)
  }
}

/// Why a network cannot be computed with whole numbers.
public enum IntegerError: Error, Equatable, CustomStringConvertible {
  /// A sum that its bits do not hold, with its sign; and where in the layer's output it is, which that
  /// of a whole channel has not.
  case overflow(
    layer: Int, section: String, channel: Int, sum: Int, bits: Int, row: Int? = nil,
    column: Int? = nil)
  /// A picture of another size than the buffers are for, or none.
  case wrongInput(found: Int, expected: Int)
  /// What a program in C cannot be called.
  case wrongName(String)

  /// One line: what was found and what to do.
  public var description: String {
    switch self {
    case .overflow(let layer, let section, let channel, let sum, let bits, let row, let column):
      "layer \(layer) [\(section)]: a sum of channel \(channel) is \(sum), which \(bits) bits do "
        + "not hold"
        + (row.flatMap { row in column.map { " (row \(row), column \($0))" } } ?? "")
        + "; quantize with fewer bits of weights or activations"
    case .wrongInput(let found, let expected):
      "a picture of \(found) bytes: expected \(expected)"
    case .wrongName(let name):
      "'\(name)' is no name for a program in C: expected a letter, then letters, digits and _, "
        + "\(CSource.longestName) at most together, and none of "
        + CSource.otherFiles.joined(separator: ", ")
    }
  }
}
