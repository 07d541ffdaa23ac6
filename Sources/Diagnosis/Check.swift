/// One finding of `pare doctor`.
package struct Check: Hashable, Sendable {
  /// How a finding is to be taken.
  package enum Status: String, Hashable, Sendable {
    /// Nothing to do.
    case ok
    /// Works, but something is slower or missing that could be there.
    case warning
    /// Must be fixed before the engine works.
    case failed
  }

  /// What was looked at, one or two words.
  package var name: String
  package var status: Status
  /// What is there.
  package var found: String
  /// What should be there; empty when anything is fine.
  package var expected: String
  /// Why what is there will not do; empty where `found` says it, or nothing is wrong.
  package var cause: String
  /// What to do, in words; empty when there is nothing to do.
  package var fix: String
  /// What to type for it on this machine, line by line.
  package var commands: [String]

  package init(
    _ name: String, _ status: Status, found: String, expected: String = "", cause: String = "",
    fix: String = "", commands: [String] = []
  ) {
    self.name = name
    self.status = status
    self.found = found
    self.expected = expected
    self.cause = cause
    self.fix = fix
    self.commands = commands
  }
}
