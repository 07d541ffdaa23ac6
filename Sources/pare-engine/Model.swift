import Boxes
import Commands
import Darknet
import Datasets
import Foundation
import Inference
import Networks
import Runs
import Summaries
import Torch
import Training
import Vision

extension Model {
  /// The pair that the command line names.
  ///
  /// - Parameter scale: the input scale that was asked for.
  init(
    _ options: ModelOptions, scale: InputScale? = nil, toleratesNotFinite: Bool = false
  ) throws {
    try requireRunFolder(options.folder, weights: options.weights)
    try ConsoleObserver(isQuiet: false).tellProgress(ofWeights: options.weights)
    try self.init(
      cfg: options.cfg, weights: options.weights, scale: scale,
      toleratesNotFinite: toleratesNotFinite, warn: Console.warn)
  }

  /// How pictures are shown to the network: as it wants them, or as the command line says.
  func feeding(
    _ options: FeedingOptions, _ size: InputSizeOptions, savesPadding: Bool = false
  ) throws -> Feeding {
    try feeding(options.wishes(size), savesPadding: savesPadding)
  }

  /// Class names: from the file named, from the data set, beside the cfg, or numbers.
  ///
  /// - Parameter saysMissing: whether to say where names can be given when there are none.
  func names(
    _ path: String?, data: String? = nil, saysMissing: Bool = false
  ) throws -> [String] {
    if saysMissing, try givenNames(path, data: data).names.isEmpty {
      Console.note("classes are called by their number; --names takes a file with their names")
    }
    return try names(path, data: data, warn: Console.warn)
  }
}

extension PairRecipe {
  /// The pair that the command line names.
  init(_ model: ModelOptions, _ scale: InputScaleOptions, _ feeding: FeedingRecipe) {
    self.init(cfg: model.cfg, weights: model.weights)
    inputScale = scale.inputScale
    self.feeding = feeding
  }
}

extension FeedingRecipe {
  /// What the command line asks for in place of what a pair says.
  init(_ options: FeedingOptions, _ size: InputSizeOptions) {
    self.init()
    if let size = size.size { (width, height) = (size.width, size.height) }
    (resize, nms) = (options.resize?.fit, options.nms?.method)
  }
}

extension BoxRecipe {
  /// What the command line makes of boxes.
  init(_ options: PostprocessingOptions, confidence: Float, overlap: Float) {
    self.init(confidence: confidence)
    (self.overlap, isAgnostic) = (overlap, options.agnosticNms)
    (bestClassOnly, augments) = (options.bestClass, options.augment)
  }
}

extension MachineRecipe {
  /// Where the command line runs.
  init(
    _ options: MachineOptions, _ precision: PrecisionChoice = .fp32, engine: EngineOptions? = nil
  ) {
    self.init()
    switch engine?.engine {
    case .torch, nil: self.engine = .torch
    case .integer: self.engine = .integer
    }
    self.precision = precision.dtype
    (device, threads) = (options.device.name, options.threads)
  }
}

/// Prepares libtorch as the options say.
func openDevice(_ options: MachineOptions) throws -> Device {
  try openDevice(options.device.name, threads: options.threads)
}

extension DatasetSplit {
  init(_ choice: DataSplitChoice) {
    switch choice {
    case .train: self = .train
    case .valid: self = .valid
    case .test: self = .test
    }
  }
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

/// Refuses what `--model` names unless it is a run folder, and the last weights of one that has
/// none.
///
/// - Parameter option: the option that names the folder.
func requireRunFolder(
  _ folder: String?, weights: String? = nil, option: String = "--model"
) throws {
  guard let folder else { return }
  guard !FileManager.default.fileExists(atPath: "\(folder)/\(RunFiles.cfg)") else {
    if weights == "\(folder)/\(RunFiles.last)", !fileExists("\(folder)/\(RunFiles.last)"),
      fileExists("\(folder)/\(RunFiles.best)")
    {
      throw EngineError.unusableOperand(
        "--weights last",
        reason: RunProgress(of: folder)?.emptiness
          ?? "\(folder) has \(RunFiles.best) alone, as folders of pruned networks do; leave "
          + "'--weights' out")
    }
    return
  }
  var isFolder: ObjCBool = false
  let exists = FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder)
  throw EngineError.unusableOperand(
    "\(option) \(folder)",
    reason: !exists
      ? "no such folder"
      : isFolder.boolValue
        ? "no run folder: it holds no \(RunFiles.cfg)"
        : "a file; name the run folder that it lies in, or use --cfg and --weights")
}

extension FittedNetwork {
  /// The network that the command line names.
  init(_ options: FittedNetworkOptions) throws {
    try requireRunFolder(options.model)
    try self.init(cfg: options.cfg, size: options.size)
  }
}

extension RunDataset {
  /// The data set of a run for a command that needs one; says which it is.
  static func required(
    ofRun folder: String, isQuiet: Bool
  ) throws -> (data: String, isSingleClass: Bool) {
    try requireRunFolder(folder)
    let known = RunDataset(ofRun: folder)
    guard case .known(let data, let isSingleClass) = known else {
      throw EngineError.unusableOperand(
        "--model \(folder)", reason: "\(known.problem(of: folder) ?? ""); name it with --data")
    }
    if !isQuiet { Console.note(note(data, of: folder)) }
    return (data, isSingleClass)
  }
}
