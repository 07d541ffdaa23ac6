import ArgumentParsing

/// `pare dataset`.
package struct DatasetCommand: ParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "dataset", abstract: "Imports, checks, splits and draws labelled data sets.",
    subcommands: [
      DatasetImportCommand.self, DatasetCheckCommand.self, DatasetStatsCommand.self,
      DatasetSplitCommand.self,
      DatasetSyntheticCommand.self,
    ])

  package init() {}
}

/// A form that data sets are distributed in.
package enum DatasetFormatChoice: String, ExpressibleByArgument, CaseIterable, Sendable { case voc }

/// `pare dataset import`.
package struct DatasetImportCommand: EngineCommand {
  package static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Writes a data set in Darknet's form; the originals stay untouched.")

  @Argument(help: "The form that the set is in.")
  package var format: DatasetFormatChoice

  @Argument(help: "Folder of the set.", completion: .directory)
  package var source: String

  @Option(help: "Name of the set; the source folder's unless given.")
  package var name: String?

  @Option(
    help: ArgumentHelp(
      "File with the classes in order; those found, sorted by name, unless given.",
      valueName: "file"),
    completion: .file(extensions: ["names"]))
  package var names: String?

  @Flag(help: "Copy the pictures; they are linked otherwise.")
  package var copy = false

  @Flag(help: "Keep boxes that the set marks as difficult.")
  package var keepDifficult = false

  @OptionGroup package var folder: RequiredFolderOptions
  @OptionGroup package var report: ReportOptions

  package init() {}

  package func validate() throws {
    try requirePath("<source>", source)
    if let name {
      try require(
        !name.isEmpty && !name.contains("/") && !name.hasPrefix("."),
        "'--name \(name)' must be a plain file name")
    }
  }
}

/// What the commands that read a data set need.
package struct DataOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("The data set's .data file.", valueName: "file"),
    completion: .file(extensions: ["data"]))
  package var data: String

  package init() {}

  package func validate() throws { try requirePath("--data", data) }
}

/// `pare dataset check`.
package struct DatasetCheckCommand: EngineCommand {
  package static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Looks for missing and broken pictures and for labels that cannot be right.")

  @OptionGroup package var data: DataOptions
  @OptionGroup package var report: ReportOptions

  package init() {}
}

/// `pare dataset stats`.
package struct DatasetStatsCommand: EngineCommand {
  package static let configuration = CommandConfiguration(
    commandName: "stats", abstract: "Counts pictures, boxes, classes and sizes.")

  @OptionGroup package var data: DataOptions
  @OptionGroup package var report: ReportOptions

  package init() {}
}

/// `pare dataset split`.
package struct DatasetSplitCommand: EngineCommand {
  package static let configuration = CommandConfiguration(
    commandName: "split",
    abstract: "Divides all pictures of a set into train, valid and test, or into folds.",
    discussion: """
      A picture's fold depends on a hash of its file name alone, and stays when pictures are \
      added. Fold k is the test list of its own .data file, the other folds are its train list: \
      each picture is predicted once, by a network that never saw it.
      """)

  @OptionGroup package var data: DataOptions

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Parts of train, valid and test.", valueName: "fraction"))
  package var ratios = [0.8, 0.1, 0.1]

  @Flag(inversion: .prefixedNo, help: "Spread each class evenly over the parts.")
  package var stratified = true

  @Option(help: ArgumentHelp("Seed of the division.", valueName: "n"))
  package var seed: UInt64 = 0

  @Option(help: ArgumentHelp("Make this many folds in place of one division.", valueName: "n"))
  package var folds: Int?

  @Option(
    help: ArgumentHelp(
      "Part of the other folds that is set aside as 'valid'.", valueName: "fraction"))
  package var validationShare = 0.0

  @OptionGroup package var folder: RequiredFolderOptions
  @OptionGroup package var report: ReportOptions

  package init() {}

  package func validate() throws {
    try require("--folds", folds, in: 2...1000)
    try require(
      (2...3).contains(ratios.count), "'--ratios' takes two or three values, not \(ratios.count)")
    for ratio in ratios { try require("--ratios", ratio, in: 0...1) }
    try require(
      (0..<1).contains(validationShare),
      "'--validation-share' must be at least 0 and below 1, not \(validationShare)")
    try require(
      validationShare == 0 || folds != nil, "'--validation-share' needs '--folds'")
    try require(
      abs(ratios.reduce(0, +) - 1) < 1e-6,
      "'--ratios' must add up to 1, not \(ratios.reduce(0, +))")
  }
}

/// `pare dataset synthetic`.
package struct DatasetSyntheticCommand: EngineCommand {
  package static let configuration = CommandConfiguration(
    commandName: "synthetic", abstract: "Draws a labelled set of shapes on textured backgrounds.")

  @Option(help: ArgumentHelp("Number of classes, each a shape.", valueName: "n"))
  package var classes = 4

  @Option(help: ArgumentHelp("Pictures to train on.", valueName: "n"))
  package var images = 800

  @Option(help: ArgumentHelp("Pictures to choose checkpoints on.", valueName: "n"))
  package var validation = 100

  @Option(help: ArgumentHelp("Pictures held out.", valueName: "n"))
  package var test = 200

  @Option(
    help: ArgumentHelp("Width and height of the pictures.", valueName: "pixels"))
  package var size = 416

  @Option(help: ArgumentHelp("Seed of everything drawn.", valueName: "n"))
  package var seed: UInt64 = 0

  @OptionGroup package var folder: RequiredFolderOptions
  @OptionGroup package var report: ReportOptions

  package init() {}

  package func validate() throws {
    try require("--classes", classes, in: 2...20)
    try require("--images", images, in: 1...10_000_000)
    try require("--validation", validation, in: 1...10_000_000)
    try require("--test", test, in: 0...10_000_000)
    try require("--size", size, in: 32...4096, unit: " pixels")
  }
}
