import ArgumentParsing

/// Which channels can be removed.
package enum PruneScopeChoice: String, ExpressibleByArgument, CaseIterable, Sendable {
  /// All that can.
  case all
  /// Those that the earlier Python programs could (docs/formulas.md 6.2).
  case legacy
}

/// What a channel is worth.
package enum ScoreChoice: String, ExpressibleByArgument, CaseIterable, Sendable {
  case gamma, l1, l2
  case geometricMedian = "geometric-median"
  case taylor, hessian, rank, random

  /// Whether the score is measured on pictures.
  var needsPictures: Bool { [.taylor, .hessian, .rank].contains(self) }
}

/// What scores are compared over.
package enum ScoreNormalizationChoice: String, ExpressibleByArgument, CaseIterable, Sendable {
  /// All layers, as they are.
  case global
  /// Each layer's mean is 1.
  case layer
}

/// What every pruning method needs.
package struct PruneOptions: ParsableArguments {
  @OptionGroup package var model: ModelOptions

  @Option(
    help: ArgumentHelp(
      "The data set's .data file; without it, or without labels, mAP is left out.",
      valueName: "file"),
    completion: .file(extensions: ["data"]))
  package var data: String?

  @Option(help: ArgumentHelp("The part of the data set to measure on.", valueName: "part"))
  package var split = DataSplitChoice.valid

  @Option(help: "Layers that may lose channels.")
  package var scope = PruneScopeChoice.all

  @Option(
    help: ArgumentHelp(
      "What a channel is worth; the method's own unless given. taylor, hessian and rank are "
        + "measured on --data.", valueName: "score"))
  package var score: ScoreChoice?

  @Option(help: ArgumentHelp("What scores are compared over.", valueName: "kind"))
  package var normalize = ScoreNormalizationChoice.global

  @Flag(help: "Prune more than is safe.")
  package var force = false

  @Flag(help: "Re-estimate normalisation statistics on training pictures of --data.")
  package var recalibrate = false

  @Flag(
    help: ArgumentHelp(
      "Multiply the scales that are left, up to about 1, and divide the weights after them: outputs "
        + "stay, fine-tuning may take fewer epochs."))
  package var restoreScales = false

  @Flag(
    help: "Measure mAP at shares from 10% to 90% first, and refuse what lies beyond the cliff.")
  package var curve = false

  @Flag(help: "Print what is tied, what is kept and why, and the difference to legacy.")
  package var explain = false

  @OptionGroup package var inputSize: InputSizeOptions

  @Option(help: ArgumentHelp("Pictures per pass through the network.", valueName: "n"))
  package var batchSize = 16

  @Option(help: ArgumentHelp("The definition of average precision.", valueName: "kind"))
  package var ap = AveragePrecisionChoice.coco

  @Option(
    help: ArgumentHelp(
      "Seed of whatever is drawn: random scores and candidates, resamples, pictures for the proof "
        + "where there is no data.", valueName: "n"))
  package var seed: UInt64 = 0

  @OptionGroup package var folder: RunFolderOptions
  @OptionGroup package var machine: MachineOptions
  @OptionGroup package var report: ReportOptions

  @Option(name: .customLong("truncated_layer"), help: .hidden) var truncatedLayer: Int?
  @Flag(name: .customLong("gray-scale"), help: .hidden) var grayScale = false

  package init() {}

  package func validate() throws {
    try requirePath("--data", data)
    try require("--batch-size", batchSize, in: 1...65_536)
    try require(
      data != nil || !recalibrate, "'--recalibrate' needs the pictures of a '--data' file")
    try require(data != nil || !curve, "'--curve' needs the pictures of a '--data' file")
    if let score, score.needsPictures, data == nil {
      throw ValidationError("'--score \(score.rawValue)' is measured on the pictures of '--data'")
    }
  }

  var notices: [String] {
    var notices: [String] = []
    if truncatedLayer != nil {
      notices.append("'--truncated_layer' changes nothing: the limits come from the network")
    }
    if grayScale {
      notices.append("'--gray-scale' changes nothing: pictures are read with the cfg's channels")
    }
    return notices
  }
}
