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
    let network = try handNetwork(
      """
      [net]
      width=4
      height=4
      channels=3
      [convolutional]
      filters=2
      size=1
      activation=linear
      \(handHead)
      """, seed: 6)
    let convolution = try #require(network.layers[0].convolution)
    _ = try withoutGrad { try convolution.weight.detach().fillInPlace(1) }
    _ = try withoutGrad { try convolution.bias?.detach().fillInPlace(0) }
    var options = QuantizationOptions()
    (options.weightBits, options.activationBits) = (16, 16)
    let program = try IntegerProgram(quantized(network, options, seed: 6))
    let folder = try TemporaryFolder()
    let source = try CSource(program, name: "net", width: 4, height: 4)
    try folder.write(source.header, to: "net.h")
    try folder.write(source.source, to: "net.c")
    try folder.write(source.weights, to: "net.bin")
    try folder.write(source.exampleMain(name: "net"), to: "main.c")
    try folder.write([UInt8](repeating: 255, count: 48), to: "picture")
    let files = ["net.c", "main.c"].map(folder.file)
    let flags = ["-std=c99", "-Wall", "-Werror", "-o", folder.file("net")]
    #expect(try Self.run("/usr/bin/gcc", flags + files) == 0)
    let command =
      ["net", "net.bin", "picture", "heads"].map(folder.file).joined(separator: " ")
      + " 2> " + folder.file("errors")
    #expect(try Self.run("/bin/sh", ["-c", command]) == 3)
    let errors = String(decoding: try folder.bytes(of: "errors"), as: UTF8.self)
    #expect(errors.hasPrefix("layer 0: a sum does not fit into 32 bits"), "\(errors)")
  }
}
