import Darknet
import Integers
import Networks
import Testing
import Torch
import _TestSupport

@testable import Quantization

/// What files for FPGAs and programs in C cannot hold.
extension ExportTests {
  /// What a convolution with whatever follows it is refused by.
  private func refusal(
    of section: String = "", _ options: QuantizationOptions = QuantizationOptions(scheme: .pow2),
    changing change: (Network) throws -> Void = { _ in }
  ) throws -> QuantizationError? {
    let network = try handNetwork(
      """
      [net]
      width=4
      height=4
      channels=3
      [convolutional]
      filters=8
      size=3
      pad=1
      activation=leaky
      \(section)
      \(handHead)
      """, seed: 4)
    try change(network)
    let calibration = try PostTraining(network, options: options)
    try calibration.calibrate(randomImages(network.spec, count: 1, seed: 1))
    let state = try calibration.finished()
    let program = try IntegerProgram(state.quantized(network))
    return #expect(throws: QuantizationError.self) {
      try FPGAExport(
        state, program, name: "n", layout: .plain, tiles: TileOrder(inputs: 4, outputs: 4))
    }
  }

  // One exponent of weights a layer is all that these files hold.
  @Test func `channels with steps of their own are refused by their layer`() throws {
    var options = QuantizationOptions(scheme: .pow2)
    options.isPerChannel = true
    options.ends = .same
    let error = try refusal(of: "", options) { network in
      let kernel = try #require(network.layers[1].convolution).weight.detach()
      // Channels that reach 1 and 8.
      try withoutGrad {
        _ = try kernel.fillInPlace(1)
        _ = try kernel.narrow(dim: 0, start: 0, count: 1).fillInPlace(8)
      }
    }
    guard case .notOneStep = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  // What multiplies, averages or enlarges with a factor has a step that no file holds.
  @Test(arguments: [
    "[avgpool]\n[scale_channels]\nfrom=0\nactivation=linear", "[local_avgpool]\nsize=2\nstride=1",
    "[upsample]\nstride=2\nscale=0.5",
  ])
  func `layers with steps that files for FPGAs do not hold are refused`(section: String) throws {
    let error = try refusal(of: section)
    guard case .notWhole(layer: 1, _, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func `a C program says at which layer a sum did not fit`() throws {
    let program = try IntegerProgram(quantized(wideNetwork(), wideOptions, seed: 6))
    let folder = try TemporaryFolder()
    try Self.build(CSource(program, name: "net", width: 4, height: 4), in: folder)
    try folder.write([UInt8](repeating: 255, count: 48), to: "picture")
    try Self.expectTooLarge(in: folder, layer: 0)
  }

  // A byte of 255 has the code 65,535. On 256 × 257 places these add up to 4,311,678,720, beyond 2^32,
  // on 256 × 255 to 4,278,124,800.
  @Test(arguments: ["[avgpool]", "[se]\nreduction=1"])
  func `the sum of a mean that is too large ends the engine and the C program`(
    section: String
  ) throws {
    for (height, fits) in [(255, true), (257, false)] {
      let network = try handNetwork(
        """
        [net]
        width=256
        height=\(height)
        channels=1
        \(section)
        \(handHead)
        """, seed: 6)
      var options = QuantizationOptions()
      options.activationBits = 16
      let program = try IntegerProgram(quantized(network, options, seed: 6))
      let picture = [UInt8](repeating: 255, count: 256 * height)
      let folder = try TemporaryFolder()
      try Self.build(CSource(program, name: "net", width: 256, height: height), in: folder)
      guard !fits else {
        try Self.compare(program, section, [picture])
        continue
      }
      try folder.write(picture, to: "picture")
      try Self.expectTooLarge(in: folder, layer: 0)
      let name = section.contains("se") ? "se" : "avgpool"
      #expect(
        throws: IntegerError.overflow(
          layer: 0, section: name, channel: 0, sum: 65535 * 256 * 257, bits: 33)
      ) { try IntegerRunner(program).run(picture, width: 256, height: height) }
    }
  }

  private static func expectTooLarge(in folder: TemporaryFolder, layer: Int) throws {
    let command =
      ["net", "net.bin", "picture", "heads"].map(folder.file).joined(separator: " ")
      + " 2> " + folder.file("errors")
    #expect(try run("/bin/sh", ["-c", command]) == 3)
    let errors = String(decoding: try folder.bytes(of: "errors"), as: UTF8.self)
    #expect(errors.hasPrefix("layer \(layer): a sum is too large"), "\(errors)")
  }

  // What would be written over the example or be found in place of a header; what is no name.
  @Test(arguments: [
    ("main", "net_main"), ("Main", "net_Main"), ("string", "net_string"), ("STDINT", "net_STDINT"),
    ("_net", "net__net"), ("_stdint", "net__stdint"), ("4", "net_4"), ("", "net_"), ("a-b", "a_b"),
    ("a/b", "a_b"), ("naïve", "na_ve"), ("网络", "net___"), ("main.c", "main_c"),
    (String(repeating: "n", count: 65), "net_" + String(repeating: "n", count: 60)),
  ])
  func `names that a C program cannot have are refused, and made good by default`(
    name: String, made: String
  ) throws {
    let program = try IntegerProgram(quantized(wideNetwork(), seed: 6))
    #expect(throws: IntegerError.wrongName(name)) {
      try CSource(program, name: name, width: 4, height: 4)
    }
    #expect(CSource.name(of: name) == made && CSource.isName(made))
  }

  // Words of C, and names of what the source and its headers define.
  @Test(arguments: [
    "int", "memcpy", "convolve", "rule_t", "arena", "weights", "INT32", "heads", "NULL",
    String(repeating: "n", count: 64),
  ])
  func `other names do, whatever they are in C`(name: String) throws {
    let program = try IntegerProgram(quantized(wideNetwork("mish"), seed: 6))
    #expect(CSource.name(of: name) == name)
    try Self.compare(program, name, called: name)
  }
}
