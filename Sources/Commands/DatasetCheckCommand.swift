import ArgumentParsing

/// `pare dataset check`.
package struct DatasetCheckCommand: EngineCommand {
  package static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Looks for missing and broken pictures and for labels that cannot be right.")

  @OptionGroup package var data: DataOptions
  @OptionGroup package var report: ReportOptions

  package init() {}
}
