import ArgumentParsing
import Boxes
import Darknet

/// How weights and activations come to their codes, by pictures alone.
package enum QuantizationSchemeChoice: String, ExpressibleByArgument, CaseIterable, Sendable {
  /// Steps over observed ranges.
  case google
  /// The tanh of the weights on equal steps.
  case dorefa
  /// Steps that are powers of two.
  case pow2
  /// Weights of -1, 0 and 1.
  case ternary
  /// Weights of -1 and 1.
  case binary
}

/// How the range of an activation is chosen.
package enum CalibrationChoice: String, ExpressibleByArgument, CaseIterable, Sendable {
  case minMax = "min-max"
  case percentile, mse, entropy, unilateral, cosine
}

/// Which of its neighbours on the grid a weight takes.
package enum RoundingChoice: String, ExpressibleByArgument, CaseIterable, Sendable {
  case nearest, layers, blocks
}

/// What the quantized network is for, where that asks for something.
package enum QuantizationTarget: String, ExpressibleByArgument, CaseIterable, Sendable {
  /// x86 without VNNI: its products of bytes are added in pairs, in 16 bits that saturate.
  case cpuAVX2 = "cpu-avx2"

  /// The most bits that weights may have.
  package var mostWeightBits: Int {
    switch self {
    case .cpuAVX2: 7
    }
  }
}

/// Which convolutions see the picture or are read by heads, and what becomes of them.
package enum EndsChoice: String, ExpressibleByArgument, CaseIterable, Sendable {
  case same, float
  case eightBits = "8"
}

/// `pare quantize`.
package struct QuantizeCommand: PictureReadingCommand {
  package static let configuration = CommandConfiguration(
    commandName: "quantize",
    abstract:
      "Puts a trained network's weights and activations on whole numbers, by pictures alone.",
    discussion: """
      Training pictures show what values each layer gives; ranges and steps are chosen from \
      that. Then mAP is measured of both networks, with an interval of what was lost. The output is \
      the pair as it was, and beside it model.quantization.safetensors with codes and steps; 'test' \
      and 'detect' use it when it lies beside the weights. libtorch simulates its arithmetic: as exact as \
      whole numbers are, not faster. '--engine integer' computes with whole numbers alone.
      """)

  @OptionGroup(title: "Network and data options") package var model: ModelOptions

  @Option(
    help: ArgumentHelp(
      "The data set's .data file; that of the run unless given. Its training pictures calibrate.",
      valueName: "file", section: "Network and data options"),
    completion: .file(extensions: ["data"]))
  package var data: String?

  @Option(
    help: ArgumentHelp(
      "The split of the data set to measure on.", valueName: "split",
      section: "Network and data options"))
  package var split = DataFile.Split.valid

  @Option(
    help: ArgumentHelp(
      "Measure mAP on this many pictures of the split, spread over it; on all unless given.",
      valueName: "n", section: "Network and data options"))
  package var pictures: Int?

  @Flag(
    help: ArgumentHelp(
      "Treat all classes of the data set as one; the cfg must have one class then.",
      section: "Network and data options"))
  package var singleCls = false

  @OptionGroup(title: "Network and data options") package var inputSize: InputSizeOptions
  @OptionGroup(title: "Network and data options") package var scale: InputScaleOptions
  @OptionGroup(title: "Network and data options") package var feeding: FeedingOptions

  @Option(
    help: ArgumentHelp(
      "How weights and activations come to their codes (docs/formulas.md 10).",
      section: "Quantization options"))
  package var scheme = QuantizationSchemeChoice.google

  @Option(
    name: [.customLong("w-bit"), .customLong("weight-bits")],
    help: ArgumentHelp(
      "Bits of weights, 2 to 16: 8, or 7 with '--target cpu-avx2'.", valueName: "n",
      section: "Quantization options"))
  var givenWeightBits: Int?

  /// Bits of weights.
  package var weightBits: Int { givenWeightBits ?? target?.mostWeightBits ?? 8 }

  @Option(
    name: [.customLong("a-bit"), .customLong("activation-bits")],
    help: ArgumentHelp(
      "Bits of activations, 2 to 16.", valueName: "n", section: "Quantization options"))
  package var activationBits = 8

  @Option(
    help: ArgumentHelp(
      "What the network is for: cpu-avx2 is a CPU without VNNI, whose 16-bit sums of two products "
        + "saturate unless weights have 7 bits, in every layer.", valueName: "target",
      section: "Quantization options"))
  package var target: QuantizationTarget?

  @Option(
    help: ArgumentHelp(
      "Points of mAP@0.5 and of mAP@0.5:0.95 that may be lost: where more are, activations of "
        + "layers get 16 bits and their weights 12, or what '--target' allows, the worst first, until "
        + "it holds; where that is not "
        + "enough, they are float.",
      valueName: "points",
      section: "Quantization options"), transform: points)
  package var maxDrop: Double?

  @Option(
    help: ArgumentHelp(
      "Bytes of weights and biases that remain, such as 1.5MB, or 30% of the float weights: bits of "
        + "weights, 2 to 8, are chosen layer by layer, but for those that '--ends 8' leaves 8; not with "
        + "'--max-drop'.",
      valueName: "amount",
      section: "Quantization options"),
    transform: { try Budget($0, units: ["B": 1, "": 1]) })
  package var budget: Budget?

  @Option(
    help: ArgumentHelp(
      "How ranges of activations are chosen: min-max with 8 bits or more, mse with fewer, unless "
        + "given; cosine is of powers of two only.",
      section: "Quantization options"))
  package var calibration: CalibrationChoice?

  @Option(
    help: ArgumentHelp(
      "The share of values, in percent, that a range by percentile reaches up to; as many are left "
        + "away at its lower end.", valueName: "percent", section: "Quantization options"))
  package var percentile = 99.99

  @Option(
    help: ArgumentHelp(
      "First and last layers: as the others, at 8 bits or more, or float. float with dorefa, 8 with "
        + "fewer than 8 bits, unless given.", section: "Quantization options"))
  package var ends: EndsChoice?

  @Option(
    help: ArgumentHelp(
      "A file with bits of single layers, a line each: layer, bits of its weights, bits of what it "
        + "reads; 'float' for either. '#' begins a comment.", valueName: "file",
      section: "Quantization options"), completion: .file())
  package var layerBits: String?

  @Flag(
    help: ArgumentHelp(
      "One step for all weights of a layer, not one for each output channel.",
      section: "Quantization options"))
  package var perTensor = false

  @Flag(
    help: ArgumentHelp(
      "Choose the steps of weights by the least squared error; so it is with less than 8 bits.",
      section: "Quantization options"))
  package var weightMse = false

  @Flag(
    inversion: .prefixedNo,
    help: ArgumentHelp(
      "Even out how far the channels between two convolutions reach, which leaves the network's "
        + "outputs as they are. On with google and pow2; the others cannot.",
      section: "Quantization options"))
  package var equalize: Bool?

  @Option(
    help: ArgumentHelp(
      "Which of its neighbours on the grid a weight takes: the nearest, or the one by which layers, "
        + "or blocks of layers, give again what they gave in float, learned on calibration "
        + "pictures. Unless given it is the nearest with google and weights of 8 bits or more, each "
        + "channel on its own step, and no depthwise convolution; else layers with google and pow2, for "
        + "the others cannot.",
      section: "Quantization options"))
  package var rounding: RoundingChoice?

  @Option(
    help: ArgumentHelp(
      "Steps in which each layer or block learns to round, on 4 of up to 32 pictures at a time; 80 "
        + "unless given. With more steps there are more pictures.", valueName: "n",
      section: "Quantization options"))
  package var roundingSteps: Int?

  @Flag(
    help: ArgumentHelp(
      "Move biases by what rounding shifts the means of the channels, measured on calibration "
        + "pictures.", section: "Quantization options"))
  package var correctBias = false

  @Flag(
    help: ArgumentHelp(
      "Give a shortcut's sum and its summands one step.", section: "Quantization options"))
  package var sharedShortcuts = false

  @Option(
    help: ArgumentHelp(
      "Training pictures to calibrate with, spread over their list.", valueName: "n",
      section: "Quantization options"))
  package var calibrationPictures = 256

  @Flag(
    help: ArgumentHelp(
      "Calibrate with pictures that are also in 'valid' or 'test', or that '--split train' "
        + "measures on.",
      section: "Quantization options"))
  package var force = false

  @Flag(
    help: ArgumentHelp(
      "Also measure each layer: range, share of values beyond it, signal to noise, and how it "
        + "changes mAP alone, which takes an evaluation each; with a report.html.",
      section: "Report options"))
  package var explain = false

  @Option(
    help: ArgumentHelp(
      "The definition of average precision.", valueName: "kind", section: "Report options"))
  package var ap = EvaluationStyle.coco

  @Flag(
    help: ArgumentHelp(
      "Quantize nothing: compare the codes of every layer of a quantized pair, in libtorch and in whole "
        + "numbers, on --source; the first that differs is told, with status 1.",
      section: "Check options"))
  package var verify = false

  @Option(
    help: ArgumentHelp(
      "Quantize nothing: write what every layer of a quantized pair reads, has and gives for the first "
        + "picture of --source, as .npy files (docs/formats.md).", valueName: "dir",
      section: "Check options"), completion: .directory)
  package var dump: String?

  @Option(
    help: ArgumentHelp(
      "The only layer to dump, by its index in the cfg.", valueName: "n", section: "Check options"))
  package var layer: Int?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Pictures, folders or lists for '--verify' and '--dump'.", valueName: "source",
      section: "Check options"), completion: .file())
  package var source: [String] = []

  @OptionGroup(title: "Run options") package var folder: RunFolderOptions

  @Option(
    help: ArgumentHelp(
      "Pictures per pass through the network.", valueName: "n", section: "Run options"))
  package var batchSize = 8

  @Option(help: ArgumentHelp("Seed of the resamples.", valueName: "n", section: "Run options"))
  package var seed: UInt64 = 0

  @OptionGroup(title: "Machine options") package var machine: MachineOptions
  @OptionGroup(title: "Machine options") package var pictureOptions: PictureOptions
  @OptionGroup(title: "Report options") package var report: ReportOptions

  // Of PTQ.py.
  @Option(name: .customLong("subset_len"), help: .hidden) var subsetLength: Int?
  @Option(name: .customLong("shortcut_way"), help: .hidden) var shortcutWay: Int?
  @Flag(help: .hidden) var augment = false
  @OptionGroup(title: "Old options", visibility: .hidden) var legacyPictures: LegacyPictureOptions

  package init() {}

  /// Whether a quantized pair is looked at, and nothing is quantized.
  package var isCheck: Bool { verify || dump != nil }

  package mutating func validate() throws {
    try scale.fold(legacyPictures)
    try refuse(
      "--augment", augment,
      "'pare test --augment' measures the quantized pair on flipped and smaller "
        + "pictures too")
    try requirePath("--data", data)
    try requirePath("--dump", dump)
    for source in source { try requirePath("--source", source) }
    try require(
      isCheck || data != nil || model.folder != nil, "Missing expected argument '--data <file>'")
    try require(
      !isCheck || !source.isEmpty,
      "'\(verify ? "--verify" : "--dump")' needs pictures: '--source' with files or a folder")
    try require(
      isCheck || source.isEmpty, "'--source' belongs to '--verify' and '--dump'")
    try require(dump != nil || layer == nil, "'--layer' belongs to '--dump'")
    let quantizing = [
      ("--w-bit", givenWeightBits != nil), ("--layer-bits", layerBits != nil),
      ("--calibration", calibration != nil), ("--max-drop", maxDrop != nil),
      ("--budget", budget != nil), ("--target", target != nil), ("--ends", ends != nil),
      ("--rounding", rounding != nil), ("--explain", explain), ("--output", folder.output != nil),
    ]
    let idle = quantizing.first { $0.1 }?.0 ?? ""
    try require(
      !isCheck || idle.isEmpty,
      "'\(idle)' is for quantizing; '--verify' and '--dump' look at what is quantized")
    try require("--layer", layer, in: 0...100_000)
    if let subsetLength {
      try require("--subset_len", subsetLength, in: -1...10_000_000)
      calibrationPictures = subsetLength < 1 ? 10_000_000 : subsetLength
    }
    if let shortcutWay {
      try require("--shortcut_way", shortcutWay, in: 1...2)
      sharedShortcuts = shortcutWay == 2
    }
    try requirePath("--layer-bits", layerBits)
    try require("--w-bit", weightBits, in: 2...16)
    if let target {
      try require(
        weightBits <= target.mostWeightBits,
        "'--w-bit \(weightBits)' saturates the 16-bit sums of '--target \(target.rawValue)': "
          + "expected \(target.mostWeightBits) or less")
    }
    try require(
      givenWeightBits == nil || scheme != .ternary && scheme != .binary,
      "'--scheme \(scheme.rawValue)' has its own bits of weights; leave out '--w-bit'")
    try require("--max-drop", maxDrop, in: 0...100)
    try require(
      budget == nil || givenWeightBits == nil && target == nil,
      "'--budget' chooses bits of weights, which '--w-bit' and '--target' say")
    try require(
      budget == nil || layerBits == nil,
      "'--budget' chooses bits of layers, which '--layer-bits' says"
    )
    try require(
      budget == nil || maxDrop == nil,
      "'--budget' and '--max-drop' both choose bits, for a size and for a loss: give one of them")
    try require(
      budget == nil || scheme == .google || scheme == .pow2,
      "'--budget' belongs to '--scheme google' and '--scheme pow2'")
    try require("--a-bit", activationBits, in: 2...16)
    try require("--pictures", pictures, in: 1...10_000_000)
    try require("--calibration-pictures", calibrationPictures, in: 1...10_000_000)
    try require("--batch-size", batchSize, in: 1...65_536)
    try require(
      percentile > 50 && percentile <= 100,
      "'--percentile \(percentile)' is a share in percent: expected more than 50 and at most 100")
    try require(
      calibration == .percentile || percentile == 99.99,
      "'--percentile' belongs to '--calibration percentile'")
    let isUniform = scheme == .google || scheme == .pow2
    try require(
      equalize != true || isUniform,
      "'--equalize' belongs to '--scheme google' and '--scheme pow2'")
    try require(
      rounding == nil || rounding == .nearest || isUniform,
      "'--rounding \(rounding?.rawValue ?? "")' belongs to '--scheme google' and '--scheme pow2'")
    try require("--rounding-steps", roundingSteps, in: 1...100_000)
    try require(
      roundingSteps == nil || isUniform && rounding != .nearest,
      "'--rounding-steps' belongs to '--rounding layers' and '--rounding blocks'")
    try require(
      calibration != .cosine || scheme == .pow2,
      "'--calibration cosine' chooses powers of two: it belongs to '--scheme pow2'")
  }

  package var picturesPerPass: Int? { batchSize }

  package var notices: [String] {
    var notices = legacyPictures.notices
    if target == .cpuAVX2, scheme != .ternary, scheme != .binary {
      notices.append(
        "weights have \(weightBits) bits"
          + (givenWeightBits == nil
            ? ": without VNNI two products are added in 16 bits, which 8 bits saturate"
            : ", which the 16-bit sums of '--target cpu-avx2' hold"))
    }
    return notices
  }
}
