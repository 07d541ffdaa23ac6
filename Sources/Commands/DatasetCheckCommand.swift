import ArgumentParsing

/// `pare dataset check`.
package struct DatasetCheckCommand: PictureReadingCommand {
  package static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Looks for broken pictures, labels that cannot be right, and copies across splits.",
    discussion: """
      Decodes every picture. Errors are list entries without a picture, pictures that cannot be \
      decoded or have another format's extension, labels that cannot be right, and pictures that \
      are in two splits: with any of them the exit status is 1. Warnings are copies within a \
      split, pictures that look alike in two splits, as copies do that were recompressed, resized \
      or cropped by up to 5 %, boxes that are tiny, huge, doubled or over the edge, and classes \
      with few boxes.
      """)

  @OptionGroup package var data: DataOptions

  @OptionGroup package var network: FittedNetworkOptions

  @Option(
    help: ArgumentHelp(
      "Threads that decode pictures; as many as the machine has cores unless given.",
      valueName: "n"))
  package var workers: Int?

  @OptionGroup package var pictureOptions: PictureOptions
  @OptionGroup package var report: ReportOptions

  package init() {}

  package func validate() throws { try require("--workers", workers, in: 1...1024) }
}
