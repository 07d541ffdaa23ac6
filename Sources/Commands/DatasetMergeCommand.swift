import ArgumentParsing

/// `pare dataset merge`.
package struct DatasetMergeCommand: EngineCommand {
  package static let configuration = CommandConfiguration(
    commandName: "merge",
    abstract: "Puts several data sets together into one; the originals stay untouched.",
    discussion: """
      Classes of the same name become one; '--map' renames them before. Pictures of the same file \
      name are kept apart, and those with the same contents are reported. VOC07+12 is the sets of \
      2007 and 2012 merged with '--splits valid=train test=valid'.
      """)

  @Argument(help: "The sets' .data files.", completion: .file(extensions: ["data"]))
  package var sources: [String]

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Classes to rename, such as motorbike=motorcycle.", valueName: "old=new"))
  package var map: [ClassRenaming] = []

  @OptionGroup package var set: WrittenSetOptions
  @OptionGroup package var folder: RequiredFolderOptions
  @OptionGroup package var report: ReportOptions

  package init() {}

  package func validate() throws {
    for source in sources { try requirePath("<sources>", source) }
    let old = map.map(\.old)
    try require(Set(old).count == old.count, "'--map' renames one class twice")
  }
}

/// A class that gets another name: `old=new`.
package struct ClassRenaming: ExpressibleByArgument, Sendable {
  /// The name in the sets.
  package var old: String
  /// The name that is written.
  package var new: String

  package init?(argument: String) {
    guard let equals = argument.lastIndex(of: "="), equals != argument.startIndex,
      argument.index(after: equals) != argument.endIndex
    else { return nil }
    old = String(argument[..<equals])
    new = String(argument[argument.index(after: equals)...])
  }
}
