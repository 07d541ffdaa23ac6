import ArgumentParsing

/// `pare profile`.
package struct ProfileCommand: EngineCommand {
  package static let configuration = CommandConfiguration(
    commandName: "profile",
    abstract: "Counts a network's parameters, multiplications and activations, layer by layer.")

  @Option(
    help: ArgumentHelp("The network's cfg file.", valueName: "file"),
    completion: .file(extensions: ["cfg"]))
  package var cfg: String

  @OptionGroup package var inputSize: InputSizeOptions
  @OptionGroup package var report: ReportOptions

  @Option(help: .hidden) var device: String?

  package init() {}

  package func validate() throws { try requirePath("--cfg", cfg) }

  package var notices: [String] {
    device == nil ? [] : ["'--device' changes nothing: the figures follow from the cfg"]
  }
}
