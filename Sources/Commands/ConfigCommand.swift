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
    commandName: "new", abstract: "Writes the cfg of a built-in network.",
    discussion: "The networks, their own input size and millions of parameters:\n\n"
      + BuiltInNetwork.allCases.map(\.helpLine).joined(separator: "\n"))

  @Argument(help: ArgumentHelp("The network.", valueName: "name"))
  package var network: BuiltInNetwork

  @Option(help: ArgumentHelp("Number of classes.", valueName: "n"))
  package var classes: Int

  @Option(
    help: ArgumentHelp(
      "Anchors in pixels, \"w,h w,h ...\", or those of a data set, scaled to the input size: "
        + AnchorPreset.allCases.map(\.rawValue).joined(separator: ", ")
        + ". The network's own unless given.", valueName: "pairs"))
  package var anchors: String?

  @OptionGroup package var inputSize: InputSizeOptions

  @Option(help: ArgumentHelp("Input channels: 3 for colour, 1 for gray.", valueName: "n"))
  package var channels = 3

  @Option(
    help: ArgumentHelp(
      "Anchors of a tiny network's fine head: as the published weights have them (official), or each "
        + "anchor once, as earlier Python programs did (legacy). As the network was published unless "
        + "given, each once with other anchors.",
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
    try require(channels == 1 || channels == 3, "'--channels' must be 1 or 3, not \(channels)")
    try require(
      masks == nil || network.hasTinyMasks,
      "'--masks' is for tiny networks of two heads, not for \(network.rawValue)")
    _ = try anchorList
  }

  /// The anchors given, in pixels.
  package var anchorList: [Anchor]? {
    get throws {
      guard let anchors else { return nil }
      if let preset = AnchorPreset(rawValue: anchors) { return try preset.list(for: self) }
      let numbers = anchors.split { $0 == "," || $0.isWhitespace }
        .map { Float($0) }
      let values = numbers.compactMap { $0 }
      guard !values.isEmpty, values.count == numbers.count, values.count % 2 == 0,
        values.allSatisfy({ $0 > 0 })
      else {
        throw ValidationError(
          "'--anchors \(anchors)' is neither a list of widths and heights nor the name of a data set's"
            + meant(by: anchors, among: AnchorPreset.allCases.map(\.rawValue)))
      }
      return stride(from: 0, to: values.count, by: 2)
        .map { Anchor(width: values[$0], height: values[$0 + 1]) }
    }
  }
}

extension BuiltInNetwork {
  /// A line of the list: the name, the input size, millions of parameters and what it is.
  fileprivate var helpLine: String {
    func padded(_ text: String, _ width: Int) -> String {
      String(repeating: " ", count: max(0, width - text.count)) + text
    }
    let name = rawValue + padded("", 28 - rawValue.count)
    return "  \(name) \(defaultSize)  \(padded("\(millionsOfParameters)", 5))  \(summary)"
  }
}

extension AnchorPreset {
  /// The list that suits the network of a command line.
  fileprivate func list(for command: ConfigNewCommand) throws(ValidationError) -> [Anchor] {
    let network = command.network
    let size = command.inputSize.size ?? (network.defaultSize, network.defaultSize)
    let count = network.anchors.count
    guard let anchors = anchors(count: count, width: size.width, height: size.height) else {
      throw ValidationError(
        "'--anchors \(rawValue)' has \(counts.map(String.init).joined(separator: " or ")) anchors, "
          + "\(network.rawValue) takes \(count)")
    }
    return anchors
  }
}

/// `pare config check`.
package struct ConfigCheckCommand: ParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Looks for mistakes in a cfg: unknown keys, wrong references, shapes that do not fit."
  )

  @Argument(help: "The cfg file.", completion: .file(extensions: ["cfg"]))
  package var file: String

  @Flag(help: "Refuse unknown keys, repeated keys and unknown values, which are warnings else.")
  package var strict = false

  @OptionGroup package var inputSize: InputSizeOptions
  @OptionGroup package var report: ReportOptions

  package init() {}

  package func validate() throws { try requirePath("<file>", file) }
}
