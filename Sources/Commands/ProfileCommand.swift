import ArgumentParsing

/// `pare profile`.
package struct ProfileCommand: EngineCommand {
  package static let configuration = CommandConfiguration(
    commandName: "profile",
    abstract: "Counts a network's parameters, multiplications and activations, layer by layer.",
    discussion: """
      Parameters are the numbers that training changes. Multiplications are those of one picture, \
      each with an addition (MACs); BFLOPs, as Darknet prints them, are twice as many, in billions. \
      Activations are \
      the memory of one picture's feature maps: the peak is what detecting needs, the sum what \
      training needs.
      """)

  @OptionGroup package var network: NetworkOptions

  @Option(name: .customLong("weights"), help: .hidden) var weights: String?

  @OptionGroup package var inputSize: InputSizeOptions

  @Flag(
    help: """
      Also measure each layer: the fastest of several passes of one picture, batch normalization \
      folded, under random weights.
      """)
  package var latency = false

  @Option(help: ArgumentHelp("Timed passes of --latency.", valueName: "n"))
  package var repeats = 20

  @OptionGroup package var machine: MachineOptions
  @OptionGroup package var engine: EngineOptions
  @OptionGroup package var report: ReportOptions

  package init() {}

  package func validate() throws {
    try require("--repeats", repeats, in: 1...100_000)
  }

  package var notices: [String] {
    let needless =
      weights == nil
      ? []
      : [
        "'--weights' changes nothing: the figures follow from the cfg, times are of random weights"
      ]
    let ignored = [
      ("--device", machine.device != .automatic), ("--threads", machine.threads != nil),
    ]
    return needless
      + ignored.filter { $0.1 && !latency }.map {
        "'\($0.0)' changes nothing without '--latency': the figures follow from the cfg"
      }
  }
}
