import ArgumentParsing

/// `pare prune`: one subcommand a method.
package struct PruneCommand: ParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "prune",
    abstract: "Writes a smaller network and proves that it computes the same.",
    subcommands: methods)

  /// The methods, in the order of the help. A new method is a type below and a line here.
  package static let methods: [any PruneMethodCommand.Type] = [PruneNormalCommand.self]

  package init() {}
}

/// A pruning method: the options that all share, and its own.
package protocol PruneMethodCommand: EngineCommand {
  var options: PruneOptions { get }
}

extension PruneMethodCommand {
  package var notices: [String] { options.notices }
}

/// `pare prune normal`.
package struct PruneNormalCommand: PruneMethodCommand {
  package static let configuration = CommandConfiguration(
    commandName: "normal",
    abstract: "Removes the channels with the smallest normalisation scales of all layers.")

  @OptionGroup package var percent: PercentOptions
  @OptionGroup package var options: PruneOptions

  package init() {}
}

/// How much is removed.
package struct PercentOptions: ParsableArguments {
  @Option(
    name: [.customLong("percent"), .customLong("global_percent")],
    help: ArgumentHelp(
      "Channels to remove of those that can be: a fraction such as 0.5, or 50%.",
      valueName: "fraction"), transform: channelFraction)
  package var percent = 0.5

  package init() {}
}

/// Which channels can be removed.
package enum PruneScopeChoice: String, ExpressibleByArgument, CaseIterable, Sendable {
  /// All that can.
  case all
  /// Those that the replaced systems could (SPEC 4.2).
  case legacy
}

/// What every pruning method needs.
package struct PruneOptions: ParsableArguments {
  @OptionGroup package var model: ModelOptions

  @Option(
    help: ArgumentHelp("The data set's .data file; without it mAP is left out.", valueName: "file"),
    completion: .file(extensions: ["data"]))
  package var data: String?

  @Option(help: ArgumentHelp("The part of the data set to measure on.", valueName: "part"))
  package var split = DataSplitChoice.valid

  @Option(help: "Layers that may lose channels.")
  package var scope = PruneScopeChoice.all

  @Flag(help: "Prune more than is safe.")
  package var force = false

  @OptionGroup package var inputSize: InputSizeOptions

  @Option(help: ArgumentHelp("Pictures per pass through the network.", valueName: "n"))
  package var batchSize = 16

  @Option(help: ArgumentHelp("The definition of average precision.", valueName: "kind"))
  package var ap = AveragePrecisionChoice.coco

  @Option(
    help: ArgumentHelp(
      "Seed of the pictures that the proof draws when there is no data.", valueName: "n"))
  package var seed: UInt64 = 0

  @OptionGroup package var folder: RunFolderOptions
  @OptionGroup package var machine: MachineOptions
  @OptionGroup package var report: ReportOptions

  @Option(name: .customLong("truncated_layer"), help: .hidden) var truncatedLayer: Int?

  package init() {}

  package func validate() throws {
    try requirePath("--data", data)
    try require("--batch-size", batchSize, in: 1...65_536)
  }

  var notices: [String] {
    truncatedLayer == nil
      ? [] : ["'--truncated_layer' changes nothing: the limits come from the network"]
  }
}
