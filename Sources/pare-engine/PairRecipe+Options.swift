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
  /// The pair that the command line names: by its files, or by the folder of a run, which has to be one.
  init(
    _ model: ModelOptions, _ feeding: FeedingRecipe, _ scale: InputScaleOptions? = nil
  ) throws {
    try RunFolder.require(model.folder, weights: model.weights)
    self.init(cfg: model.cfg, weights: model.weights)
    inputScale = scale?.inputScale
    self.feeding = feeding
  }
}

extension FeedingRecipe {
  /// What the command line asks for in place of what a pair says.
  init(_ options: FeedingOptions, _ size: InputSizeOptions) {
    self.init(size)
    (resize, nms) = (options.resize?.fit, options.nms)
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
