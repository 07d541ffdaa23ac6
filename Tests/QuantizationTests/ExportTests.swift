import Darknet
import Foundation
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

/// C and files for FPGAs beside the integer engine.
@Suite struct ExportTests {
  private static func program(
    seed: UInt64, _ options: QuantizationOptions
  ) throws -> (program: IntegerProgram, state: QuantizationState) {
    let random = RandomNetwork(seed: seed, zeroPreserving: false)
    let configuration = try random.configuration
    let network = try Network(
      configuration, randomParameters(NetworkSpec(configuration), seed: seed &+ 1000))
    let calibration = try PostTraining(network, options: options)
    try calibration.calibrate(randomImages(network.spec, count: 2, seed: seed))
    let state = try calibration.finished()
    return (try IntegerProgram(state.quantized(network)), state)
  }

  private static func picture(_ spec: NetworkSpec, seed: UInt64) -> [UInt8] {
    var generator = SeededGenerator(seed: seed)
    return (0..<spec.inputShape.count).map { _ in UInt8.random(in: 0...255, using: &generator) }
  }

  /// Runs a program; gives its status.
  static func run(_ path: String, _ arguments: [String]) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(filePath: path)
    process.arguments = arguments
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }

  /// Builds a program with gcc and runs it on two pictures, beside the engine.
  private static func compare(_ program: IntegerProgram, _ what: String) throws {
    let spec = program.spec
    let folder = try TemporaryFolder()
    let source = try CSource(
      program, name: "net", width: spec.net.width, height: spec.net.height)
    try folder.write(source.header, to: "net.h")
    try folder.write(source.source, to: "net.c")
    try folder.write(source.weights, to: "net.bin")
    try folder.write(source.exampleMain(name: "net"), to: "main.c")
    let files = ["net.c", "main.c"].map(folder.file)
    let flags = ["-std=c99", "-O1", "-Wall", "-Wextra", "-Werror", "-pedantic"]
    let built = try run("/usr/bin/gcc", flags + files + ["-o", folder.file("net")])
    #expect(built == 0, "\(what)\n\(source.source)")
    for number in 0..<2 as Range<UInt64> {
      let picture = picture(spec, seed: number)
      try folder.write(picture, to: "picture")
      let status = try run(folder.file("net"), ["net.bin", "picture", "heads"].map(folder.file))
      #expect(status == 0)
      let found = [Int](littleEndian: try folder.bytes(of: "heads"), byteCount: 4)
      // As a dump writes it, with a header.
      let shape = [spec.net.channels, spec.net.height, spec.net.width]
      let file = NumberFile(picture.map(Int.init), shape: shape)
      try folder.write(file.bytes, to: "picture.npy")
      let again = ["net.bin", "picture.npy", "again"].map(folder.file)
      #expect(try run(folder.file("net"), again) == 0)
      #expect(try folder.bytes(of: "again") == folder.bytes(of: "heads"))
      var expected: [Int: [Int]] = [:]
      _ = try IntegerRunner(program).run(
        picture, width: spec.net.width, height: spec.net.height
      ) { layer, map in expected[layer.index] = map.values.map { Int($0) } }
      #expect(found == program.heads.flatMap { expected[$0.source] ?? [] }, "\(what)")
    }
  }

  // Twelve networks of many kinds of layers, each on two pictures.
  @Test func `the C program gives the engine's numbers`() throws {
    for seed in 0..<12 as Range<UInt64> {
      let schemes: [QuantizationScheme] = [.google, .pow2, .lsq]
      var options = QuantizationOptions(scheme: schemes[Int(seed) % 3])
      options.activationBits = seed % 4 == 0 ? 12 : 8
      let (program, _) = try Self.program(seed: seed, options)
      try Self.compare(program, "seed \(seed)")
    }
  }

  // Squeeze and excitation, heads that mix each other; blurs of both kinds after a convolution, with a
  // table before it, and after a pool.
  @Test(arguments: [BuiltInNetwork.yolov3ASFF, .yolov3TinyMobileNetSmall, nil])
  func `the C program knows every kind of layer`(built: BuiltInNetwork?) throws {
    let network: Network
    if let built {
      let configuration = try built.configuration(
        classes: 2, width: 64, height: 64, widthMultiple: 0.125)
      network = try Network(configuration, seed: 1)
    } else {
      network = try handNetwork(
        """
        [net]
        width=30
        height=22
        channels=3
        [convolutional]
        filters=8
        size=3
        stride=2
        pad=1
        antialiasing=1
        activation=mish
        [maxpool]
        size=3
        stride=2
        antialiasing=1
        [se]
        reduction=2
        [convolutional]
        filters=8
        size=3
        pad=1
        groups=4
        stride=2
        antialiasing=2
        activation=leaky
        \(handHead)
        """, seed: 3)
    }
    let program = try IntegerProgram(quantized(network, seed: 1))
    try Self.compare(program, built.map { "\($0)" } ?? "blurs")
  }

  // Maps of 4, 2, 2 and 6 channels on 4 × 4 places behind a picture of 3: 48, 64, 32, 32 and, in place
  // of the last one's 96, its sums, which lie elsewhere. Layer 1 reads layer 0 (96 together), layer 2
  // reads layer 1; layer 3 reads both by a route of 4 channels (64).
  @Test func `codes that are needed at different times share their memory`() throws {
    let network = try handNetwork(
      """
      [net]
      width=4
      height=4
      channels=3
      [convolutional]
      filters=4
      size=1
      activation=leaky
      [convolutional]
      filters=2
      size=1
      activation=leaky
      [convolutional]
      filters=2
      size=1
      activation=leaky
      [route]
      layers=-1,-2
      \(handHead)
      """, seed: 3)
    let program = try IntegerProgram(quantized(network, seed: 1))
    let plan = MemoryPlan(
      program, shapes: network.spec.shapes, input: network.spec.inputShape)
    #expect(plan.separateCount == 48 + 64 + 32 + 32 + 64)
    // The picture and layer 0; the route and both that it joins take 128.
    #expect(plan.largestStepCount == 128)
    // Layer 0 lies behind the picture, up to 112. Layer 1 takes the picture's place, and when it is made
    // layer 0 is done, so layer 2 lies behind layer 1, up to 64, and the route behind both.
    #expect(plan.offsets == [-1: 0, 0: 48, 1: 0, 2: 32, 3: 64] && plan.count == 128)
  }

  // Each tensor is written once and read until its last reader; nothing else may lie there meanwhile.
  @Test func `no tensor lies where another is still needed`() throws {
    for seed in 0..<40 as Range<UInt64> {
      let (program, _) = try Self.program(seed: seed, QuantizationOptions())
      let spec = program.spec
      let plan = MemoryPlan(program, shapes: spec.shapes, input: spec.inputShape)
      var size = [-1: spec.inputShape.count]
      for layer in program.layers { size[layer.index] = spec.shapes[layer.index].count }
      var last: [Int: Int] = [:]
      for (step, layer) in program.layers.enumerated() {
        for input in layer.inputs { last[input] = step }
      }
      for head in program.heads { last[head.source] = program.layers.count }
      var live: [Int] = [-1]
      for (step, layer) in program.layers.enumerated() {
        if layer.grid != nil { live.append(layer.index) }
        let places = live.sorted { (plan.offsets[$0] ?? -1) < (plan.offsets[$1] ?? -1) }
        for (a, b) in zip(places, places.dropFirst()) {
          let (start, end) = (try #require(plan.offsets[a]), try #require(size[a]))
          let next = try #require(plan.offsets[b])
          #expect(start + end <= next, "seed \(seed), layer \(layer.index): \(a) and \(b)")
        }
        live.removeAll { (last[$0] ?? step) <= step }
      }
      #expect(plan.count <= plan.separateCount && plan.count >= plan.largestStepCount)
    }
  }

  @Test func `files for FPGAs are read back`() throws {
    var counted = 0
    for seed in 0..<100 as Range<UInt64> where counted < 4 {
      let (program, state) = try Self.program(seed: seed, QuantizationOptions(scheme: .pow2))
      guard !program.layers.contains(where: \.operation.isNotForFPGAs) else {
        // Files of the earlier programs know neither blurs nor factors of channels.
        #expect(throws: QuantizationError.self) {
          try FPGAExport(
            state, program, name: "net", layout: .plain, tiles: TileOrder(inputs: 4, outputs: 6))
        }
        continue
      }
      counted += 1
      for layout in [FPGAExport.Layout.plain, .tiles] {
        let tiles = TileOrder(inputs: 4, outputs: 6)
        let export = try FPGAExport(state, program, name: "net", layout: layout, tiles: tiles)
        let files = Dictionary(uniqueKeysWithValues: export.files.map { ($0.name, $0.bytes) })
        let weights = [Int](littleEndian: files["net_weights.bin"] ?? [], byteCount: 1)
        let biases = [Int](littleEndian: files["net_bias.bin"] ?? [], byteCount: 1)
        let exponents = [Int](littleEndian: files["w_scale.bin"] ?? [], byteCount: 4)
        var (weight, bias, number) = (0, 0, 0)
        for layer in program.layers {
          guard case .convolution(let convolution) = layer.operation,
            let kernel = state.kernels[layer.index]
          else { continue }
          let (outputs, count) = (convolution.spec.outChannels, layer.weights.count)
          let taps = convolution.spec.kernelSize * convolution.spec.kernelSize
          var codes = Array(weights[weight..<weight + count])
          if layout == .tiles {
            codes = codes.restored(
              from: tiles.kernel(outputs: outputs, inputs: count / outputs / taps, taps: taps))
          }
          #expect(codes == layer.weights.map(Int.init))
          #expect(
            Array(biases[bias..<bias + outputs]) == (try kernel.bias?.codes.toInts() ?? []))
          let step = try kernel.weights.grid.step.item()
          #expect(Double(sign: .plus, exponent: -exponents[number], significand: 1) == step)
          (weight, bias, number) = (weight + count, bias + outputs, number + 1)
        }
        #expect(weight == weights.count && bias == biases.count && number == exponents.count)
        let scales = [Int](littleEndian: files["a_scale.bin"] ?? [], byteCount: 4)
        #expect(scales.count == number + 1 && scales[0] == 7)
        // What a simulator is compared with.
        let picture = Self.picture(program.spec, seed: 3)
        let golden = try export.goldenFiles(
          picture, width: program.spec.net.width, height: program.spec.net.height, threads: 1)
        let input = [Int](littleEndian: golden[0].bytes, byteCount: 1)
        #expect(golden[0].name == "img_bin" && input.count == picture.count)
        #expect(golden.contains { $0.name == "0000_conv_activation_q_bin" })
        if layout == .plain { #expect(input == picture.map { program.inputCodes[Int($0)] }) }
      }
      #expect(throws: QuantizationError.self) {
        try FPGAExport(
          state, program, name: "net", layout: .buffers, tiles: TileOrder(inputs: 5, outputs: 7))
      }
    }
    let (program, state) = try Self.program(seed: 1, QuantizationOptions())
    #expect(throws: QuantizationError.notPowers(.google)) {
      try FPGAExport(
        state, program, name: "n", layout: .tiles, tiles: TileOrder(inputs: 8, outputs: 8))
    }
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

  @Test func `a dump has what every layer reads, has and gives`() throws {
    let (program, _) = try Self.program(seed: 1, QuantizationOptions())
    let folder = try TemporaryFolder()
    let runner = IntegerRunner(program)
    let spec = program.spec
    let picture = Self.picture(spec, seed: 1)
    let names = try ProgramDump(runner).write(
      picture, width: spec.net.width, height: spec.net.height, to: folder.path)
    #expect(names.allSatisfy(folder.exists) && names[0] == "program.json")
    let json = try JSONSerialization.jsonObject(with: Data(folder.bytes(of: "program.json")))
    let layers = try #require((json as? [String: Any])?["layers"] as? [[String: Any]])
    #expect(layers.count == program.layers.count)
    _ = try runner.run(picture, width: spec.net.width, height: spec.net.height) { layer, map in
      let output = try NumberFile(
        contentsOf: folder.file(ProgramDump.name(layer.index, layer.section, "output")))
      #expect(output.numbers == map.values.map { Int($0) + (layer.grid?.zero ?? 0) })
      #expect(output.shape == [map.shape.channels, map.shape.height, map.shape.width])
    }
    let weights = try NumberFile(contentsOf: folder.file("0000_convolutional_weights.npy"))
    #expect(weights.numbers == program.layers[0].weights.map(Int.init) && weights.shape.count == 4)
    // One layer by hand, from the files alone.
    let one = try TemporaryFolder()
    let some = try ProgramDump(runner, layer: 0).write(
      picture, width: spec.net.width, height: spec.net.height, to: one.path)
    #expect(some.allSatisfy { ["prog", "pict", "0000"].contains($0.prefix(4)) })
  }
}
