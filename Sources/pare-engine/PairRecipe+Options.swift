import Boxes
import Commands
import Darknet
import Datasets
import Inference
import Networks
import Runs
import Torch
import Training
import Vision

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
    self.init(size)
    (resize, nms) = (options.resize?.fit, options.nms?.method)
  }

  /// What the command line asks for of the size alone.
  init(_ size: InputSizeOptions) {
    self.init()
    if let size = size.size { (width, height) = (size.width, size.height) }
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
