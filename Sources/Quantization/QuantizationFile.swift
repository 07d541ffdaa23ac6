import Darknet
import Foundation
import Inference
import Torch

/// `model.quantization.safetensors`, beside a pair: the state of a quantized network, bound to the
/// pair by the hashes of its files (docs/formulas.md 10.8).
public enum QuantizationFile {
  /// What the file is called in a folder of a pair.
  public static let name = "model.quantization.safetensors"
  /// What it is called beside a run's `last.weights`, whose codes are not those of its best ones.
  public static let lastName = "last.quantization.safetensors"

  /// Where the quantization of weights lies, or would.
  public static func path(beside weights: String) -> String {
    let folder = folderPath(of: weights)
    return "\(folder)/\(fileName(of: weights).hasPrefix("last.") ? lastName : name)"
  }

  /// Where codes wait for the weights that they belong to: beside those of the weights that are
  /// still there.
  static func next(_ path: String) -> String {
    "\(path.dropLast(".safetensors".count)).next.safetensors"
  }

  /// The form of the file: "1" has each code in a whole number of its own, and is read too.
  private static let version = "2"
  private static let versions = ["1", version]

  private enum Key {
    static let version = "pare.quantization"
    static let options = "options"
    static let cfg = "cfg.sha256"
    static let weights = "weights.sha256"
  }

  /// Writes a state for a pair; the file appears whole or not at all.
  ///
  /// - Parameters:
  ///   - cfg: path of the pair's cfg.
  ///   - weights: path of its weights.
  /// - Throws: `FileError` where the pair cannot be read, ``TorchError`` where the file cannot be
  ///   written.
  public static func write(
    _ state: QuantizationState, cfg: String, weights: String, to path: String
  ) throws {
    try write(
      state, cfgHash: ModelDescription.hash(ofFile: cfg),
      weightsHash: ModelDescription.hash(ofFile: weights), to: path)
  }

  /// As ``write(_:cfg:weights:to:)``, for a pair whose SHA-256 are known, in hexadecimal.
  static func write(
    _ state: QuantizationState, cfgHash: String, weightsHash: String, to path: String
  ) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    var tensors: [(name: String, tensor: Tensor)] = []
    for (layer, kernel) in state.kernels.sorted(by: { $0.key < $1.key }) {
      tensors += try stored(kernel.weights, "\(layer).weight")
      if let bias = kernel.bias { tensors += try stored(bias, "\(layer).bias") }
    }
    for (group, grid) in zip(state.plan.groups, state.grids) {
      tensors += try stored(grid, name(of: group))
    }
    try writeSafetensors(
      tensors,
      metadata: [
        Key.version: version,
        Key.options: String(decoding: try encoder.encode(state.options), as: UTF8.self),
        Key.cfg: cfgHash,
        Key.weights: weightsHash,
      ], checksums: true, to: path)
  }

  /// The quantization of weights; nil where there is none beside them.
  ///
  /// A training that was killed between weights and codes has left the codes of the new weights where
  /// they wait; it is these then.
  public static func find(beside weights: String) -> String? {
    let path = path(beside: weights)
    let waiting = next(path)
    if fileExists(waiting), let file = try? SafetensorsFile(contentsOf: waiting),
      let hash = try? ModelDescription.hash(ofFile: weights), file.metadata[Key.weights] == hash
    {
      return waiting
    }
    return fileExists(path) ? path : nil
  }

  /// Reads the state of a pair.
  ///
  /// - Parameter spec: the pair's network.
  /// - Throws: ``QuantizationError/otherPair(path:file:)``,
  ///   ``QuantizationError/malformed(path:reason:)``, ``TorchError`` for a file that is no
  ///   safetensors.
  public static func read(
    _ path: String, for spec: NetworkSpec, cfg: String, weights: String
  ) throws -> QuantizationState {
    let file = try SafetensorsFile(contentsOf: path)
    guard let options = options(in: file) else {
      throw QuantizationError.malformed(path: path, reason: "is no quantization of a network")
    }
    try require(file, [(Key.cfg, cfg), (Key.weights, weights)])
    let plan = try QuantizationPlan(spec, options)
    let reader = StateReader(file: file)
    var kernels: [Int: QuantizationState.Kernel] = [:]
    for layer in plan.weightBits.keys.sorted() {
      kernels[layer] = try reader.kernel(ofLayer: layer, spec)
    }
    let grids = try plan.groups.map { try reader.grid(name(of: $0), slices: nil) }
    return QuantizationState(options: options, plan: plan, kernels: kernels, grids: grids)
  }

  /// Refuses the quantization of other weights.
  ///
  /// - Throws: ``QuantizationError/otherPair(path:file:)``, ``TorchError`` for a file that is no
  ///   safetensors.
  public static func require(_ path: String, of weights: String) throws {
    try require(SafetensorsFile(contentsOf: path), [(Key.weights, weights)])
  }

  private static func require(
    _ file: SafetensorsFile, _ pair: [(key: String, path: String)]
  ) throws {
    for (key, path) in pair
    where try file.metadata[key] != ModelDescription.hash(ofFile: path) {
      throw QuantizationError.otherPair(path: file.path, file: path)
    }
  }

  /// How the network of a file was quantized; nil of a file that does not say so.
  public static func options(of path: String) -> QuantizationOptions? {
    (try? SafetensorsFile(contentsOf: path)).flatMap(options(in:))
  }

  private static func options(in file: SafetensorsFile) -> QuantizationOptions? {
    guard file.metadata[Key.version].map(versions.contains) == true,
      let text = file.metadata[Key.options]
    else { return nil }
    return try? JSONDecoder().decode(QuantizationOptions.self, from: Data(text.utf8))
  }

  private static func name(of group: QuantizationPlan.Group) -> String {
    let first = group.producers.first ?? group.tensors[0]
    return first < 0 ? "input" : "\(first).output"
  }

  private static func stored(
    _ grid: QuantizationGrid, _ name: String
  ) throws -> [(name: String, tensor: Tensor)] {
    [("\(name).step", grid.step), ("\(name).codes", try Tensor(grid.range.stored))]
      + (grid.zero.map { [("\(name).zero", $0)] } ?? [])
  }

  private static func stored(
    _ encoded: EncodedTensor, _ name: String
  ) throws -> [(name: String, tensor: Tensor)] {
    let (codes, range) = (encoded.codes, encoded.grid.range)
    // Taken off the device only where that is of use: a training writes them with its weights.
    let packed = try range.needsPacking ? PackedCodes.bytes(of: codes.toFloats(), in: range) : nil
    let tensor = try packed.map { try Tensor($0) } ?? codes.to(range.type)
    return try [(name, tensor)] + stored(encoded.grid, name)
  }
}

/// Takes a state's tensors out of a file, and checks them.
private struct StateReader {
  let file: SafetensorsFile

  func kernel(ofLayer layer: Int, _ spec: NetworkSpec) throws -> QuantizationState.Kernel {
    guard let convolution = spec.layers[layer].convolution else {
      throw malformed("layer \(layer) is no convolution")
    }
    let slices = convolution.outChannels
    let shape = convolution.weightShape(inChannels: spec.inChannels(ofLayer: layer))
    let bias = "\(layer).bias"
    return QuantizationState.Kernel(
      weights: try encoded("\(layer).weight", shape, slices: slices),
      bias: file.contains(bias) ? try encoded(bias, [slices], slices: slices) : nil)
  }

  func grid(_ name: String, slices: Int?) throws -> QuantizationGrid {
    let step = try tensor("\(name).step", .float32)
    let isSliced = step.rank > 0
    guard step.shape == [] || slices.map({ step.shape == [$0] }) ?? false else {
      throw malformed("'\(name).step' has the shape \(step.shape)")
    }
    guard try step.toFloats().allSatisfy({ $0 > 0 && $0.isFinite }) else {
      throw malformed("'\(name).step' has a step that is not above zero")
    }
    guard let range = CodeRange(stored: try tensor("\(name).codes", .int64).toInts()) else {
      throw malformed("'\(name).codes' is no range of codes")
    }
    let zero = file.contains("\(name).zero") ? try tensor("\(name).zero", .float32) : nil
    if let zero {
      let isWhole = try zero.toFloats().allSatisfy {
        $0 == $0.rounded() && $0 >= Float(range.lowest) && $0 <= Float(range.highest)
      }
      guard zero.shape == step.shape, isWhole else {
        throw malformed("'\(name).zero' is no code for each step")
      }
    }
    return QuantizationGrid(step: step, zero: zero, range: range, axis: isSliced ? 0 : nil)
  }

  private func encoded(_ name: String, _ shape: [Int], slices: Int) throws -> EncodedTensor {
    let grid = try grid(name, slices: slices)
    guard file.contains(name) else { throw malformed("'\(name)' is missing") }
    let codes = try file.tensor(name)
    let count = shape.reduce(1, *)
    let numbers: Tensor
    let packed = EncodedTensor.byteCount(count, bits: grid.range.bits)
    if codes.dtype == .uint8, codes.shape == [packed] {
      numbers = try Tensor(
        PackedCodes.codes(of: codes.toUInt8s(), count: count, in: grid.range)
      ).reshaped(shape)
    } else if codes.shape == shape, [.int8, .int16, .int32].contains(codes.dtype) {
      numbers = try codes.to(.float32)
    } else {
      throw malformed("'\(name)' is \(codes), expected whole numbers \(shape)")
    }
    let inside = try grid.limited(numbers).toFloats() == numbers.toFloats()
    guard inside else { throw malformed("'\(name)' has codes outside of its range") }
    return EncodedTensor(numbers, grid)
  }

  private func tensor(_ name: String, _ type: DType) throws -> Tensor {
    guard file.contains(name), try file.dtype(of: name) == type else {
      throw malformed("'\(name)' is missing")
    }
    return try file.tensor(name)
  }

  private func malformed(_ reason: String) -> QuantizationError {
    .malformed(path: file.path, reason: reason)
  }
}
