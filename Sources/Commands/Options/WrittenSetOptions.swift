import ArgumentParsing
import Darknet

/// What may be chosen about a data set that is written in Darknet's form.
package struct WrittenSetOptions: ParsableArguments {
  @Option(help: "Name of the set; the output folder's unless given.")
  package var name: String?

  @Option(
    help: ArgumentHelp(
      "File with the only classes to take, in order; all unless given.", valueName: "file"),
    completion: .file(extensions: ["names"]))
  package var names: String?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Splits to put elsewhere, such as valid=train test=valid.", valueName: "from=to"),
    transform: SplitMove.init(parsing:))
  package var splits: [SplitMove] = []

  @Flag(help: "Copy the pictures; they are linked otherwise.")
  package var copy = false

  package init() {}

  package func validate() throws {
    if let name {
      try require(
        !name.isEmpty && !name.contains("/") && !name.hasPrefix("."),
        "'--name \(name)' must be a plain file name")
    }
    try requirePath("--names", names)
    let sources = splits.map(\.source)
    try require(
      Set(sources).count == sources.count, "'--splits' puts one split in two places")
  }
}

/// A list that is put in the place of another one: `from=to`, each train, valid (or val) or test.
package struct SplitMove: Sendable {
  /// The list as the set has it.
  package var source: DataFile.Split
  /// The list as it is written.
  package var target: DataFile.Split

  package init(parsing text: String) throws(ValidationError) {
    let parts = text.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2 else {
      throw ValidationError("expected two splits with a sign between them, such as valid=train")
    }
    var splits: [DataFile.Split] = []
    for part in parts {
      guard let split = DataFile.Split(argument: part) else {
        throw ValidationError(
          "'\(part)' is no split" + meant(by: part, among: DataFile.Split.allValueStrings))
      }
      splits.append(split)
    }
    guard splits[0] != splits[1] else {
      throw ValidationError(
        parts[0] == parts[1]
          ? "it moves nothing"
          : "'\(parts[0])' and '\(parts[1])' are one split, so it moves nothing")
    }
    (source, target) = (splits[0], splits[1])
  }
}
