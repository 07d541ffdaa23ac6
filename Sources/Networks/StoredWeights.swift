import Checkpoints
import Darknet
import Torch

/// What is wrong with weights that could be read.
public enum StoredWeightsError: Error, Hashable, CustomStringConvertible {
  /// NaN or infinities; layers by index, with the names of their sections.
  case notFinite(path: String, layers: [Int], sections: [String])
  /// A checkpoint of a run, and the weights beside it, best first.
  case checkpoint(path: String, weights: [String])
  /// Codes of a quantized pair, and the weights beside it.
  case codes(path: String, weights: [String])

  /// One line: the path, what was found, and what to take in its place.
  public var description: String {
    switch self {
    case .notFinite(let path, let layers, let sections):
      let named = zip(layers, sections).prefix(5).map { "\($0) [\($1)]" }.joined(separator: ", ")
      let rest = layers.count > 5 ? " and \(layers.count - 5) more" : ""
      return "\(path): NaN or infinity in layer\(layers.count == 1 ? "" : "s") \(named)\(rest); "
        + "nothing that is computed with them means anything, take weights from before training "
        + "diverged"
    case .checkpoint(let path, let weights):
      return "\(path): a checkpoint, which 'pare train --resume' goes on from; \(Self.way(weights))"
    case .codes(let path, let weights):
      return "\(path): codes of a quantized network, which are used with the weights that they lie "
        + "beside; \(Self.way(weights))"
    }
  }

  /// What to take.
  private static func way(_ weights: [String]) -> String {
    weights.isEmpty
      ? "take the run's model.weights or last.weights"
      : "as weights take \(weights.joined(separator: " or "))"
  }
}

/// Weights of a network in any form that is read: Darknet's `.weights` and backbones, safetensors,
/// and PyTorch's `.pt`.
public enum StoredWeights {
  /// Forms of files, by the ending of their name.
  private enum Form {
    case darknet
    case safetensors
    case pytorch

    init(_ path: String) {
      let endings: [(String, Form)] = [
        (".safetensors", .safetensors), (".pt", .pytorch), (".pth", .pytorch),
      ]
      self = endings.first { path.lowercased().hasSuffix($0.0) }?.1 ?? .darknet
    }
  }

  /// Reads a file that holds all of the network's parameters and nothing else.
  ///
  /// - Parameter onNotFinite: what becomes of NaN and infinities; they are refused unless given.
  /// - Throws: ``WeightsError``, ``NamedWeightsError``, ``StoredWeightsError``, ``TorchError`` or
  ///   ``CheckpointError``, in one line.
  public static func read(
    _ path: String, for spec: NetworkSpec,
    onNotFinite: (StoredWeightsError) throws -> Void = { throw $0 }
  ) throws -> NetworkParameters {
    try FileError.require(.weights, path)
    try FileError.checkContent(of: path)
    let parameters =
      switch Form(path) {
      case .darknet: try WeightsFile.read(path, for: spec)
      case .safetensors: try NamedWeights.read(safetensors(path), for: spec)
      case .pytorch: try NamedWeights.read(PyTorchFile(contentsOf: path), for: spec)
      }
    if let error = notFinite(parameters, path, spec) { try onNotFinite(error) }
    return parameters
  }

  /// What is not finite, in words; nil where everything is.
  private static func notFinite(
    _ parameters: NetworkParameters, _ path: String, _ spec: NetworkSpec
  ) -> StoredWeightsError? {
    let layers = parameters.layersWithoutFiniteValues
    guard !layers.isEmpty else { return nil }
    return .notFinite(
      path: path, layers: layers, sections: layers.map { spec.section(ofLayer: $0).name })
  }

  /// A file of weights; a run's checkpoint, which holds more, is refused, and so are codes.
  private static func safetensors(_ path: String) throws -> SafetensorsFile {
    let file = try SafetensorsFile(contentsOf: path)
    let folder = folderPath(of: path)
    let weights = ["last.weights", "model.weights"]
      .map { folder == "." ? $0 : "\(folder)/\($0)" }.filter(fileExists)
    if file.metadata["pare.quantization"] != nil {
      throw StoredWeightsError.codes(path: path, weights: weights)
    }
    guard file.names.contains(where: { $0.hasPrefix("network.") }) else { return file }
    throw StoredWeightsError.checkpoint(path: path, weights: weights)
  }

  /// Reads what fits, layer by layer: of a file for another number of classes, of a backbone, of a
  /// network that shares some layers.
  ///
  /// Darknet's files have no names: one of another network is only read when it differs in the
  /// number of classes or ends early.
  ///
  /// - Throws: as ``read(_:for:)`` when nothing can be told apart.
  public static func readByShape(
    _ path: String, for spec: NetworkSpec
  ) throws -> WeightsFile.Contents {
    try FileError.require(.weights, path)
    try FileError.checkContent(of: path)
    let contents =
      switch Form(path) {
      case .darknet where WeightsFile.backboneLayers(ofFileName: path) != nil:
        try WeightsFile.readBackbone(path, for: spec)
      case .darknet: try WeightsFile.readByShape(path, for: spec)
      case .safetensors: try NamedWeights.readByShape(safetensors(path), for: spec)
      case .pytorch: try NamedWeights.readByShape(PyTorchFile(contentsOf: path), for: spec)
      }
    if let error = notFinite(contents.parameters, path, spec) { throw error }
    return contents
  }

  /// Writes all parameters as safetensors; the file appears whole or not at all.
  ///
  /// - Throws: ``WeightsError`` when an array is missing, ``NamedWeightsError`` when `naming`
  ///   cannot say one, ``TorchError`` when the file cannot be written.
  public static func writeSafetensors(
    _ parameters: NetworkParameters, for spec: NetworkSpec, naming: ParameterNaming,
    to path: String
  ) throws {
    let arrays = try NamedWeights.arrays(of: parameters, for: spec, naming: naming)
    let tensors = try arrays.map { array in
      let tensor =
        switch array.values {
        case .floats(let values): try Tensor(values, shape: array.shape)
        case .integers(let values): try Tensor(values, shape: array.shape)
        }
      return (name: array.name, tensor: tensor)
    }
    try Torch.writeSafetensors(
      tensors, metadata: [SafetensorsFile.imagesSeenKey: String(parameters.imagesSeen)], to: path)
  }
}

extension SafetensorsFile: NamedArrays {
  /// Where we write the pictures seen in training.
  fileprivate static let imagesSeenKey = "pare.images_seen"

  /// Pictures seen in training, 0 where the file does not say.
  public var imagesSeen: Int64 { metadata[Self.imagesSeenKey].flatMap { Int64($0) } ?? 0 }

  /// The values of a tensor, row-major, in single precision.
  public func floats(_ name: String) throws -> [Float] { try tensor(name).toFloats() }
}
