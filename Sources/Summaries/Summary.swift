import Commands

/// What is told of a result: to people, to programs, and what to type next.
package struct Summary {
  /// For people.
  package var lines = Lines()
  /// For programs.
  package var json = JSONValue.null
  /// The commands that follow, the most useful first.
  package var next: [NextStep] = []

  /// Nothing yet.
  package init() {}
}
