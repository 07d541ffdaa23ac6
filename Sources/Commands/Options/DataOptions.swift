import ArgumentParsing

/// What the commands that read a data set need.
package struct DataOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("The data set's .data file.", valueName: "file"),
    completion: .file(extensions: ["data"]))
  package var data: String

  package init() {}

  package func validate() throws { try requirePath("--data", data) }
}
