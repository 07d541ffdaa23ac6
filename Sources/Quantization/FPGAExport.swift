import Darknet
import Integers
import Torch

/// A network on powers of two as the files that the earlier Python programs wrote for FPGAs: codes of
/// weights and biases, and the exponents of their steps (docs/formats.md).
public struct FPGAExport {
  /// The files, by name, in the order in which they are written.
  public private(set) var files: [(name: String, bytes: [UInt8])] = []
  /// How kernels and maps are ordered; nil for that of the weights file.
  public let order: TileOrder?

  /// How the weights lie.
  public enum Layout: String, CaseIterable, Sendable {
    /// `[out][in][row][column]`; weights and biases in files of their own.
    case plain
    /// By tiles, what is left at the ends as it is; weights and biases in files of their own.
    case tiles
    /// One file: of each convolution 2048 places for biases, then tiles. Inputs of the first and outputs
    /// of the last ones are filled up with zeros; no others may need it.
    case buffers
  }

  /// Biases that hardware has places for, in ``Layout/buffers``.
  static let biasPlaces = 2048

  private let state: QuantizationState
  private let program: IntegerProgram
  private let layout: Layout
  private let byteCount: Int

  /// Makes the files of weights and steps.
  ///
  /// - Parameters:
  ///   - name: of the cfg, without folder and extension.
  ///   - tiles: channels of a tile.
  /// - Throws: ``QuantizationError/notPowers(_:)`` for another scheme,
  ///   ``QuantizationError/notOneStep(layer:)``, for a layer that the files have no place for
  ///   ``QuantizationError/notWhole(layer:section:reason:)``,
  ///   ``QuantizationError/unfitTiles(layer:reason:)``.
  public init(
    _ state: QuantizationState, _ program: IntegerProgram, name: String, layout: Layout,
    tiles: TileOrder
  ) throws {
    guard state.options.scheme.hasPowersOfTwo else {
      throw QuantizationError.notPowers(state.options.scheme)
    }
    (self.state, self.program, self.layout) = (state, program, layout)
    order = layout == .plain ? nil : tiles
    let bits =
      state.grids.map(\.range.bits) + state.kernels.values.map(\.weights.grid.range.bits)
    byteCount = (bits.max() ?? 8) <= 8 ? 1 : 2
    var (weights, biases) = ([UInt8](), [UInt8]())
    var exponents = (
      activations: [Self.exponent(program.inputGrid.step)], weights: [Int](), biases: [Int](),
      shortcuts: [Int]()
    )
    for layer in program.layers {
      switch layer.operation {
      case .convolution(let convolution):
        guard convolution.blur == nil else { throw Self.noPlace(layer) }
        guard let kernel = state.kernels[layer.index], let bias = kernel.bias else { continue }
        let step = kernel.weights.grid.step
        guard try step.amin().item() == step.amax().item() else {
          throw QuantizationError.notOneStep(layer: layer.index)
        }
        let codes = try bias.codes.toInts()
        weights += try buffers(layer, codes, convolution)
        weights += try kernelCodes(layer, convolution).littleEndian(byteCount: byteCount)
        biases += codes.littleEndian(byteCount: byteCount)
        exponents.weights.append(Self.exponent(try step.amax().item()))
        exponents.biases.append(Self.exponent(try bias.grid.step.amax().item()))
        exponents.activations.append(
          Self.exponent(layer.grid?.step ?? convolution.steps.max() ?? 1))
      case .sum: exponents.shortcuts.append(Self.exponent(layer.grid?.step ?? 1))
      // They have a step of their own, which no file has a place for.
      case .gate, .blurredMaximum, .affine, .product, .averagePool, .localAveragePool,
        .enlargement:
        throw Self.noPlace(layer)
      case .passing: break
      }
    }
    files = [("\(name)_weights.bin", weights)]
    if layout != .buffers { files.append(("\(name)_bias.bin", biases)) }
    for (name, values) in [
      ("a_scale.bin", exponents.activations), ("w_scale.bin", exponents.weights),
      ("b_scale.bin", exponents.biases), ("s_scale.bin", exponents.shortcuts),
    ] { files.append((name, values.littleEndian(byteCount: 4))) }
  }

  private static func noPlace(_ layer: IntegerLayer) -> QuantizationError {
    .notWhole(
      layer: layer.index, section: layer.section,
      reason: "files for FPGAs have no place for it; 'export c' has")
  }

  /// −log₂ of a step.
  private static func exponent(_ step: Double) -> Int { -Int(step.exponent) }

  /// A convolution's biases in their places; nothing where they have a file of their own.
  private func buffers(
    _ layer: IntegerLayer, _ biases: [Int], _ convolution: IntegerConvolution
  ) throws(QuantizationError) -> [UInt8] {
    guard layout == .buffers else { return [] }
    guard biases.count <= Self.biasPlaces else {
      throw .unfitTiles(
        layer: layer.index,
        reason: "\(biases.count) biases, there are places for \(Self.biasPlaces)")
    }
    let places = biases + Array(repeating: 0, count: Self.biasPlaces - biases.count)
    return places.littleEndian(byteCount: byteCount)
  }

  /// The weights of a layer in their order.
  private func kernelCodes(
    _ layer: IntegerLayer, _ convolution: IntegerConvolution
  ) throws(QuantizationError) -> [Int] {
    var codes = layer.weights.map(Int.init)
    guard let order else { return codes }
    let taps = convolution.spec.kernelSize * convolution.spec.kernelSize
    var outputs = convolution.spec.outChannels
    var inputs = codes.count / (outputs * taps)
    if layout == .buffers {
      if layer.inputs == [-1] {
        let missing = (order.inputs - inputs % order.inputs) % order.inputs
        let (zeros, count) = ([Int](repeating: 0, count: missing * taps), inputs * taps)
        codes = (0..<outputs).flatMap { (output: Int) -> [Int] in
          Array(codes[output * count..<(output + 1) * count]) + zeros
        }
        inputs += missing
      }
      if layer.grid == nil {
        let missing = (order.outputs - outputs % order.outputs) % order.outputs
        codes += Array(repeating: 0, count: missing * inputs * taps)
        outputs += missing
      }
      guard inputs % order.inputs == 0, outputs % order.outputs == 0 else {
        throw .unfitTiles(
          layer: layer.index,
          reason: "\(inputs) × \(outputs) channels are no whole tiles of \(order.inputs) × "
            + "\(order.outputs)")
      }
    }
    return codes.ordered(by: order.kernel(outputs: outputs, inputs: inputs, taps: taps))
  }

  /// What the layers give for one picture, by the names of the simulator's files.
  ///
  /// - Returns: codes as the weights lie, and the sums of the last convolutions in 32 bits.
  public func goldenFiles(
    _ picture: [UInt8], width: Int, height: Int, threads: Int
  ) throws -> [(name: String, bytes: [UInt8])] {
    func ordered(_ codes: [Int], _ channels: Int) -> [Int] {
      guard let order else { return codes }
      return codes.ordered(by: order.map(channels: channels, places: codes.count / channels))
    }
    let input = picture.map { program.inputCodes[Int($0)] }
    var files = [
      (
        name: "img_bin",
        bytes: ordered(input, program.spec.net.channels).littleEndian(byteCount: byteCount)
      )
    ]
    _ = try IntegerRunner(program, threads: threads).run(picture, width: width, height: height) {
      layer, map in
      let what: String
      switch layer.operation {
      case .convolution: what = layer.grid == nil ? "sum" : "activation"
      case .sum: what = "shortcut"
      case .passing(.route): what = "concat"
      case .passing, .product, .gate, .blurredMaximum, .averagePool, .localAveragePool,
        .enlargement, .affine:
        return
      }
      let digits = String(layer.index)
      let number = String(repeating: "0", count: max(0, 4 - digits.count)) + digits
      let zero = layer.grid?.zero ?? 0
      let codes = ordered(map.values.map { Int($0) + zero }, map.shape.channels)
      files.append(
        (
          "\(number)_\(layer.section.prefix(4))_\(what)_q_bin",
          codes.littleEndian(byteCount: layer.grid == nil ? 4 : byteCount)
        ))
    }
    return files
  }
}
