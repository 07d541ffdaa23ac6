/// The names of an option or flag.
public struct NameSpecification: Sendable, ExpressibleByArrayLiteral {
  /// One name.
  public struct Element: Sendable, Hashable {
    enum Kind: Hashable {
      case long
      case customLong(String, withSingleDash: Bool)
      case short
      case customShort(Character, allowingJoined: Bool)
    }
    var kind: Kind

    /// The property's name in kebab case, after two dashes.
    public static var long: Element { Element(kind: .long) }
    /// The first letter of the property's name, after one dash.
    public static var short: Element { Element(kind: .short) }
    /// A name of one's own, after two dashes or one.
    public static func customLong(_ name: String, withSingleDash: Bool = false) -> Element {
      Element(kind: .customLong(name, withSingleDash: withSingleDash))
    }
    /// A letter of one's own; `allowingJoined` accepts `-n5` for `-n 5`.
    public static func customShort(_ letter: Character, allowingJoined: Bool = false) -> Element {
      Element(kind: .customShort(letter, allowingJoined: allowingJoined))
    }
  }

  var elements: [Element]

  /// Makes a specification of several names.
  public init(_ elements: some Sequence<Element>) { self.elements = Array(elements) }

  /// Makes a specification of several names.
  public init(arrayLiteral elements: Element...) { self.elements = elements }

  /// The property's name in kebab case, after two dashes.
  public static var long: NameSpecification { [.long] }
  /// The first letter of the property's name, after one dash.
  public static var short: NameSpecification { [.short] }
  /// A name of one's own, after two dashes or one.
  public static func customLong(
    _ name: String, withSingleDash: Bool = false
  ) -> NameSpecification {
    [.customLong(name, withSingleDash: withSingleDash)]
  }
  /// A letter of one's own.
  public static func customShort(
    _ letter: Character, allowingJoined: Bool = false
  ) -> NameSpecification {
    [.customShort(letter, allowingJoined: allowingJoined)]
  }

  /// The names for a property.
  func names(for property: String) -> [Name] {
    elements.map { element in
      switch element.kind {
      case .long: .long(kebabCase(property))
      case .customLong(let name, let single): single ? .singleDashLong(name) : .long(name)
      case .short: .short(property.first ?? "?", allowingJoined: false)
      case .customShort(let letter, let joined): .short(letter, allowingJoined: joined)
      }
    }
  }
}

/// One spelling of an option, as it stands on a command line.
enum Name: Hashable, Sendable {
  case long(String)
  case short(Character, allowingJoined: Bool)
  case singleDashLong(String)

  /// With its dashes.
  var synopsis: String {
    switch self {
    case .long(let name): "--" + name
    case .short(let letter, _): "-" + String(letter)
    case .singleDashLong(let name): "-" + name
    }
  }

  /// The same name in the spelling of a command line, such as `--img_size`.
  func typed(_ spelling: String) -> Name {
    switch self {
    case .long: .long(String(spelling.dropFirst(2)))
    case .singleDashLong: .singleDashLong(String(spelling.dropFirst()))
    case .short: self
    }
  }

  /// What arguments are compared with: underscores count as hyphens.
  var key: String { normalizedOption(synopsis) }

  /// `--no-name` for `--name`; letters have no opposite.
  func prefixed(with prefix: String) -> Name? {
    switch self {
    case .long(let name): .long(prefix + "-" + name)
    case .singleDashLong(let name): .singleDashLong(prefix + "-" + name)
    case .short: nil
    }
  }

  var isLong: Bool { if case .long = self { true } else { false } }
}

/// An option's spelling with hyphens for underscores, so that `--img_size` finds `--img-size`.
func normalizedOption(_ argument: String) -> String {
  String(argument.map { $0 == "_" ? "-" : $0 })
}

/// `imgSize` and `ImgSize` as `img-size`; runs of capitals stay together (`loadJSON`: `load-json`).
func kebabCase(_ identifier: String) -> String {
  let letters = Array(identifier)
  var result = ""
  for (index, letter) in letters.enumerated() {
    if letter == "_" {
      if !result.isEmpty { result.append("-") }
      continue
    }
    if letter.isUppercase, index > 0, letters[index - 1] != "_" {
      let afterLower = !letters[index - 1].isUppercase
      let beforeLower = index + 1 < letters.count && letters[index + 1].isLowercase
      if afterLower || beforeLower { result.append("-") }
    }
    result += letter.lowercased()
  }
  return result
}
