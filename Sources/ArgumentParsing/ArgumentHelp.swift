/// Who sees an argument in the help.
public enum ArgumentVisibility: Sendable, Hashable {
  /// Everybody.
  case `default`
  /// Readers of `--help-hidden`.
  case hidden
  /// Nobody.
  case `private`
}

/// What the help says about an argument.
public struct ArgumentHelp: Sendable, Hashable, ExpressibleByStringInterpolation {
  /// One sentence.
  public var abstract: String
  /// Longer text, printed below.
  public var discussion: String
  /// What stands between `<` and `>`; `nil` takes the argument's name.
  public var valueName: String?
  /// Who sees it.
  public var visibility: ArgumentVisibility

  /// Makes a help text.
  public init(
    _ abstract: String = "", discussion: String = "", valueName: String? = nil,
    visibility: ArgumentVisibility = .default
  ) {
    self.abstract = abstract
    self.discussion = discussion
    self.valueName = valueName
    self.visibility = visibility
  }

  /// Makes a help text of one sentence.
  public init(stringLiteral value: String) { self.init(value) }

  /// An argument that only `--help-hidden` lists.
  public static var hidden: ArgumentHelp { ArgumentHelp(visibility: .hidden) }
  /// An argument that no help lists.
  public static var `private`: ArgumentHelp { ArgumentHelp(visibility: .private) }
}
