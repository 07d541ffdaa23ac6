import Darknet
import Datasets
import Loading
import Vision

/// What training makes of the keys of a cfg that are about training in Darknet.
///
/// Every key that the cfg's reader knows has a ``Role`` here, so that none is read and then left
/// out without a word.
public enum TrainingKeys {
  /// What becomes of a key.
  enum Role: Hashable {
    /// It is part of what the network computes or is fed with, in training as anywhere else.
    case network
    /// Training follows it, unless an option says otherwise.
    case followed
    /// Where it says that colours stay as they are, training follows it; `--hsv` counts otherwise.
    case color(same: Double)
    /// The loss follows it, or names it in a line of its own (``DetectionLoss/notes(on:)``).
    case loss
    /// The preset of the loss has a value of its own.
    case preset
    /// It steers how Darknet's program runs, and changes nothing that is learned.
    case program
    /// Training goes by an option of its own in its place.
    case option(String, neutral: Double? = nil)
    /// Training has no such thing; it is missed where the value is another than `neutral`.
    case missing(neutral: Double = 0)
  }

  /// The roles of a section's keys; nil for a key that is unknown there.
  static func role(of key: String, in section: String) -> Role? {
    switch section {
    case "net", "network": net[key]
    case "yolo", "Gaussian_yolo": heads[key] ?? anyLayer[key]
    case "region": region[key] ?? anyLayer[key]
    default: layers[key] ?? anyLayer[key]
    }
  }

  private static func table(_ groups: [(Role, String)]) -> [String: Role] {
    var table: [String: Role] = [:]
    for (role, keys) in groups {
      for key in keys.split(separator: " ") { table[String(key)] = role }
    }
    return table
  }

  static let net = table([
    (.network, "width height channels inputs"),
    (.followed, "angle flip mosaic letter_box"),
    (.color(same: 1), "saturation exposure"),
    (.color(same: 0), "hue"),
    (.option("--batch-size"), "batch"),
    (.option("--nominal-batch"), "subdivisions"),
    (.option("--learning-rate"), "learning_rate"),
    (.option("--final-learning-rate"), "learning_rate_min"),
    (.option("--momentum"), "momentum"),
    (.option("--weight-decay"), "decay"),
    (.option("--warmup-steps"), "burn_in"),
    (.option("--epochs"), "max_batches"),
    (
      .option("--final-learning-rate"),
      "policy steps scales step scale seq_scales gamma power batches_per_cycle batches_cycle_mult"
    ),
    (.option("--optimizer adam", neutral: 0), "adam B1 B2 eps"),
    (.option("--ema", neutral: 0), "ema_alpha"),
    (.option("--scale", neutral: 0), "max_crop min_crop"),
    (.option("--multi-scale", neutral: 32), "resize_step"),
    (
      .program,
      "max_chart_loss optimized_memory show_details use_cuda_graph workspace_size_limit_MB"
    ),
    (.missing(neutral: 1), "aspect loss_scale max_ratio min_ratio time_steps"),
    (
      .missing(),
      "dynamic_minibatch init_sequential_subdivisions label_smooth_eps mini_batch "
        + "sequential_subdivisions track try_fix_nan "
        + "adversarial_lr attention augment_speed badlabels_reject_threshold "
        + "badlabels_rejection_percentage blur burnin_update center clip contrastive "
        + "contrastive_color contrastive_jit_flip cutmix equidistant_point gaussian_noise mixup "
        + "mosaic_bound notruth num_sigmas_reject_badlabels unsupervised weights_reject_freq"
    ),
  ])

  static let heads = table([
    (
      .network,
      "anchors beta_nms classes from mask new_coords nms_kind num scale_x_y yolo_point"
    ),
    (
      .preset,
      "cls_normalizer ignore_thresh iou_loss iou_normalizer iou_thresh max_delta obj_normalizer "
        + "truth_thresh"
    ),
    (.loss, "label_smooth_eps objectness_smooth"),
    (.option("--multi-scale", neutral: 0), "random"),
    (.option("--scale and --translate", neutral: 0), "jitter"),
    (.option("--scale", neutral: 1), "resize"),
    (
      .program,
      "detection_gate dets_for_show dets_for_track max show_details sim_thresh track_ciou_norm "
        + "track_history_size"
    ),
    (.missing(neutral: 1), "delta_normalizer uc_normalizer"),
    (
      .missing(),
      "counters_per_class embedding_layer focal_loss iou_thresh_kind map"
    ),
  ])

  static let region = table([
    (.network, "anchors background classes coords num softmax softmax_tree tree"),
    (
      .loss,
      "bias_match class_scale coord_scale noobject_scale object_scale rescore thresh"
    ),
    (.option("--multi-scale", neutral: 0), "random"),
    (.option("--scale and --translate", neutral: 0), "jitter"),
    (.option("--scale", neutral: 1), "resize"),
    (.program, "max"),
    (.missing(neutral: 1), "mask_scale"),
    (
      .missing(),
      "absolute classfix focal_loss log map sqrt"
    ),
  ])

  /// Keys that any layer may have.
  private static let anyLayer = table([
    (.network, "dontload dontloadscales"),
    (.program, "stream wait_stream_id"),
    (
      .missing(),
      "burnin_update clip dont_update learning_rate onlyforward stopbackward train_only_bn"
    ),
  ])

  /// Keys of the other layers; those that change what a layer computes in ways that are not offered
  /// are refused when the cfg is read, unless they are 0.
  private static let layers = table([
    (
      .network,
      "activation antialiasing assisted_excitation avg_relu batch_normalize bin_output binary "
        + "coordconv deform dilation filters flipped from group_id groups "
        + "layers maxpool_depth maxpool_zero_nonmax pad padding probability reduction reverse "
        + "rotate scale scale_wh share_index size squeeze stretch stretch_sway stride stride_x "
        + "stride_y sway weights_normalization weights_normalizion weights_type xnor"
    ),
    (.missing(), "angle dot dropblock dropblock_size_abs dropblock_size_rel grad_centr"),
    (.program, "out_channels use_bin_output"),
  ])

  /// What training does with the keys of a network's cfg.
  public struct Outcome: Hashable, Sendable {
    /// Those that it follows, as "flip=0".
    public var followed: [String] = []
    /// Those of ``followed`` without which it would do something else.
    public var deciding: [String] = []
    /// Those of the schedule, in whose place options count, as "learning_rate (--learning-rate)".
    public var schedule: [String] = []
    /// Others with an option in their place.
    public var replaced: [String] = []
    /// Those in whose place the preset of the loss counts.
    public var loss: [String] = []
    /// Those that training has nothing like, as "mixup=1".
    public var missed: [String] = []
    /// Those that steer how Darknet's program runs.
    public var ofProgram: [String] = []

    /// One short line for the start of a run, of what decides and of what does not count; nil where
    /// there is nothing to say. ``facts`` has every key.
    public var line: String? {
      var parts: [String] = []
      if !deciding.isEmpty { parts.append("\(deciding.joined(separator: ", ")) followed") }
      if !missed.isEmpty { parts.append("\(missed.joined(separator: ", ")) ignored") }
      let kinds = [
        ("schedule", schedule), ("loss", loss), ("augmentation", replaced),
      ].filter { !$0.1.isEmpty }.map(\.0)
      if !kinds.isEmpty {
        parts.append(
          "its keys for \(kinds.joined(separator: ", ")) do not count, options do")
      }
      return parts.isEmpty ? nil : "cfg: \(parts.joined(separator: "; ")) (all in report.html)"
    }

    /// Every key, for the run's page.
    public var facts: [RunDescription.Fact] {
      [
        ("cfg keys that are followed", followed),
        ("cfg keys with an option in their place", schedule + replaced),
        ("cfg keys with the loss preset in their place", loss),
        ("cfg keys that there is nothing like", missed),
        ("cfg keys of Darknet's own program, which change nothing that is learned", ofProgram),
      ].filter { !$0.1.isEmpty }.map { .init($0.0, $0.1.joined(separator: ", ")) }
    }
  }

  /// Options that say how long and how fast is learned.
  private static let scheduleOptions: Set = [
    "--batch-size", "--nominal-batch", "--learning-rate", "--final-learning-rate", "--momentum",
    "--weight-decay", "--warmup-steps", "--epochs",
  ]

  /// What training does with the keys of a network's cfg.
  ///
  /// - Parameter options: what the training does.
  public static func outcome(for spec: NetworkSpec, options: TrainingOptions) -> Outcome {
    let overruled = overruledKeys(spec.net, options)
    var outcome = Outcome()
    func add(_ text: String, _ list: WritableKeyPath<Outcome, [String]>) {
      if !outcome[keyPath: list].contains(text) { outcome[keyPath: list].append(text) }
    }
    let deciding = keys(of: spec.net, thatChange: .legacy, fit: .letterbox)
    func follow(_ key: String, _ text: String) {
      add(text, \.followed)
      if deciding.contains(key) { add(text, \.deciding) }
    }
    for section in spec.configuration.sections {
      var seen: Set<String> = []
      for entry in section.entries where seen.insert(entry.key).inserted {
        let number = Double(entry.value.filter { $0 != " " })
        let whole = "\(entry.key)=\(entry.value)"
        switch role(of: entry.key, in: section.name) {
        case .followed where !overruled.contains(entry.key):
          if entry.key != "angle" || number != 0 { follow(entry.key, whole) }
        case .color(let same) where number == same:
          if !overruled.contains(entry.key) { follow(entry.key, whole) }
        case .color: add("\(entry.key) (--hsv)", \.replaced)
        case .option(let option, let neutral) where neutral == nil || number != neutral:
          add(
            "\(entry.key) (\(option))",
            scheduleOptions.contains(option) ? \.schedule : \.replaced)
        case .preset where entry.key != "ignore_thresh" || section["objectness_smooth"] != "1":
          add(whole, \.loss)
        case .missing(let neutral) where number != neutral: add(whole, \.missed)
        case .program: add(whole, \.ofProgram)
        // Nothing knows it.
        case nil: add(whole, \.missed)
        default: break
        }
      }
    }
    return outcome
  }

  /// Keys that the training goes against because it was told to.
  private static func overruledKeys(_ net: NetSpec, _ options: TrainingOptions) -> Set<String> {
    keys(of: net, thatChange: options.augmentation, fit: options.feeding.fit)
      .union(options.isRectangular && net.mosaic ? ["mosaic"] : [])
  }

  /// Keys by which a training that follows the cfg would do something else.
  private static func keys(
    of net: NetSpec, thatChange actual: AugmentationSettings, fit: PictureFit
  ) -> Set<String> {
    var followed = actual
    followed.follow(net)
    let pairs: [(String, Bool)] = [
      ("flip", followed.horizontalFlip == actual.horizontalFlip),
      ("angle", followed.degrees == actual.degrees), ("mosaic", followed.mosaic == actual.mosaic),
      ("letter_box", fit == (net.letterBox ? .letterbox : .darknet)),
      ("saturation", followed.saturation == actual.saturation),
      ("exposure", followed.value == actual.value), ("hue", followed.hue == actual.hue),
    ]
    return Set(pairs.filter { !$0.1 }.map(\.0))
  }
}

extension AugmentationSettings {
  /// Takes from a cfg what it says and ours can do: whether pictures are mirrored (`flip`), how far
  /// they are turned (`angle`), whether four are put together (`mosaic`), and that colours stay
  /// (`saturation` and `exposure` of 1, `hue` of 0). How much colours change otherwise follows
  /// another law in Darknet and stays ours. A key that is not there changes nothing.
  public mutating func follow(_ net: NetSpec) {
    if net.raw["flip"] != nil { horizontalFlip = net.flip ? 0.5 : 0 }
    if net.raw["angle"] != nil { degrees = min(abs(net.rotationDegrees), 180) }
    if net.raw["mosaic"] != nil { mosaic = net.mosaic ? 1 : 0 }
    if net.raw["saturation"] != nil, net.saturation == 1 { saturation = 0 }
    if net.raw["exposure"] != nil, net.exposure == 1 { value = 0 }
    if net.raw["hue"] != nil, net.hue == 0 { hue = 0 }
  }
}
