import Darknet
import Integers
import Networks
import Testing
import Torch
import _TestSupport

@testable import Quantization

extension IntegerOperation {
  fileprivate var isNotForFPGAs: Bool {
    switch self {
    case .gate, .blurredMaximum, .affine, .product, .averagePool, .localAveragePool,
      .enlargement:
      true
    case .convolution(let convolution): convolution.blur != nil
    case .passing, .sum: false
    }
  }
}

/// Files for FPGAs.
extension ExportTests {
  @Test func `files for FPGAs are read back`() throws {
    var (counted, shortcuts) = (0, 0)
    for seed in 0..<100 as Range<UInt64> where counted < 4 || shortcuts == 0 {
      let (program, state) = try Self.program(seed: seed, QuantizationOptions(scheme: .pow2))
      let tiles = TileOrder(inputs: 4, outputs: 6)
      guard !program.layers.contains(where: \.operation.isNotForFPGAs) else {
        // Files of the earlier programs know neither blurs nor factors of channels.
        #expect(throws: QuantizationError.self) {
          try FPGAExport(state, program, name: "net", layout: .plain, tiles: tiles)
        }
        continue
      }
      counted += 1
      shortcuts += program.layers.count { if case .sum = $0.operation { true } else { false } }
      for layout in [FPGAExport.Layout.plain, .tiles] {
        let export = try FPGAExport(state, program, name: "net", layout: layout, tiles: tiles)
        try Self.expectOwnNumbers(export, state, program, layout == .tiles ? tiles : nil)
        try Self.expectGoldenNumbers(export, program, layout == .tiles ? tiles : nil)
      }
      #expect(throws: QuantizationError.self) {
        try FPGAExport(
          state, program, name: "net", layout: .buffers, tiles: TileOrder(inputs: 5, outputs: 7))
      }
    }
    #expect(counted >= 4 && shortcuts > 0)
    let (program, state) = try Self.program(seed: 1, QuantizationOptions())
    #expect(throws: QuantizationError.notPowers(.google)) {
      try FPGAExport(
        state, program, name: "n", layout: .tiles, tiles: TileOrder(inputs: 8, outputs: 8))
    }
  }

  /// Codes and steps are those of the quantization.
  private static func expectOwnNumbers(
    _ export: FPGAExport, _ state: QuantizationState, _ program: IntegerProgram, _ tiles: TileOrder?
  ) throws {
    let files = Dictionary(uniqueKeysWithValues: export.files.map { ($0.name, $0.bytes) })
    var (weights, biases) = ([Int](), [Int]())
    var steps = ["a": [try #require(state.grid(of: -1)).step], "w": [], "b": [], "s": []]
    for layer in program.layers {
      let output = state.grid(of: layer.index)?.step
      switch layer.operation {
      case .sum: steps["s"]?.append(try #require(output))
      case .convolution(let convolution):
        let kernel = try #require(state.kernels[layer.index])
        let bias = try #require(kernel.bias)
        let (outputs, codes) = (convolution.spec.outChannels, try kernel.weights.codes.toInts())
        let taps = convolution.spec.kernelSize * convolution.spec.kernelSize
        let order = tiles?.kernel(
          outputs: outputs, inputs: codes.count / outputs / taps, taps: taps)
        weights += codes.ordered(by: order ?? Array(codes.indices))
        biases += try bias.codes.toInts()
        steps["w"]?.append(kernel.weights.grid.step)
        steps["b"]?.append(bias.grid.step)
        // Sums are on the grid of the products.
        let input = try #require(state.grid(of: layer.inputs[0])).step
        steps["a"]?.append(try output ?? kernel.weights.grid.step * input)
      default: break
      }
    }
    #expect([Int](littleEndian: files["net_weights.bin"] ?? [], byteCount: 1) == weights)
    #expect([Int](littleEndian: files["net_bias.bin"] ?? [], byteCount: 1) == biases)
    for (letter, steps) in steps {
      let exponents = [Int](littleEndian: files["\(letter)_scale.bin"] ?? [], byteCount: 4)
      let powers = exponents.map { Double(sign: .plus, exponent: -$0, significand: 1) }
      #expect(try powers == steps.map { try $0.amax().item() }, "\(letter)_scale.bin")
    }
    // The picture's codes count 128ths.
    #expect([Int](littleEndian: files["a_scale.bin"] ?? [], byteCount: 4).first == 7)
  }

  /// What a simulator is compared with is what the engine gives.
  private static func expectGoldenNumbers(
    _ export: FPGAExport, _ program: IntegerProgram, _ tiles: TileOrder?
  ) throws {
    let picture = picture(program.spec, seed: 3)
    let (width, height) = (program.spec.net.width, program.spec.net.height)
    var golden = try export.goldenFiles(picture, width: width, height: height, threads: 1)[...]
    func expect(_ name: String, _ numbers: [Int], _ channels: Int, byteCount: Int = 1) throws {
      let next = golden.popFirst()
      let file = try #require(next)
      let stored = [Int](littleEndian: file.bytes, byteCount: byteCount)
      let order = tiles?.map(channels: channels, places: numbers.count / channels)
      #expect(file.name == name)
      #expect(stored.restored(from: order ?? Array(numbers.indices)) == numbers, "\(name)")
    }
    try expect(
      "img_bin", picture.map { program.inputCodes[Int($0)] }, program.spec.net.channels)
    _ = try IntegerRunner(program).run(picture, width: width, height: height) { layer, map in
      let what: String
      switch layer.operation {
      case .convolution where layer.grid == nil: what = "conv_sum"
      case .convolution: what = "conv_activation"
      case .sum: what = "shor_shortcut"
      case .passing(.route): what = "rout_concat"
      default: return
      }
      let number = String("000\(layer.index)".suffix(4))
      try expect(
        "\(number)_\(what)_q_bin", map.values.map { Int($0) + (layer.grid?.zero ?? 0) },
        map.shape.channels, byteCount: layer.grid == nil ? 4 : 1)
    }
    #expect(golden.isEmpty)
  }

  @Test func `biases, the first inputs and the last outputs are filled up in buffers`() throws {
    let text = """
      [net]
      width=4
      height=4
      channels=3
      [convolutional]
      filters=8
      size=3
      pad=1
      activation=leaky
      \(handHead)
      """
    let network = try handNetwork(text, seed: 4)
    let calibration = try PostTraining(network, options: QuantizationOptions(scheme: .pow2))
    try calibration.calibrate(randomImages(network.spec, count: 1, seed: 1))
    let state = try calibration.finished()
    let program = try IntegerProgram(state.quantized(network))
    let tiles = TileOrder(inputs: 4, outputs: 8)
    let export = try FPGAExport(state, program, name: "n", layout: .buffers, tiles: tiles)
    let file = [Int](littleEndian: export.files[0].bytes, byteCount: 1)
    // 8 × 4 × 9 weights of the first, 8 × 8 of the last.
    #expect(file.count == 2048 + 288 + 2048 + 64)
    let first = Array(file[2048..<2336]).restored(
      from: tiles.kernel(outputs: 8, inputs: 4, taps: 9))
    let own = program.layers[0].weights.map(Int.init)
    for output in 0..<8 {
      #expect(
        Array(first[output * 36..<output * 36 + 27]) == Array(own[output * 27..<output * 27 + 27]))
      #expect(first[output * 36 + 27..<output * 36 + 36].allSatisfy { $0 == 0 })
    }
    #expect(file[8..<2048].allSatisfy { $0 == 0 })
    #expect(
      export.files.map(\.name) == [
        "n_weights.bin", "a_scale.bin", "w_scale.bin", "b_scale.bin", "s_scale.bin",
      ])
  }
}
