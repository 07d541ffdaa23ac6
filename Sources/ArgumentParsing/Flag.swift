/// How the opposite of a flag is spelled.
public struct FlagInversion: Sendable, Hashable {
  enum Kind: Hashable { case prefixedNo, prefixedEnableDisable }
  var kind: Kind

  /// `--name` and `--no-name`.
  public static let prefixedNo = FlagInversion(kind: .prefixedNo)
  /// `--enable-name` and `--disable-name`.
  public static let prefixedEnableDisable = FlagInversion(kind: .prefixedEnableDisable)
}

/// A property that is switched by its name alone: `--overwrite`. The last mention counts.
@propertyWrapper
public struct Flag<Value>: ArgumentDescribing {
  private var storage: ArgumentStorage<Value>
  private let describe: (String, ArgumentStorage<Value>) -> ArgumentDefinition

  init(
    default value: Value?,
    describe: @escaping (String, ArgumentStorage<Value>) -> ArgumentDefinition
  ) {
    storage = ArgumentStorage(value)
    self.describe = describe
  }

  /// The value: parsed, assigned or the default.
  public var wrappedValue: Value {
    get {
      guard let value = storage.value else {
        preconditionFailure("a required flag was read before the command line was parsed")
      }
      return value
    }
    set { storage = ArgumentStorage(newValue) }
  }

  func definition(for property: String) -> ArgumentDefinition { describe(property, storage) }
  var hasValue: Bool { storage.value != nil }
}

extension Flag: @unchecked Sendable where Value: Sendable {}

extension Flag where Value == Bool {
  /// A flag that is off unless named.
  public init(
    wrappedValue: Bool = false, name: NameSpecification = .long, help: ArgumentHelp? = nil
  ) {
    self.init(default: wrappedValue) { property, storage in
      flagDefinition(name.names(for: property), [], help) { _ in storage.value = !wrappedValue }
    }
  }

  /// A flag with an opposite and a default.
  public init(
    wrappedValue: Bool, name: NameSpecification = .long, inversion: FlagInversion,
    help: ArgumentHelp? = nil
  ) {
    self.init(default: wrappedValue) { property, storage in
      let (names, inverse) = inversion.names(name.names(for: property))
      var definition = flagDefinition(names, inverse, help) { storage.value = $0 }
      definition.defaultDescription = (wrappedValue ? names : inverse).first?.synopsis ?? ""
      return definition
    }
  }

  /// A flag with an opposite, one of which must be given.
  public init(
    name: NameSpecification = .long, inversion: FlagInversion, help: ArgumentHelp? = nil
  ) {
    self.init(default: nil) { property, storage in
      let (names, inverse) = inversion.names(name.names(for: property))
      var definition = flagDefinition(names, inverse, help) { storage.value = $0 }
      definition.isRequired = true
      return definition
    }
  }
}

extension Flag where Value == Bool? {
  /// A flag with an opposite; `nil` when neither is given.
  public init(
    wrappedValue: Bool? = nil, name: NameSpecification = .long, inversion: FlagInversion,
    help: ArgumentHelp? = nil
  ) {
    self.init(default: .some(wrappedValue)) { property, storage in
      let (names, inverse) = inversion.names(name.names(for: property))
      return flagDefinition(names, inverse, help) { storage.value = .some($0) }
    }
  }
}

extension FlagInversion {
  fileprivate func names(_ names: [Name]) -> (names: [Name], inverse: [Name]) {
    switch kind {
    case .prefixedNo: (names, names.compactMap { $0.prefixed(with: "no") })
    case .prefixedEnableDisable:
      (
        names.compactMap { $0.prefixed(with: "enable") },
        names.compactMap { $0.prefixed(with: "disable") }
      )
    }
  }
}

private func flagDefinition(
  _ names: [Name], _ inverse: [Name], _ help: ArgumentHelp?, apply: @escaping (Bool) -> Void
) -> ArgumentDefinition {
  ArgumentDefinition(
    kind: .flag(apply: apply), names: names, inverseNames: inverse, help: help ?? ArgumentHelp())
}
