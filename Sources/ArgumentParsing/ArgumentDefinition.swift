/// One argument as the parser sees it: what property wrappers describe, with no types left.
struct ArgumentDefinition {
  enum Kind {
    /// An option without a value; `apply` receives false for a name of ``inverseNames``.
    case flag(apply: (Bool) -> Void)
    /// An option with values.
    case option(take: (String) throws -> Void)
    /// An argument known by its place.
    case positional(take: (String) throws -> Void)
  }

  enum Strategy {
    case next, unconditional, upToNextOption, remaining
  }

  var kind: Kind
  var names: [Name] = []
  var inverseNames: [Name] = []
  var help = ArgumentHelp()
  var valueName = ""
  var strategy = Strategy.next
  var isRepeating = false
  var isRequired = false
  /// Empty when there is no default worth showing.
  var defaultDescription = ""
  var allValues: [String] = []
  /// Other names of some of these.
  var otherValues: [String: String] = [:]
  /// What a value has to be, where that is not a list.
  var expectation: String?
  var completion = CompletionKind.default
  /// The title of the option group that it stands in.
  var groupTitle = ""
  /// The section of the help that lists it: its group's title, or its own.
  var section: String { groupTitle.isEmpty ? help.section : groupTitle }

  var isPositional: Bool { if case .positional = kind { true } else { false } }
  var isFlag: Bool { if case .flag = kind { true } else { false } }

  /// The name that messages use: the first long one, or the first.
  var preferredName: Name? { names.first(where: \.isLong) ?? names.first }

  /// `<file>` or `<file> ...`.
  var valueSynopsis: String { "<\(valueName)>" + (isRepeating ? " ..." : "") }

  /// As messages name it: `--cfg <cfg>`, `--ema`, `<source>`.
  var messageName: String {
    guard let name = preferredName else { return valueSynopsis }
    return isFlag ? name.synopsis : "\(name.synopsis) <\(valueName)>"
  }

  /// As the usage line writes it, in brackets unless it is required.
  var usageSynopsis: String {
    let body: String
    if isPositional {
      body = valueSynopsis
    } else if isFlag {
      body = ([preferredName] + [inverseNames.first]).compactMap { $0?.synopsis }
        .joined(separator: "|")
    } else {
      let value = strategy == .upToNextOption ? valueSynopsis : "<\(valueName)>"
      let once = "\(preferredName?.synopsis ?? "") \(value)"
      body = isRepeating && strategy != .upToNextOption ? once + " ..." : once
    }
    return isRequired ? body : "[\(body)]"
  }

  /// As the help's left column writes it: `-x, --example <example>`.
  var helpLabel: String {
    guard !isPositional else { return valueSynopsis }
    let ordered = names.filter { !$0.isLong } + names.filter(\.isLong)
    var label = ordered.map(\.synopsis).joined(separator: ", ")
    if let inverse = inverseNames.first { label += "/" + inverse.synopsis }
    if !isFlag { label += strategy == .upToNextOption ? " \(valueSynopsis)" : " <\(valueName)>" }
    return label
  }
}

/// A property wrapper that describes one argument.
protocol ArgumentDescribing {
  func definition(for property: String) -> ArgumentDefinition
  /// Whether a value can be read: given, or there by default.
  var hasValue: Bool { get }
}

/// A property wrapper that holds more arguments.
protocol ArgumentGrouping {
  var title: String { get }
  var visibility: ArgumentVisibility { get }
  var contents: any ParsableArguments { get }
  func validateContents() throws
}

/// The arguments of a command or option group, found by looking at its properties.
struct ArgumentSet {
  struct Entry {
    var definition: ArgumentDefinition
    var wrapper: any ArgumentDescribing
  }
  var entries: [Entry] = []
  var groups: [any ArgumentGrouping] = []

  var definitions: [ArgumentDefinition] { entries.map(\.definition) }

  init(_ arguments: any ParsableArguments) {
    let command = type(of: arguments) as? any ParsableCommand.Type
    collect(
      arguments, title: command?.configuration.optionsTitle ?? "", visibility: .default)
  }

  private mutating func collect(
    _ arguments: any ParsableArguments, title: String, visibility: ArgumentVisibility
  ) {
    for child in Mirror(reflecting: arguments).children {
      let property = String((child.label ?? "").drop { $0 == "_" })
      if let wrapper = child.value as? any ArgumentDescribing {
        var definition = wrapper.definition(for: property)
        definition.groupTitle = title
        if visibility != .default { definition.help.visibility = visibility }
        entries.append(Entry(definition: definition, wrapper: wrapper))
      } else if let group = child.value as? any ArgumentGrouping {
        collect(
          group.contents, title: group.title.isEmpty ? title : group.title,
          visibility: group.visibility == .default ? visibility : group.visibility)
        groups.append(group)
      }
    }
  }
}

/// Where a wrapper keeps its value. Copies of the wrapper share it while the command line is
/// parsed; a later assignment to the property makes a new one, so that values do not alias.
final class ArgumentStorage<Value> {
  var value: Value?
  /// Whether the value comes from the command line and not from the default.
  var isGiven = false

  init(_ value: Value?) { self.value = value }
}
