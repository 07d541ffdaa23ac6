/// An option as a command line gives it.
package struct GivenOption: Equatable, Sendable {
  /// The option's main name, whichever of its names was used: `--learning-rate`.
  package var name: String
  /// What followed it; of a flag whether it is on, `true` or `false`.
  package var values: [String]
  /// What holds when it is not given, as help shows it; empty where help shows nothing.
  package var byDefault: String
  /// Whether it is a flag, which has no value of its own.
  package var isFlag = false

  /// The words that give it again.
  package var words: [String] {
    switch values {
    case ["true"] where isFlag: [name]
    case ["false"] where isFlag: ["--no-" + name.drop { $0 == "-" }]
    default: [name] + values
    }
  }

  /// Whether a value means the same as another: numbers by what they are, texts by their letters.
  package static func mean(_ a: [String], _ b: [String]) -> Bool {
    a.count == b.count
      && zip(a, b).allSatisfy { one, other in
        one == other || Double(one) != nil && Double(one) == Double(other)
      }
  }
}

extension ParsableCommand {
  /// The options that a command line names, without their effects; later mentions replace earlier
  /// ones.
  ///
  /// - Parameter arguments: those of this command, without its name.
  package static func givenOptions(_ arguments: [String]) throws -> [GivenOption] {
    try CommandScanner(arguments: arguments, set: ArgumentSet(self.init())).given()
  }
}
