import ArgumentParsing
import Boxes
import Darknet

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
  package var needsPictures: Bool {
    switch self {
    case .taylor, .hessian, .rank: true
    case .gamma, .l1, .l2, .geometricMedian, .random: false
    }
  }
}

/// What scores are compared over.
package enum ScoreNormalizationChoice: String, ExpressibleByArgument, CaseIterable, Sendable {
  /// All layers, as they are.
  case global
  /// Each layer's mean is 1.
  case layer
}

/// The pictures that a pruning is measured on.
package struct PrunePictureOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The data set's .data file; that of the run unless given. Without one, or without labels, mAP "
        + "is left out: --cfg and --weights in place of --model prune without pictures.",
      valueName: "file"),
    completion: .file(extensions: ["data"]))
  package var data: String?

  @Option(
    help: ArgumentHelp(
      "The split of the data set to measure on; valid unless given.", valueName: "split"))
  package var split: DataFile.Split?

  @Option(
    help: ArgumentHelp(
      "Measure mAP on this many pictures of the split, spread over it; on all unless given.",
      valueName: "n"))
  package var pictures: Int?

  @Flag(help: "Treat all classes of the data set as one; the cfg must have one class then.")
  package var singleCls = false

  /// The words that name the data set again.
  package var words: [String] {
    ["--data", data ?? NextCommand.Placeholder.data.rawValue]
      + (singleCls ? ["--single-cls"] : [])
  }

  package init() {}

  package func validate() throws {
    try requirePath("--data", data)
    try require("--pictures", pictures, in: 1...10_000_000)
  }
}

/// What every channel method can be told about channels.
package struct PruneChannelOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Layers that may lose channels: all that can, or those that earlier Python programs took "
        + "(legacy).", valueName: "layers"))
  package var scope = PruneScopeChoice.all

  @Option(
    help: ArgumentHelp(
      "What a channel is worth; the method's own unless given. taylor, hessian and rank are "
        + "measured on the data set's training pictures.", valueName: "score"))
  package var score: ScoreChoice?

  @Option(help: ArgumentHelp("What scores are compared over.", valueName: "kind"))
  package var normalize = ScoreNormalizationChoice.global

  @Flag(
    help: ArgumentHelp(
      "Prune what is refused without it: a share at which a layer would lose all its channels (such a "
        + "layer keeps its best one), and one at which --curve found that more than 5 points are lost. "
        + "It overwrites nothing; that is --overwrite."))
  package var force = false

  @Flag(help: "Re-estimate normalisation statistics on the data set's training pictures.")
  package var recalibrate = false

  @Flag(
    help: ArgumentHelp(
      "Multiply the scales that are left, up to about 1, and divide the weights after them: outputs "
        + "stay, fine-tuning may take fewer epochs."))
  package var restoreScales = false

  package init() {}
}

/// What is asked of a pruning before it is written.
package struct PruneJudgementOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Refuse to write a network that lost more points of mAP@0.5 or mAP@0.5:0.95 than this.",
      valueName: "points"), transform: points)
  package var maxLoss: Double?

  @Flag(
    help: ArgumentHelp(
      "Measure mAP at shares of 0% to 90% first, as pruned and with re-estimated statistics, and "
        + "refuse a share at which more than 5 points of mAP@0.5 are lost. A method that takes "
        + "--percent prunes and writes nothing then, unless that is given."))
  package var curve = false

  @Flag(
    help: ArgumentHelp(
      "Print which layers lose channels together, which keep all and why, and what '--scope legacy' "
        + "would change; then the layers' scales and widths."))
  package var explain = false

  @Option(help: EvaluationStyle.help())
  package var ap = EvaluationStyle.coco

  package init() {}

  package func validate() throws { try require("--max-loss", maxLoss, in: 0...100) }
}

/// Where a pruning is written, and how.
package struct PruneRunOptions: ParsableArguments {
  @OptionGroup package var folder: RunFolderOptions

  @Option(help: ArgumentHelp("Pictures per pass through the network.", valueName: "n"))
  package var batchSize = 16

  @Option(
    help: ArgumentHelp(
      "Seed of whatever is drawn: random scores and candidates, resamples, pictures for the proof "
        + "where there is no data.", valueName: "n"))
  package var seed: UInt64 = 0

  package init() {}

  package func validate() throws { try require("--batch-size", batchSize, in: 1...65_536) }
}

/// What every pruning method needs.
package struct PruneOptions: ParsableArguments {
  @OptionGroup(title: "Network and data options") package var model: ModelOptions
  @OptionGroup(title: "Network and data options") package var pictures: PrunePictureOptions
  @OptionGroup(title: "Network and data options") package var inputSize: InputSizeOptions
  @OptionGroup(title: "Network and data options") package var scale: InputScaleOptions
  @OptionGroup(title: "Network and data options") package var feeding: FeedingOptions
  @OptionGroup(title: "Channel options") package var channels: PruneChannelOptions
  @OptionGroup(title: "Judgement options") package var judgement: PruneJudgementOptions
  @OptionGroup(title: "Run options") package var run: PruneRunOptions
  @OptionGroup(title: "Machine options") package var machine: MachineOptions
  @OptionGroup(title: "Machine options") package var pictureOptions: PictureOptions
  @OptionGroup(title: "Report options") package var report: ReportOptions

  @Option(name: .customLong("truncated_layer"), help: .hidden) var truncatedLayer: Int?
  @Flag(name: .customLong("gray-scale"), help: .hidden) var grayScale = false

  package init() {}

  package func validate() throws {
    let need = needOfData
    try require(mayHaveData || need == nil, need ?? "")
  }

  /// Whether there may be pictures: a run knows its data set, which is seen when it is read.
  var mayHaveData: Bool { pictures.data != nil || model.folder != nil }

  /// Why the options cannot do without a data set; nil where they can.
  package var needOfData: String? {
    if channels.recalibrate { return "'--recalibrate' needs the pictures of a '--data' file" }
    if judgement.curve { return "'--curve' needs the pictures of a '--data' file" }
    if judgement.maxLoss != nil { return "'--max-loss' is measured on the pictures of '--data'" }
    if let score = channels.score, score.needsPictures {
      return "'--score \(score.rawValue)' is measured on the pictures of '--data'"
    }
    if pictures.pictures != nil { return "'--pictures' needs a '--data' file" }
    if pictures.split != nil {
      return "'--split' is a split of the data set; name that with '--data'"
    }
    return pictures.singleCls ? "'--single-cls' needs a '--data' file" : nil
  }

  /// The first option that is about the pruned network alone; nil where none is given.
  var meantForResult: String? {
    [
      ("--force", channels.force), ("--restore-scales", channels.restoreScales),
      ("--max-loss", judgement.maxLoss != nil), ("--output", run.folder.output != nil),
      ("--overwrite", run.folder.overwrite),
    ].first { $0.1 }?.0
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
