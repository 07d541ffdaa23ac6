import ArgumentParsing

/// `pare doctor`: done by the front, so that it works when libraries are missing.
package struct DoctorCommand: ParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Checks the machine, the libraries, and a network and data set where given.",
    discussion: "Each finding comes with what to do about it. Exits with 1 when one must be fixed.")

  @Option(
    help: ArgumentHelp("A cfg file to check.", valueName: "file"),
    completion: .file(extensions: ["cfg"]))
  package var cfg: String?

  @Option(
    help: ArgumentHelp("Weights to check against the cfg.", valueName: "file"),
    completion: .file(extensions: Weights.extensions))
  package var weights: String?

  @Option(
    help: ArgumentHelp("A .data file to check.", valueName: "file"),
    completion: .file(extensions: ["data"]))
  package var data: String?

  @OptionGroup package var report: ReportOptions

  package init() {}

  package mutating func validate() throws {
    try requirePath("--cfg", cfg)
    try requirePath("--data", data)
    weights = Weights.path(weights)
    try require(weights == nil || cfg != nil, "'--weights' needs '--cfg' to be checked against")
  }
}
