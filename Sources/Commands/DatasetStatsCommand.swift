import ArgumentParsing

/// `pare dataset stats`.
package struct DatasetStatsCommand: EngineCommand {
  package static let configuration = CommandConfiguration(
    commandName: "stats", abstract: "Counts pictures, boxes, classes and sizes.")

  @OptionGroup package var data: DataOptions
  @OptionGroup package var report: ReportOptions

  package init() {}
}
