import Boxes
import Commands
import Darknet
import Foundation
import Networks
import Torch

/// A cfg with its weights, as the command line names them.
struct Model {
  let configuration: Configuration
  let spec: NetworkSpec
  let parameters: NetworkParameters
  let cfgPath: String
  let weightsPath: String

  init(_ options: ModelOptions) throws {
    try self.init(cfg: options.cfg, weights: options.weights)
  }

  init(cfg: String, weights: String) throws {
    cfgPath = cfg
    weightsPath = weights
    configuration = try Configuration(contentsOf: cfg)
    spec = try NetworkSpec(configuration)
    for warning in spec.warnings { Console.warn("\(warning)") }
    parameters = try StoredWeights.read(weights, for: spec)
  }

  /// The network on a device, in the layout that suits it.
  func network(on device: Device) throws -> Network {
    let network = try Network(configuration)
    try network.load(parameters)
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
