import ArgumentParsing

/// `pare config`: done by the front.
package struct ConfigCommand: ParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "config", abstract: "Writes and checks cfg files.",
    subcommands: [ConfigNewCommand.self, ConfigCheckCommand.self])

  package init() {}
}

/// Which anchors the heads of a two-head network use (SPEC 8.1, M15).
package enum MaskChoice: String, ExpressibleByArgument, CaseIterable, Sendable {
  /// As the authors' weights were trained.
  case official
  /// As the replaced systems' cfg files say.
  case legacy
}

/// `pare config new`.
package struct ConfigNewCommand: ParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "new", abstract: "Writes the cfg of a built-in network.")

  @Argument(
    help: ArgumentHelp("The network: \(networks.joined(separator: ", ")).", valueName: "name"),
    completion: .list(networks))
  package var name: String

  /// What the help and the shells offer; the front knows what there is.
  package static let networks = [
    "yolov3", "yolov3-spp", "yolov3-tiny", "yolov4", "yolov4-tiny", "yolo-fastest-1.1",
  ]

  @Option(help: ArgumentHelp("Number of classes.", valueName: "n"))
  package var classes: Int

  @Option(
    help: ArgumentHelp(
      "Anchors in pixels, \"w,h w,h ...\"; the network's own unless given.", valueName: "pairs"))
  package var anchors: String?

  @OptionGroup package var inputSize: InputSizeOptions

  @Option(help: ArgumentHelp("Which anchors the heads of a tiny network use.", valueName: "kind"))
  package var masks = MaskChoice.official

  @Option(help: ArgumentHelp("Factor of every layer's width.", valueName: "factor"))
  package var widthMultiple = 1.0

  @Option(
    help: ArgumentHelp("File to write.", valueName: "file"), completion: .file(extensions: ["cfg"]))
  package var output: String

  @Flag(help: "Replace the output file.")
  package var overwrite = false

  @OptionGroup package var report: ReportOptions

  package init() {}

  package func validate() throws {
    try requirePath("--output", output)
    try require("--classes", classes, in: 1...100_000)
    try require("--width-multiple", widthMultiple, in: 0.01...16)
    _ = try anchorPairs
  }

  /// The anchors given, in pixels.
  package var anchorPairs: [(width: Float, height: Float)]? {
    get throws {
      guard let anchors else { return nil }
      let numbers = anchors.split { $0 == "," || $0.isWhitespace }
        .map { Float(argument: String($0)) }
      let values = numbers.compactMap { $0 }
      guard !values.isEmpty, values.count == numbers.count, values.count % 2 == 0,
        values.allSatisfy({ $0 > 0 })
      else {
        throw ValidationError("'--anchors \(anchors)' is not a list of widths and heights")
      }
      return stride(from: 0, to: values.count, by: 2).map { (values[$0], values[$0 + 1]) }
    }
  }
}

/// `pare config check`.
package struct ConfigCheckCommand: ParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Checks a cfg: its keys, its references and the shapes that follow.")

  @Argument(help: "The cfg file.", completion: .file(extensions: ["cfg"]))
  package var file: String

  @OptionGroup package var inputSize: InputSizeOptions
  @OptionGroup package var report: ReportOptions

  package init() {}

  package func validate() throws { try requirePath("<file>", file) }
}
