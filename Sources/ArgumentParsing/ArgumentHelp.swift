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
  /// The section of the help that lists it, where its group has no title; "" is the last,
  /// "Options".
  public var section: String
  /// Who sees it.
  public var visibility: ArgumentVisibility

  /// Makes a help text.
  public init(
    _ abstract: String = "", discussion: String = "", valueName: String? = nil,
    section: String = "", visibility: ArgumentVisibility = .default
  ) {
    self.abstract = abstract
    self.discussion = discussion
    self.valueName = valueName
    self.section = section
    self.visibility = visibility
  }

  /// Makes a help text of one sentence.
  public init(stringLiteral value: String) { self.init(value) }

  /// An argument that only `--help-hidden` lists.
  public static var hidden: ArgumentHelp { ArgumentHelp(visibility: .hidden) }
  /// An argument that no help lists.
  public static var `private`: ArgumentHelp { ArgumentHelp(visibility: .private) }
}
