import ArgumentParsing

/// What training runs on.
package struct TrainingMachineOptions: ParsableArguments {
  @OptionGroup package var common: MachineOptions

  @Option(help: ArgumentHelp("Number type that the network computes with.", valueName: "type"))
  package var precision = PrecisionChoice.fp32

  @Option(help: ArgumentHelp("Where decoded pictures are kept.", valueName: "place"))
  package var cache = CacheChoice.none

  @Option(
    help: ArgumentHelp(
      "Folder of '--cache disk' and '--distill-cache'; .pare-cache beside the .data file unless given.",
      valueName: "dir"), completion: .directory)
  package var cacheFolder: String?

  @Option(
    help: ArgumentHelp(
      "Threads that decode pictures; as many as fit the machine unless given.", valueName: "n"))
  package var workers: Int?

  package init() {}

  package func validate() throws {
    try require("--workers", workers, in: 1...1024)
    try requirePath("--cache-folder", cacheFolder)
  }
}

/// Where decoded pictures are kept between epochs.
package enum CacheChoice: String, ExpressibleByArgument, CaseIterable, Sendable {
  case none, ram, disk, device
}
