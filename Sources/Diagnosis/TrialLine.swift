/// What the engine says when it tries out what it is made of, a line each on its standard output;
/// `pare doctor` reads them.
///
/// What is said before a library ends the process, or never comes back, counts.
package enum TrialLine: Hashable, Sendable {
  /// The name of the check that is begun.
  case begin(String)
  case check(Check)
  case end

  /// What every line begins with; libraries may write others.
  private static let mark = "pare-trial"

  /// The line, without its end: fields between tabs.
  package var text: String {
    let fields =
      switch self {
      case .begin(let name): ["begin", name]
      case .check(let check):
        [
          "check", check.name, check.status.rawValue, check.found, check.expected, check.cause,
          check.fix,
        ] + check.commands
      case .end: ["end"]
      }
    return ([Self.mark] + fields.map { String($0.map { $0.isNewline || $0 == "\t" ? " " : $0 }) })
      .joined(separator: "\t")
  }

  /// Reads a line; `nil` for any other.
  package init?(_ line: some StringProtocol) {
    let fields = String(line).split(separator: "\t", omittingEmptySubsequences: false)
      .map(String.init)
    guard fields.count >= 2, fields[0] == Self.mark else { return nil }
    switch (fields[1], fields.count) {
    case ("begin", 3): self = .begin(fields[2])
    case ("check", 8...):
      guard let status = Check.Status(rawValue: fields[3]) else { return nil }
      self = .check(
        Check(
          fields[2], status, found: fields[4], expected: fields[5], cause: fields[6],
          fix: fields[7], commands: Array(fields[8...])))
    case ("end", 2): self = .end
    default: return nil
    }
  }
}
