import ArgumentParsing

/// `pare doctor`: done by the front, so that it works when libraries are missing.
package struct DoctorCommand: ParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Checks the machine, the libraries, and a network and data set where given.",
    discussion: "Each finding comes with what to do about it. Exits with 1 when one must be fixed.")

  @OptionGroup package var run: RunModelOptions

  @Option(
    name: .customLong("cfg"), help: ArgumentHelp("A cfg file to check.", valueName: "file"),
    completion: .file(extensions: ["cfg"]))
  var givenCfg: String?

  @Option(
    name: .customLong("weights"),
    help: ArgumentHelp("Weights to check against the cfg.", valueName: "file"),
    completion: .file(extensions: Weights.extensions))
  var givenWeights: String?

  @Option(
    help: ArgumentHelp("A .data file to check.", valueName: "file"),
    completion: .file(extensions: ["data"]))
  package var data: String?

  @OptionGroup package var report: ReportOptions

  package init() {}

  /// The cfg, where one is to be checked.
  package var cfg: String? { run.model.map { "\($0)/\(RunFiles.cfg)" } ?? givenCfg }

  /// The weights, where some are to be checked.
  package var weights: String? {
    run.model.map { RunFiles.weights(givenWeights, in: $0) } ?? Weights.path(givenWeights)
  }

  package func validate() throws {
    try requirePath("--cfg", givenCfg)
    try requirePath("--data", data)
    try require(
      run.model == nil || givenCfg == nil, "'--model' brings its own cfg; leave out '--cfg'")
    try require(weights == nil || cfg != nil, "'--weights' needs '--cfg' to be checked against")
  }
}
