import Darknet
import Foundation
import Integers
import Networks
import Testing
import Torch
import _TestSupport

@testable import Quantization

/// C and files for FPGAs beside the integer engine.
@Suite struct ExportTests {
  static func program(
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

  static func picture(_ spec: NetworkSpec, seed: UInt64) -> [UInt8] {
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

  /// Builds a program with gcc; it is called `net`, and its weights `net.bin`.
  static func build(_ source: CSource, in folder: TemporaryFolder) throws {
    let name = source.name
    try folder.write(source.header, to: "\(name).h")
    try folder.write(source.source, to: "\(name).c")
    try folder.write(source.weights, to: "net.bin")
    try folder.write(source.exampleMain, to: "main.c")
    let files = ["\(name).c", "main.c"].map(folder.file)
    let flags = ["-std=c99", "-O1", "-Wall", "-Wextra", "-Werror", "-pedantic"]
    let built = try run("/usr/bin/gcc", flags + files + ["-o", folder.file("net")])
    #expect(built == 0, "\(name)\n\(source.source)")
  }

  /// Builds a program and runs it on pictures, two random ones unless others are given, beside the
  /// engine.
  static func compare(
    _ program: IntegerProgram, _ what: String, called name: String = "net",
    _ pictures: [[UInt8]]? = nil
  ) throws {
    let spec = program.spec
    let folder = try TemporaryFolder()
    let source = try CSource(
      program, name: name, width: spec.net.width, height: spec.net.height)
    try build(source, in: folder)
    for picture in pictures ?? [0, 1].map({ picture(spec, seed: $0) }) {
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

  // A sum that only its bias brings into 32 bits: see the integer engine's tests.
  @Test func `the C program looks at sums with their bias too`() throws {
    let program = try IntegerProgram(quantized(wideNetwork("leaky"), wideOptions, seed: 6))
    let pictures = [85, 86, 100, 105].map { [UInt8](repeating: $0, count: 48) }
    try Self.compare(program, "wide", pictures)
  }

  // Codes within −128...127 take a byte, within 16 bits two: DoReFa's of b bits reach to ±(2^b − 1).
  @Test(arguments: [
    (QuantizationScheme.google, 4, 1), (.google, 8, 1), (.google, 12, 2), (.google, 16, 2),
    (.dorefa, 7, 1), (.dorefa, 8, 2), (.dorefa, 15, 2), (.dorefa, 16, 4),
  ])
  func `weights take the bytes that are told before`(
    scheme: QuantizationScheme, bits: Int, bytes: Int
  ) throws {
    var options = QuantizationOptions(scheme: scheme)
    (options.weightBits, options.ends) = (bits, .same)
    let network = try wideNetwork()
    let calibration = try PostTraining(network, options: options)
    try calibration.calibrate(randomImages(network.spec, count: 1, seed: 1))
    let state = try calibration.finished()
    let program = try IntegerProgram(state.quantized(network))
    let source = try CSource(program, name: "net", width: 4, height: 4)
    // 2 × 3 weights and 6 × 2.
    #expect(source.weights.count == 18 * bytes)
    #expect(try state.wholeByteCount(network.spec) == source.weights.count)
    // Each layer by its own codes.
    options.layerBits = [0: .init(weights: 12, activations: 8)]
    let mixed = try PostTraining(network, options: options)
    try mixed.calibrate(randomImages(network.spec, count: 1, seed: 1))
    #expect(try mixed.finished().wholeByteCount(network.spec) == 6 * 2 + 12 * bytes)
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
