import ArgumentParsing

/// `pare dataset`.
package struct DatasetCommand: ParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "dataset", abstract: "Imports, checks, splits and draws labelled data sets.",
    subcommands: [
      DatasetImportCommand.self, DatasetCheckCommand.self, DatasetStatsCommand.self,
      DatasetSplitCommand.self, DatasetMergeCommand.self, DatasetExportCommand.self,
      DatasetSyntheticCommand.self,
    ])

  package init() {}
}
