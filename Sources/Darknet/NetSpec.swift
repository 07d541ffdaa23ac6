/// The `[net]` section: input size and Darknet's training options, in the field's words.
public struct NetSpec: Hashable, Sendable {
  /// How the learning rate changes over training (`policy`).
  public enum Policy: String, Hashable, Sendable, CaseIterable {
    case constant, step, steps, exp, poly, sig, random
    /// Cosine annealing with restarts.
    case sgdr
  }

  /// Input width in pixels, 1...16384.
  public var width: Int
  /// Input height in pixels, 1...16384.
  public var height: Int
  /// Input channels: 3 for colour, 1 for gray.
  public var channels: Int
  /// Pictures per optimizer step (`batch`).
  public var batchSize: Int
  /// Parts that a batch is computed in (`subdivisions`).
  public var accumulationSteps: Int
  /// Peak learning rate (`learning_rate`).
  public var learningRate: Double
  /// Momentum of SGD.
  public var momentum: Double
  /// Weight decay (`decay`).
  public var weightDecay: Double
  /// Optimizer steps of warm-up (`burn_in`).
  public var warmupSteps: Int
  /// Optimizer steps of the whole training (`max_batches`); 0 when the cfg does not say.
  public var totalSteps: Int
  /// How the learning rate changes.
  public var policy: Policy
  /// With ``Policy/steps``: the optimizer steps at which the rate is multiplied …
  public var steps: [Int]
  /// … and by what (`scales`); as long as ``steps``.
  public var scales: [Double]
  /// Random rotation in degrees, either way (`angle`).
  public var rotationDegrees: Double
  /// Random factor of saturation, 1 for none.
  public var saturation: Double
  /// Random factor of value, 1 for none.
  public var exposure: Double
  /// Random shift of hue, as a fraction of the circle.
  public var hue: Double
  /// Whether training pictures are mirrored at random (`flip`, on unless 0).
  public var flip: Bool
  /// Whether four pictures are joined into one (`mosaic`).
  public var mosaic: Bool
  /// Whether pictures keep their aspect ratio, with bars (`letter_box`); Darknet stretches else.
  public var letterBox: Bool
  /// Decay of the moving average of the weights (`ema_alpha`), 0 for none.
  public var emaDecay: Double
  /// The section as it was written.
  public var raw: Configuration.Section
}

extension NetSpec {
  /// The most pixels that one side of the input may have.
  public static let maximumSize = 16384

  init(_ reader: inout SectionReader) throws(ConfigurationError) {
    raw = reader.section
    width = try reader.requiredInteger("width", in: 1...Self.maximumSize)
    height = try reader.requiredInteger("height", in: 1...Self.maximumSize)
    channels = try reader.requiredInteger("channels", in: 1...1024)
    batchSize = try reader.integer("batch", in: 1...1_000_000, default: 1)
    accumulationSteps = try reader.integer("subdivisions", in: 1...1_000_000, default: 1)
    learningRate = try reader.number("learning_rate", in: 0...1000, default: 0.001)
    momentum = try reader.number("momentum", in: 0...1, default: 0.9)
    weightDecay = try reader.number("decay", in: 0...1000, default: 0.0001)
    warmupSteps = try reader.integer("burn_in", in: 0...1_000_000_000, default: 0)
    totalSteps = try reader.integer("max_batches", in: 0...1_000_000_000, default: 0)
    policy = try reader.word("policy", default: .constant)
    steps = try reader.integers("steps") ?? []
    scales = try reader.numbers("scales") ?? []
    if policy == .steps && steps.count != scales.count {
      throw .mismatch(
        "[\(raw.name)] has \(steps.count) 'steps' and \(scales.count) 'scales', "
          + "expected as many of one as of the other", at: reader.place(of: "steps"))
    }
    rotationDegrees = try reader.number("angle", in: -360...360, default: 0)
    saturation = try reader.number("saturation", in: 0...1000, default: 1)
    exposure = try reader.number("exposure", in: 0...1000, default: 1)
    hue = try reader.number("hue", in: -1...1, default: 0)
    flip = try reader.flag("flip", default: true)
    mosaic = try reader.flag("mosaic")
    letterBox = try reader.flag("letter_box")
    emaDecay = try reader.number("ema_alpha", in: 0...1, default: 0)
    reader.know(Self.otherKeys)
  }

  /// Keys of Darknet that concern its own training program only.
  private static let otherKeys = [
    "B1", "B2", "adam", "adversarial_lr", "aspect", "attention", "augment_speed",
    "badlabels_reject_threshold", "badlabels_rejection_percentage", "batches_cycle_mult",
    "batches_per_cycle", "blur", "burnin_update", "center", "clip", "contrastive",
    "contrastive_color", "contrastive_jit_flip", "cutmix", "dynamic_minibatch", "eps",
    "equidistant_point", "gamma", "gaussian_noise", "init_sequential_subdivisions", "inputs",
    "label_smooth_eps", "learning_rate_min", "loss_scale", "max_chart_loss", "max_crop",
    "max_ratio", "min_crop", "min_ratio", "mini_batch", "mixup", "mosaic_bound", "notruth",
    "num_sigmas_reject_badlabels", "optimized_memory", "power", "resize_step", "scale",
    "seq_scales", "sequential_subdivisions", "show_details", "step", "time_steps", "track",
    "try_fix_nan", "unsupervised", "use_cuda_graph", "weights_reject_freq",
    "workspace_size_limit_MB",
  ]
}
