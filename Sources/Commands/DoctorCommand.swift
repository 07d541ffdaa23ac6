import ArgumentParsing

/// `pare doctor`: done by the front, so that it works when libraries are missing.
package struct DoctorCommand: ParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Checks the machine, the libraries, and a network and data set where given.",
    discussion: """
      Each finding comes with what to do about it. Exits with 1 when one must be fixed. What it \
      reads is shown at once; then the engine computes a convolution on each device and decodes a \
      picture of each format, which takes a second or more; --quick leaves that out.

      With --plan it prints a script that builds OpenCV for this machine, with a reason behind \
      each switch; Scripts/build-opencv-cuda runs it. With --explain it finds the first error in \
      the log of a failed build, and says what to do.
      """)

  /// What `--plan` plans.
  package enum Plan: String, ExpressibleByArgument, CaseIterable, Sendable {
    case openCVWithCUDA = "opencv-cuda"
    case openCV = "opencv"
  }

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

  @Option(help: "Print how to build OpenCV here, with CUDA or for the processor alone.")
  package var plan: Plan?

  @Option(
    help: ArgumentHelp(
      "With --plan: OpenCV's source, a folder or an archive with its version in the name.",
      valueName: "path"), completion: .file())
  package var source: String?

  @Option(
    help: ArgumentHelp(
      "With --plan: that of opencv_contrib. Unless given, a folder of this name beside the source.",
      valueName: "path"), completion: .file())
  package var contrib: String?

  @Option(
    help: ArgumentHelp(
      "With --plan: where to install. Unless given, /usr/local/opencv- and the version.",
      valueName: "dir"), completion: .directory)
  package var prefix: String?

  @Option(
    help: ArgumentHelp(
      "With --plan: compute capabilities such as 8.6, with commas; those of the cards here unless "
        + "given.",
      valueName: "list"))
  package var capability: String?

  @Option(
    help: ArgumentHelp(
      "With --plan: OpenCV's modules to build, with commas; all unless given.", valueName: "list"))
  package var modules: String?

  @Option(
    help: ArgumentHelp("The log of a failed build to explain.", valueName: "file"),
    completion: .file())
  package var explain: String?

  @Option(
    help: ArgumentHelp(
      "Write what this machine answers into a file, to be judged elsewhere.", valueName: "file"),
    completion: .file())
  package var record: String?

  @Option(
    help: ArgumentHelp(
      "Judge the machine that such a file is of in place of this one.", valueName: "file"),
    completion: .file())
  package var machine: String?

  @Flag(help: "Compute nothing and decode nothing: what takes time is left out.")
  package var quick = false

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
    try require(
      plan == nil || source != nil,
      "'--plan' needs '--source FOLDER', where OpenCV's source has been unpacked")
    for (name, value) in [
      ("--source", source), ("--contrib", contrib), ("--prefix", prefix),
      ("--capability", capability), ("--modules", modules),
    ] where value != nil {
      try require(plan != nil, "'\(name)' belongs to '--plan opencv-cuda'")
    }
    for part in capability?.split(separator: ",", omittingEmptySubsequences: false) ?? [] {
      let numbers = part.split(separator: ".", omittingEmptySubsequences: false).map { Int($0) }
      try require(
        numbers.count == 2 && numbers.allSatisfy { $0 != nil },
        "'--capability \(capability ?? "")' is not a list such as 8.6,8.9")
    }
    try require(
      plan == nil || explain == nil, "'--plan' and '--explain' are two questions; ask one")
    try require(
      machine == nil || record == nil,
      "'--record' writes down this machine, not the one of '--machine'")
  }
}
