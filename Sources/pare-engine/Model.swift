import Boxes
import Commands
import Darknet
import Foundation
import Networks
import Torch
import Training

/// A cfg with its weights, as the command line names them.
struct Model {
  let configuration: Configuration
  let spec: NetworkSpec
  let parameters: NetworkParameters
  let cfgPath: String
  let weightsPath: String
  let inputScale: InputScale

  /// - Parameter scale: the input scale that was asked for.
  init(_ options: ModelOptions, scale: InputScale? = nil) throws {
    try self.init(cfg: options.cfg, weights: options.weights, scale: scale)
  }

  init(cfg: String, weights: String, scale: InputScale? = nil) throws {
    cfgPath = cfg
    weightsPath = weights
    inputScale = try Self.inputScale(scale, cfg: cfg, weights: weights)
    configuration = try Configuration(contentsOf: cfg)
    spec = try NetworkSpec(configuration)
    for warning in spec.warnings { Console.warn("\(warning)") }
    parameters = try readWeights(weights, for: spec)
  }

  /// The input scale of a pair: what its `model.json` says, else what is asked for, else the rule.
  ///
  /// - Throws: ``EngineError/otherInputScale(_:path:stored:)`` when the two differ.
  static func inputScale(
    _ wanted: InputScale?, cfg: String, weights: String?
  ) throws -> InputScale {
    let candidates = [weights, cfg].compactMap { $0.flatMap(ModelDescription.path(beside:)) }
    for path in candidates {
      guard let description = try ModelDescription(contentsOf: path) else { continue }
      for file in try description.changedFiles(cfg: cfg, weights: weights) {
        Console.warn("\(path) was written before \(file) changed; its input scale is used")
      }
      if let wanted, wanted != description.inputScale {
        throw EngineError.otherInputScale(wanted, path: path, stored: description.inputScale)
      }
      return description.inputScale
    }
    return wanted ?? .by255
  }

  /// The network on a device, in the layout that suits it.
  func network(on device: Device) throws -> Network {
    let network = try Network(configuration, parameters, inputScale: inputScale)
    try network.move(to: device, memoryFormat: .channelsLast)
    return network
  }

  /// Class names: from the file named, beside the cfg, from the data set, or numbers.
  func names(_ path: String?, data: String? = nil) throws -> [String] {
    let beside = String(cfgPath.dropLast(4)) + ".names"
    let names: [String]
    if let path {
      names = try NamesFile(contentsOf: path).names
    } else if let data {
      names = try DataFile(contentsOf: data).classNames()
    } else if FileManager.default.fileExists(atPath: beside) {
      names = try NamesFile(contentsOf: beside).names
    } else {
      names = []
    }
    let classes = spec.classes ?? 0
    return (0..<max(classes, names.count)).map { $0 < names.count ? names[$0] : "class \($0)" }
  }
}

/// Weights of a network in any form that is read.
func readWeights(_ path: String, for spec: NetworkSpec) throws -> NetworkParameters {
  let parameters = try StoredWeights.read(path, for: spec)
  // Only now: these weights have the published file's size.
  if let warning = BuiltInNetwork.maskWarning(for: spec) { Console.warn("\(warning)") }
  return parameters
}

/// Prepares libtorch as the options say.
func openDevice(_ options: MachineOptions) throws -> Device {
  if let threads = options.threads { try TorchRuntime.setThreadCount(threads) }
  let device = try Device.named(options.device.name)
  // TF32's 10 bits of mantissa would fail proofs and move boxes.
  if device.isCUDA { try TorchRuntime.setAllowsTF32(false) }
  return device
}

extension PrecisionChoice {
  var dtype: DType {
    switch self {
    case .fp32: .float32
    case .fp16: .float16
    case .bf16: .bfloat16
    }
  }
}

extension PostprocessingOptions {
  /// What becomes of the network's boxes.
  func settings(
    confidence: Float, overlap: Float, precision: PrecisionChoice, classes: [Int] = []
  ) throws -> DetectionSettings {
    var settings = DetectionSettings(confidenceThreshold: confidence)
    settings.suppression = NonMaximumSuppression(
      iouThreshold: overlap, method: nms.method, isAgnostic: agnosticNms)
    settings.bestClassOnly = bestClass
    settings.augments = augment
    settings.precision = precision.dtype
    settings.classes = classes.isEmpty ? nil : Set(classes)
    return settings
  }
}

extension SuppressionChoice {
  var method: NonMaximumSuppression.Method {
    switch self {
    case .greedy: .greedy
    case .merge: .merge
    case .soft: .soft
    case .diou: .diou
    case .fast: .fast
    }
  }
}

extension AveragePrecisionChoice {
  var style: EvaluationStyle {
    switch self {
    case .coco: .coco
    case .voc07: .voc07
    case .voc12: .voc12
    case .legacy: .legacy
    }
  }
}

extension InputSizeOptions {
  /// The size asked for, or the cfg's own, after a check that the network can work at it.
  func size(for spec: NetworkSpec) throws -> (width: Int, height: Int) {
    let size = size ?? (spec.net.width, spec.net.height)
    _ = try spec.headStrides(width: size.width, height: size.height)
    return size
  }
}

/// An absolute path, for JSON.
func absolute(_ path: String) -> String {
  URL(filePath: path).standardizedFileURL.path(percentEncoded: false)
}
