import CIntegers
import Darknet

/// Runs a program on pictures, with 32-bit sums and nothing but whole numbers.
///
/// ```swift
/// let runner = IntegerRunner(program, threads: 2)
/// let heads = try runner.run(bytes, width: 416, height: 416)
/// ```
public final class IntegerRunner {
  /// What runs.
  public let program: IntegerProgram
  /// Threads that share the work of a layer.
  public let threads: Int

  private let kernels: [PackedKernel?]
  private let instructions: ci_instructions

  /// Instructions that the sums can be made with; all give the same.
  public enum Instructions: Int, CaseIterable, Sendable {
    case portable, avx2, vnni
  }

  /// A runner.
  ///
  /// - Parameter instructions: the best that the processor has unless given, and never better ones.
  public init(_ program: IntegerProgram, threads: Int = 1, instructions: Instructions? = nil) {
    (self.program, self.threads) = (program, threads)
    let best = ci_best_instructions()
    let wanted = instructions.map { ci_instructions(UInt32($0.rawValue)) } ?? best
    self.instructions = wanted.rawValue < best.rawValue ? wanted : best
    kernels = program.layers.map { layer in
      guard case .convolution(let convolution) = layer.operation, layer.isNarrow,
        program.reaches(layer, atMost: 1 << 15), convolution.spec.groups == 1,
        layer.weights.allSatisfy({ Int16(exactly: $0) != nil })
      else { return nil }
      return PackedKernel(layer.weights, convolution.spec)
    }
  }

  /// Runs one picture.
  ///
  /// - Parameters:
  ///   - picture: bytes `[channels, height, width]`.
  ///   - observe: is shown each layer and what it gives.
  /// - Returns: of each head the raw output of what it reads, `[channels, height, width]`.
  /// - Throws: ``IntegerError``, ``ConfigurationError`` for a size that the network cannot work at,
  ///   or what `observe` throws.
  public func run(
    _ picture: some Collection<UInt8>, width: Int, height: Int,
    observe: (IntegerLayer, IntegerMap) throws -> Void = { _, _ in }
  ) throws -> [[Float]] {
    let spec = program.spec
    let isOwn = (width, height) == (spec.net.width, spec.net.height)
    let shapes = isOwn ? spec.shapes : try spec.shapes(width: width, height: height)
    var maps = [-1: try input(picture, width: width, height: height)]
    let lastUses = program.lastUses
    for (place, layer) in program.layers.enumerated() {
      let inputs = layer.inputs.compactMap { maps[$0] }
      let output = IntegerMap(shapes[layer.index])
      try run(layer, at: place, inputs, into: output)
      maps[layer.index] = output
      try observe(layer, output)
      for input in Set(layer.inputs) where lastUses[input] == place { maps[input] = nil }
    }
    return program.heads.map { head in
      maps[head.source].map { program.values(ofLayer: head.source, $0) } ?? []
    }
  }

  private func input(
    _ picture: some Collection<UInt8>, width: Int, height: Int
  ) throws(IntegerError) -> IntegerMap {
    let shape = FeatureShape(channels: program.spec.net.channels, height: height, width: width)
    guard picture.count == shape.count else {
      throw .wrongInput(found: picture.count, expected: shape.count)
    }
    let map = IntegerMap(shape)
    let zero = program.inputGrid.zero
    let codes = program.inputCodes.map { Int32($0 - zero) }
    let numbers = map.numbers
    func fill(_ bytes: UnsafeBufferPointer<UInt8>) {
      for place in 0..<bytes.count { numbers[place] = codes[Int(bytes[place])] }
    }
    if picture.withContiguousStorageIfAvailable(fill) == nil {
      Array(picture).withUnsafeBufferPointer(fill)
    }
    return map
  }

  private func run(
    _ layer: IntegerLayer, at place: Int, _ inputs: [IntegerMap], into output: IntegerMap
  ) throws(IntegerError) {
    switch layer.operation {
    case .convolution(let convolution):
      guard let blur = convolution.blur else {
        return try convolve(layer, convolution, kernels[place], inputs[0], into: output)
      }
      let map = IntegerMap(convolution.spec.outputShape(of: inputs[0].shape))
      try convolve(layer, convolution, kernels[place], inputs[0], into: map)
      blur(map, into: output)
    case .passing(let spec): pass(spec, inputs, into: output)
    case .sum, .product, .gate, .blurredMaximum, .averagePool, .localAveragePool, .enlargement,
      .affine:
      try combine(layer, inputs, into: output, threads: threads)
    }
  }

  // MARK: Convolutions

  private func convolve(
    _ layer: IntegerLayer, _ convolution: IntegerConvolution, _ kernel: PackedKernel?,
    _ input: IntegerMap, into output: IntegerMap
  ) throws(IntegerError) {
    if let kernel {
      kernel.sums(
        of: input, convolution.spec, places: output.shape, threads: threads,
        instructions: instructions
      ) { channel, start, sums in
        convolution.finish(sums, channel, into: output.channel(channel) + start)
      }
      return
    }
    if layer.isNarrow {
      inParallel(output.shape.channels, threads: threads) { channels in
        for channel in channels {
          let sums = output.channel(channel)
          sums.update(repeating: 0, count: output.places)
          addTaps(layer, convolution, channel, input, output.shape, to: sums)
          convolution.finish(
            UnsafeBufferPointer(start: sums, count: output.places), channel, into: sums)
        }
      }
      return
    }
    // A sum may not fit, and then the layer is named.
    let beyond = UnsafeMutableBufferPointer<(sum: Int, place: Int)?>.allocate(
      capacity: output.shape.channels)
    beyond.initialize(repeating: nil)
    defer { beyond.deallocate() }
    inParallel(output.shape.channels, threads: threads) { channels in
      withUnsafeTemporaryAllocation(of: Int.self, capacity: output.places) { sums in
        guard let start = sums.baseAddress else { return }
        for channel in channels {
          sums.update(repeating: 0)
          addTaps(layer, convolution, channel, input, output.shape, to: start)
          let bias = convolution.biases[channel]
          let worst = sums.lazy.map { $0 + bias }.max { abs($0) < abs($1) } ?? 0
          guard abs(worst) <= Int(Int32.max) else {
            beyond[channel] = (worst, sums.firstIndex(of: worst - bias) ?? 0)
            continue
          }
          convolution.finish(UnsafeBufferPointer(sums), channel, into: output.channel(channel))
        }
      }
    }
    for (channel, excess) in beyond.enumerated() {
      guard let (sum, place) = excess else { continue }
      throw .overflow(
        layer: layer.index, section: layer.section, channel: channel, sum: sum, bits: 32,
        row: place / output.shape.width, column: place % output.shape.width)
    }
  }

  private func addTaps<Sum: FixedWidthInteger & SignedInteger>(
    _ layer: IntegerLayer, _ convolution: IntegerConvolution, _ channel: Int, _ input: IntegerMap,
    _ places: FeatureShape, to sums: UnsafeMutablePointer<Sum>
  ) {
    let spec = convolution.spec
    let count = layer.weights.count / spec.outChannels
    let perGroup = input.shape.channels / spec.groups
    Integers.addTaps(
      input, spec, firstInput: channel / (spec.outChannels / spec.groups) * perGroup,
      kernel: layer.weights[channel * count..<(channel + 1) * count], places: places, to: sums)
  }
}

extension IntegerProgram {
  /// Whether what a layer reads is of so many steps from zero at most.
  func reaches(_ layer: IntegerLayer, atMost limit: Int) -> Bool {
    layer.inputs.allSatisfy { (grid(of: $0)?.largestMagnitude ?? .max) < limit }
  }

  /// The values of a layer's numbers.
  ///
  /// - Parameter isActivated: whether sums that leave the network go through their activation.
  public func values(
    ofLayer index: Int, _ map: IntegerMap, isActivated: Bool = true
  ) -> [Float] {
    guard let layer = layers.first(where: { $0.index == index }) else { return [] }
    if let grid = layer.grid { return map.numbers.map { grid.value(of: Int($0) + grid.zero) } }
    guard case .convolution(let convolution) = layer.operation else { return [] }
    return (0..<map.shape.channels).flatMap { channel in
      convolution.values(
        UnsafeBufferPointer(start: map.channel(channel), count: map.places), channel,
        isActivated: isActivated)
    }
  }
}

extension IntegerConvolution {
  /// Sums without their bias to codes less zero; to sums where nothing follows.
  ///
  /// - Parameter sums: fit into 32 bits with their bias; without it they may need a wider type.
  @inline(__always)
  func finish<Sum: FixedWidthInteger & SignedInteger>(
    _ sums: UnsafeBufferPointer<Sum>, _ channel: Int, into out: UnsafeMutablePointer<Int32>
  ) {
    let bias = biases[channel]
    guard let requantization else {
      for place in 0..<sums.count {
        out[place] = Int32(truncatingIfNeeded: Int(sums[place]) + bias)
      }
      return
    }
    requantization.requantize(sums, adding: bias, lane: channel, into: out)
  }

  /// The values of sums that leave the network.
  func values(
    _ sums: UnsafeBufferPointer<Int32>, _ channel: Int, isActivated: Bool
  ) -> [Float] {
    sums.map { sum in
      let value = Float(Double(sum) * steps[channel])
      return spec.activation == .linear || !isActivated
        ? value : Float(spec.activation(Double(value), leakySlope: leakySlope))
    }
  }
}

extension Requantization {
  /// Sums to codes less zero.
  func requantize<Sum: FixedWidthInteger & SignedInteger>(
    _ sums: UnsafeBufferPointer<Sum>, adding bias: Int, lane: Int,
    into out: UnsafeMutablePointer<Int32>
  ) {
    let lane = multipliers.count == 1 ? 0 : lane
    let (above, zero) = (multipliers[lane], grid.zero)
    if let table {
      let (first, count) = (table.first, table.codes.count)
      table.codes.withUnsafeBufferPointer { codes in
        for place in 0..<sums.count {
          let step = above(Int(sums[place]) &+ bias) &- first
          out[place] = Int32(truncatingIfNeeded: codes[min(max(step, 0), count - 1)] &- zero)
        }
      }
      return
    }
    let below = negatives.isEmpty ? above : negatives[lane]
    let (low, high) = (lowest - zero, highest - zero)
    for place in 0..<sums.count {
      let sum = Int(sums[place]) &+ bias
      let code = sum < 0 ? below(sum) : above(sum)
      out[place] = Int32(truncatingIfNeeded: min(max(code, low), high))
    }
  }
}
