import Boxes
import Commands
import Darknet
import Foundation
import Networks
import Torch
import Training
import Vision

/// A cfg with its weights, as the command line names them.
struct Model {
  let configuration: Configuration
  let spec: NetworkSpec
  let parameters: NetworkParameters
  let cfgPath: String
  let weightsPath: String
  /// Whether all weights are numbers, as all but `convert` ask for.
  let isFinite: Bool
  /// How the pair wants to be fed.
  let ownFeeding: Feeding

  /// What pixel values become before the first layer.
  var inputScale: InputScale { ownFeeding.inputScale }

  /// - Parameter scale: the input scale that was asked for.
  init(
    _ options: ModelOptions, scale: InputScale? = nil, toleratesNotFinite: Bool = false
  ) throws {
    try requireRunFolder(options.folder)
    try self.init(
      cfg: options.cfg, weights: options.weights, scale: scale,
      toleratesNotFinite: toleratesNotFinite)
  }

  /// - Parameter toleratesNotFinite: whether weights with NaN or infinities are warned of only.
  init(
    cfg: String, weights: String, scale: InputScale? = nil, toleratesNotFinite: Bool = false
  ) throws {
    cfgPath = cfg
    weightsPath = weights
    configuration = try Configuration(contentsOf: cfg)
    spec = try NetworkSpec(configuration)
    ownFeeding = try Self.feeding(of: spec, cfg: cfg, weights: weights, scale: scale)
    for warning in spec.warnings { Console.warn("\(warning)") }
    var isFinite = true
    parameters = try readWeights(weights, for: spec) { error in
      guard toleratesNotFinite else { throw error }
      Console.warn("\(error)")
      isFinite = false
    }
    self.isFinite = isFinite
  }

  /// How a pair wants to be fed.
  ///
  /// - Parameter scale: the input scale that was asked for; where no `model.json` says one, it counts.
  /// - Throws: ``EngineError/otherInputScale(_:path:stored:)`` when the two differ.
  static func feeding(
    of spec: NetworkSpec, cfg: String, weights: String?, scale: InputScale?
  ) throws -> Feeding {
    let found = try ModelDescription.find(cfg: cfg, weights: weights)
    let changed = try found?.description.changedFiles(cfg: cfg, weights: weights) ?? []
    for file in changed {
      Console.warn(
        "\(found?.path ?? "") was written before \(file) changed; its input scale is used")
    }
    var feeding = Feeding(of: spec, description: found, ownsSize: !changed.contains(cfg))
    if let scale, let found, scale != feeding.inputScale {
      throw EngineError.otherInputScale(scale, path: found.path, stored: feeding.inputScale)
    }
    feeding.inputScale = found == nil ? scale ?? .by255 : feeding.inputScale
    return feeding
  }

  /// How pictures are shown to the network: as it wants them, or as was asked for.
  ///
  /// - Throws: an error when the network cannot work at the size, or when `savesPadding` and there
  ///   is none to save.
  func feeding(
    _ options: FeedingOptions, _ size: InputSizeOptions, savesPadding: Bool = false
  ) throws -> Feeding {
    let feeding = ownFeeding.overruled(by: options.wishes(size))
    try spec.checkInput(width: feeding.width, height: feeding.height)
    guard !savesPadding || feeding.fit.keepsProportions else {
      throw EngineError.noPadding(feeding.fit.rawValue, cfg: cfgPath)
    }
    return feeding
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
    if !names.isEmpty,
      let disagreement = ClassDisagreement(
        spec, other: path ?? data ?? beside, classes: names.count)
    {
      Console.warn("\(disagreement.counts); classes without a name are called by their number")
    }
    return (0..<max(classes, names.count)).map { $0 < names.count ? names[$0] : "class \($0)" }
  }
}

/// Weights of a network in any form that is read.
///
/// - Parameter onNotFinite: what becomes of NaN and infinities; they are refused unless given.
func readWeights(
  _ path: String, for spec: NetworkSpec,
  onNotFinite: (StoredWeightsError) throws -> Void = { throw $0 }
) throws -> NetworkParameters {
  let parameters = try StoredWeights.read(path, for: spec, onNotFinite: onNotFinite)
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
    _ feeding: Feeding, confidence: Float, overlap: Float, precision: PrecisionChoice,
    classes: [Int] = []
  ) -> DetectionSettings {
    var settings = feeding.detection(
      confidence: confidence, overlap: overlap, isAgnostic: agnosticNms)
    settings.bestClassOnly = bestClass
    settings.augments = augment
    settings.precision = precision.dtype
    settings.classes = classes.isEmpty ? nil : Set(classes)
    return settings
  }
}

extension FeedingOptions {
  /// What is asked for in place of what a pair says.
  func wishes(_ size: InputSizeOptions) -> Feeding.Wishes {
    Feeding.Wishes(size: size.size, fit: resize?.fit, method: nms?.method)
  }
}

extension ResizeChoice {
  var fit: PictureFit {
    switch self {
    case .letterbox: .letterbox
    case .stretch: .stretch
    case .darknet: .darknet
    }
  }
}

extension Feeding {
  /// Says on stderr what is taken and why, unless `isQuiet`.
  func announce(isQuiet: Bool) {
    if !isQuiet { Console.note(summary) }
  }

  /// What is taken, for JSON.
  var json: JSONValue {
    .members([
      "resize": fit.rawValue, "width": width, "height": height, "nms": suppression.method.rawValue,
      "nmsBeta": suppression.beta, "inputScale": inputScale.rawValue,
    ])
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
    case .darknet: .darknet
    }
  }
}

/// Refuses what `--model` names unless it is a run folder.
func requireRunFolder(_ folder: String?) throws {
  guard let folder, !FileManager.default.fileExists(atPath: "\(folder)/\(RunFiles.cfg)") else {
    return
  }
  var isFolder: ObjCBool = false
  let exists = FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder)
  throw EngineError.unusableOperand(
    "--model \(folder)",
    reason: !exists
      ? "no such folder"
      : isFolder.boolValue
        ? "no run folder: it holds no \(RunFiles.cfg)"
        : "a file; name the run folder that it lies in, or use --cfg and --weights")
}

/// An absolute path, for JSON.
func absolute(_ path: String) -> String {
  URL(filePath: path).standardizedFileURL.path(percentEncoded: false)
}
