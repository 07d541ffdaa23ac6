import ArgumentParsing
import Darknet

/// `pare config`: done by the front.
package struct ConfigCommand: ParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "config", abstract: "Writes and checks cfg files.",
    subcommands: [ConfigNewCommand.self, ConfigCheckCommand.self])

  package init() {}
}

extension BuiltInNetwork: ExpressibleByArgument {}
extension BuiltInNetwork.TinyMasks: ExpressibleByArgument {}

/// `pare config new`.
package struct ConfigNewCommand: ParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "new", abstract: "Writes the cfg of a built-in network.")

  @Argument(help: ArgumentHelp("The network.", valueName: "name"))
  package var network: BuiltInNetwork

  @Option(help: ArgumentHelp("Number of classes.", valueName: "n"))
  package var classes: Int

  @Option(
    help: ArgumentHelp(
      "Anchors in pixels, \"w,h w,h ...\"; the network's own unless given.", valueName: "pairs"))
  package var anchors: String?

  @OptionGroup package var inputSize: InputSizeOptions

  @Option(
    help: ArgumentHelp(
      "Anchors of a tiny network's fine head: official as the published weights have them, legacy "
        + "each anchor once. Official with the network's own anchors unless given, else legacy.",
      valueName: "kind"))
  package var masks: BuiltInNetwork.TinyMasks?

  @Option(help: ArgumentHelp("Factor of every layer's width, at most 1.", valueName: "factor"))
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
    try require("--classes", classes, in: 1...65_536)
    try require("--width-multiple", widthMultiple, in: 0.01...1)
    _ = try anchorList
  }

  /// The anchors given, in pixels.
  package var anchorList: [Anchor]? {
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
      return stride(from: 0, to: values.count, by: 2)
        .map { Anchor(width: values[$0], height: values[$0 + 1]) }
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
