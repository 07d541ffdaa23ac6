import Darknet
import Foundation
import Networks
import Testing
import Torch
import _TestSupport

@testable import Quantization

@Suite struct QuantizationFileTests {
  /// A pair and its quantization in a folder.
  private struct Pair {
    let folder: TemporaryFolder
    let spec: NetworkSpec
    var cfg: String { folder.file("model.cfg") }
    var weights: String { folder.file("model.weights") }
    var path: String { folder.file(QuantizationFile.name) }

    init(_ scheme: QuantizationScheme = .google) throws {
      folder = try TemporaryFolder()
      let random = RandomNetwork(seed: 8)
      let configuration = try random.configuration
      spec = try NetworkSpec(configuration)
      let parameters = try randomParameters(spec, seed: 8)
      try folder.write(random.text, to: "model.cfg")
      try WeightsFile.write(parameters, for: spec, to: weights)
      let calibration = try PostTraining(
        Network(configuration, parameters), options: QuantizationOptions(scheme: scheme))
      try calibration.calibrate(randomImages(spec, count: 1, seed: 1))
      try QuantizationFile.write(calibration.finished(), cfg: cfg, weights: weights, to: path)
    }

    func read() throws -> QuantizationState {
      try QuantizationFile.read(path, for: spec, cfg: cfg, weights: weights)
    }

    /// Writes the file again with changes.
    func change(
      _ change: (inout [String: Tensor], inout [String: String]) throws -> Void
    ) throws {
      let file = try SafetensorsFile(contentsOf: path)
      var (tensors, metadata) = (try file.tensors(), file.metadata)
      try change(&tensors, &metadata)
      try writeSafetensors(tensors, metadata: metadata, to: path)
    }
  }

  @Test func `codes are whole numbers of few bytes`() throws {
    let pair = try Pair()
    let file = try SafetensorsFile(contentsOf: pair.path)
    #expect(try file.dtype(of: "0.weight") == .int8)
    #expect(try file.dtype(of: "0.bias") == .int32)
    #expect(file.contains("input.step") && file.contains("input.zero"))
    // The odd codes of −255…255 are as many as 8 bits have.
    let odd = try Pair(.dorefa)
    let dorefa = try SafetensorsFile(contentsOf: odd.path)
    let weights = dorefa.names.filter { $0.hasSuffix(".weight") }
    #expect(try Set(weights.map { try dorefa.dtype(of: $0) }) == [.uint8])
    // What the figures of `quantize` say, and no more: bits of all codes, in whole bytes.
    let state = try odd.read()
    for name in weights {
      let codes = try #require(Int(name.prefix { $0 != "." }).flatMap { state.kernels[$0] }).weights
      #expect(try dorefa.tensor(name).shape == [codes.byteCount])
    }
  }

  @Test func `codes are packed into their bits from the lowest one on`() throws {
    // −3, 0, 3, 1 are 0, 3, 6, 4 of three bits: 0 + 3·8 + 6·64 + 4·512 = 0x0998.
    let cases: [(CodeRange, [Float], [UInt8]?)] = [
      (try .narrow(bits: 3), [-3, 0, 3, 1], [0x98, 0x09]),
      (try .signed(bits: 4), [-8, 7, -1], [0xf0, 0x07]),
      (try .unsigned(bits: 12), [4095, 1], [0xff, 0x1f, 0x00]),
      (.few(bits: 1), [-1, 1, 1, -1, 1], [0b10110]),
      (.few(bits: 2), [-1, 0, 1, 1], [0b10_10_01_00]),
      (try .odd(bits: 2), [-3, -1, 1, 3], [0b11_10_01_00]),
      // Between the codes that one bit stands for, and of as many bits as a type of numbers has.
      (.few(bits: 1), [0], nil), (try .narrow(bits: 8), [1, 2], nil), (.sums, [1], nil),
    ]
    for (range, codes, bytes) in cases {
      #expect(PackedCodes.bytes(of: codes, in: range) == bytes, "\(range)")
      guard let bytes else { continue }
      #expect(PackedCodes.codes(of: bytes, count: codes.count, in: range) == codes, "\(range)")
      #expect(bytes.count == EncodedTensor.byteCount(codes.count, bits: range.bits))
    }
  }

  // Files of the first form have a whole number for each code.
  @Test func `files of unpacked codes are read`() throws {
    let pair = try Pair(.ternary)
    let state = try pair.read()
    try pair.change { tensors, metadata in
      metadata["pare.quantization"] = "1"
      for (layer, kernel) in state.kernels {
        tensors["\(layer).weight"] = try kernel.weights.codes.to(.int8)
      }
    }
    let old = try pair.read()
    #expect(!state.kernels.isEmpty)
    for (layer, kernel) in state.kernels {
      #expect(try old.kernels[layer]?.weights.codes.toFloats() == kernel.weights.codes.toFloats())
    }
  }

  // Whichever of the two files is of the weights counts, so that a training may be killed between.
  @Test func `codes that wait for their weights count when these are there`() throws {
    let pair = try Pair()
    let waiting = QuantizationFile.next(pair.path)
    #expect(waiting == pair.folder.file("model.quantization.next.safetensors"))
    let (old, codes) = (
      try pair.folder.bytes(of: "model.weights"), try pair.folder.bytes(of: QuantizationFile.name)
    )
    let new = Array(old.dropLast()) + [old[old.count - 1] ^ 1]
    let state = try pair.read()
    try pair.folder.write(new, to: "model.weights")
    try QuantizationFile.write(state, cfg: pair.cfg, weights: pair.weights, to: waiting)
    #expect(QuantizationFile.find(beside: pair.weights) == waiting)
    try pair.folder.write(old, to: "model.weights")
    #expect(QuantizationFile.find(beside: pair.weights) == pair.path)
    #expect(try pair.folder.bytes(of: QuantizationFile.name) == codes)
    _ = try pair.read()
    // Before the first codes a pair is float, until its weights are those that codes wait for.
    try FileManager.default.removeItem(atPath: pair.path)
    #expect(QuantizationFile.find(beside: pair.weights) == nil)
    try pair.folder.write(new, to: "model.weights")
    #expect(QuantizationFile.find(beside: pair.weights) == waiting)
  }

  @Test func `the file of another pair is refused`() throws {
    let pair = try Pair()
    _ = try pair.read()
    let bytes = try pair.folder.bytes(of: "model.weights")
    try pair.folder.write(bytes.dropLast() + [bytes[bytes.count - 1] ^ 1], to: "model.weights")
    #expect(throws: QuantizationError.otherPair(path: pair.path, file: pair.weights)) {
      try pair.read()
    }
    try pair.folder.write(bytes, to: "model.weights")
    try pair.folder.write(pair.folder.text("model.cfg") + "\n", to: "model.cfg")
    #expect(throws: QuantizationError.otherPair(path: pair.path, file: pair.cfg)) {
      try pair.read()
    }
  }

  @Test func `what is missing or wrong is named`() throws {
    typealias Change = (inout [String: Tensor], inout [String: String]) throws -> Void
    let changes: [(String, Change)] = [
      ("is no quantization of a network", { $1["pare.quantization"] = "9" }),
      ("is no quantization of a network", { $1["options"] = "{}" }),
      ("'0.weight' is missing", { tensors, _ in tensors["0.weight"] = nil }),
      ("'0.weight.step' is missing", { tensors, _ in tensors["0.weight.step"] = nil }),
      ("'input.step' is missing", { tensors, _ in tensors["input.step"] = nil }),
      (
        "'input.step' has a step that is not above zero",
        { tensors, _ in tensors["input.step"] = try .scalar(0) }
      ),
      (
        "'input.step' has a step that is not above zero",
        { tensors, _ in tensors["input.step"] = try .scalar(Double.nan) }
      ),
      (
        "'input.step' has the shape [2]", { tensors, _ in tensors["input.step"] = try .ones([2]) }
      ),
      (
        "'input.zero' is no code for each step",
        { tensors, _ in tensors["input.zero"] = try .scalar(0.5) }
      ),
      (
        "'input.codes' is no range of codes",
        { tensors, _ in tensors["input.codes"] = try Tensor([8, 255, 0]) }
      ),
      (
        "'0.weight' has codes outside of its range",
        { tensors, _ in
          let shape = tensors["0.weight"]?.shape ?? []
          tensors["0.weight"] = try Tensor.full(shape, 300).to(.int16)
        }
      ),
    ]
    for (reason, change) in changes {
      let pair = try Pair()
      try pair.change(change)
      #expect(throws: QuantizationError.malformed(path: pair.path, reason: reason)) {
        try pair.read()
      }
    }
  }

  @Test func `kernels of another shape are refused`() throws {
    let pair = try Pair()
    try pair.change { tensors, _ in tensors["0.weight"] = try Tensor.ones([1, 2]).to(.int8) }
    let error = #expect(throws: QuantizationError.self) { try pair.read() }
    #expect("\(try #require(error))".contains("expected whole numbers ["))
  }

  @Test func `messages are one line and say what to do`() {
    let errors: [QuantizationError] = [
      .bits(1), .noSuchLayer(3, layers: 9), .noVote(.google), .notEqualized(.binary), .otherOptions,
      .notTrained, .noPictures, .notQuantized(path: "a"), .notPowers(.google),
      .unfitTiles(layer: 3, reason: "3 × 5 channels are no whole tiles of 8 × 64"),
      .notWhole(layer: 3, section: "se", reason: "b"), .notFinite(layer: -1),
      .notFinite(layer: 4), .alreadyQuantized, .otherPair(path: "a", file: "b"),
      .malformed(path: "a", reason: "b"),
    ]
    #expect(
      "\(QuantizationError.notQuantized(path: "runs/my run/model.weights"))".hasSuffix(
        "run \"pare quantize --model 'runs/my run' --output runs/quantized\""))
    for error in errors {
      #expect(!"\(error)".contains("\n") && "\(error)".count < 200)
      #expect("\(error)".last != ".")
    }
  }
}
