import ArgumentParsing

/// `pare dataset split`.
package struct DatasetSplitCommand: EngineCommand {
  package static let configuration = CommandConfiguration(
    commandName: "split",
    abstract: "Divides all pictures of a set into train, valid and test, or into folds.",
    discussion: """
      Pictures with the same pixels go into one split. With --folds, every fold gets a .data file: the \
      fold is its test split, the others are its train split, and a fifth of these is set aside to choose \
      the best epoch on. So each picture is tested once, by a network that never saw it. Which fold a picture is in depends on its file name alone, and stays \
      when pictures are added.
      """)

  @OptionGroup package var data: DataOptions

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Shares of train, valid and test.", valueName: "fraction"))
  package var ratios = [0.7, 0.2, 0.1]

  @Flag(inversion: .prefixedNo, help: "Spread each class evenly over the splits.")
  package var stratified = true

  @Flag(
    help: "Leave the test pictures as they are, and divide the others into train and valid.")
  package var keepTest = false

  @Option(help: ArgumentHelp("Seed of the division.", valueName: "n"))
  package var seed: UInt64 = 0

  @Option(help: ArgumentHelp("Make this many folds in place of one division.", valueName: "n"))
  package var folds: Int?

  @Option(
    help: ArgumentHelp(
      "Share of the other folds that is set aside as 'valid'; 0.2 unless given.",
      valueName: "fraction"))
  package var validationShare: Double?

  @OptionGroup package var folder: RequiredFolderOptions
  @OptionGroup package var report: ReportOptions

  package init() {}

  package func validate() throws {
    try require("--folds", folds, in: 2...1000)
    try require(
      (2...3).contains(ratios.count), "'--ratios' takes two or three values, not \(ratios.count)")
    try require(
      !keepTest || folds == nil, "'--keep-test' does not go with '--folds', where all is tested")
    try require(
      !keepTest || ratios.count == 2,
      "'--keep-test' takes the shares of train and valid alone: '--ratios 0.8 0.2'")
    if ratios.contains(where: { $0 > 1 }), abs(ratios.reduce(0, +) - 100) < 1e-6 {
      let shares = ratios.map { "\(($0 * 1e4).rounded() / 1e6)" }.joined(separator: " ")
      throw ValidationError("'--ratios' are shares of 1, or have a percent sign: \(shares)")
    }
    for ratio in ratios { try require("--ratios", ratio, in: 0...1) }
    if let validationShare {
      try require(
        (0..<1).contains(validationShare),
        "'--validation-share' must be at least 0 and below 1, not \(validationShare)")
    }
    try require(
      validationShare == nil || folds != nil, "'--validation-share' needs '--folds'")
    try require(
      abs(ratios.reduce(0, +) - 1) < 1e-6,
      "'--ratios' must add up to 1, not \((ratios.reduce(0, +) * 1e6).rounded() / 1e6)")
  }
}
