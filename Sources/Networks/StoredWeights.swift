import Checkpoints
import Darknet
import Torch

/// Weights of a network in any form that is read: Darknet's `.weights` and backbones, safetensors, and
/// PyTorch's `.pt`.
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
  /// - Throws: ``WeightsError``, ``NamedWeightsError``, ``TorchError`` or ``CheckpointError``, in one
  ///   line.
  public static func read(_ path: String, for spec: NetworkSpec) throws -> NetworkParameters {
    try FileError.checkContent(of: path)
    return switch Form(path) {
    case .darknet: try WeightsFile.read(path, for: spec)
    case .safetensors: try NamedWeights.read(SafetensorsFile(contentsOf: path), for: spec)
    case .pytorch: try NamedWeights.read(PyTorchFile(contentsOf: path), for: spec)
    }
  }

  /// Reads what fits, layer by layer: of a file for another number of classes, of a backbone, of a
  /// network that shares some layers.
  ///
  /// Darknet's files have no names: one of another network is only read when it differs in the number
  /// of classes or ends early.
  ///
  /// - Throws: as ``read(_:for:)`` when nothing can be told apart.
  public static func readByShape(
    _ path: String, for spec: NetworkSpec
  ) throws -> WeightsFile.Contents {
    try FileError.checkContent(of: path)
    return switch Form(path) {
    case .darknet where WeightsFile.backboneLayers(ofFileName: path) != nil:
      try WeightsFile.readBackbone(path, for: spec)
    case .darknet: try WeightsFile.readByShape(path, for: spec)
    case .safetensors: try NamedWeights.readByShape(SafetensorsFile(contentsOf: path), for: spec)
    case .pytorch: try NamedWeights.readByShape(PyTorchFile(contentsOf: path), for: spec)
    }
  }

  /// Writes all parameters as safetensors; the file appears whole or not at all.
  ///
  /// - Throws: ``WeightsError`` when an array is missing, ``NamedWeightsError`` when `naming` cannot say
  ///   one, ``TorchError`` when the file cannot be written.
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
