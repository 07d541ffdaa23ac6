/// What a run was told and where it ran, in words for its page.
public struct RunDescription: Hashable, Sendable {
  /// A name and a value.
  public struct Fact: Hashable, Sendable {
    /// What it is.
    public var name: String
    /// What it was.
    public var value: String

    /// A name and a value.
    public init(_ name: String, _ value: String) { (self.name, self.value) = (name, value) }
  }

  /// The command line that started it.
  public var command: String
  /// Options, those that were left out with their defaults.
  public var settings: [Fact]
  /// Processor, memory, versions.
  public var machine: [Fact]

  /// A description.
  public init(command: String, settings: [Fact] = [], machine: [Fact] = []) {
    (self.command, self.settings, self.machine) = (command, settings, machine)
  }
}
