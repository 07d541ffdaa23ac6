/// How an option with one value finds it.
public struct SingleValueParsingStrategy: Sendable, Hashable {
  var strategy: ArgumentDefinition.Strategy

  /// The next argument, which must not look like an option (negative numbers are fine).
  public static let next = SingleValueParsingStrategy(strategy: .next)
  /// The next argument, whatever it looks like.
  public static let unconditional = SingleValueParsingStrategy(strategy: .unconditional)
}

/// How an option with several values finds them.
public struct ArrayParsingStrategy: Sendable, Hashable {
  var strategy: ArgumentDefinition.Strategy

  /// One value after each mention of the option.
  public static let singleValue = ArrayParsingStrategy(strategy: .next)
  /// Every argument up to the next option.
  public static let upToNextOption = ArrayParsingStrategy(strategy: .upToNextOption)
  /// Everything that is left.
  public static let remaining = ArrayParsingStrategy(strategy: .remaining)
}

/// A property that is given by name: `--epochs 300`.
@propertyWrapper
public struct Option<Value>: ArgumentDescribing {
  private var storage: ArgumentStorage<Value>
  private let describe: (String, ArgumentStorage<Value>) -> ArgumentDefinition

  init(
    default value: Value?,
    describe: @escaping (String, ArgumentStorage<Value>) -> ArgumentDefinition
  ) {
    storage = ArgumentStorage(value)
    self.describe = describe
  }

  /// Lets the attribute stand without parentheses; types that cannot be read end up here.
  @available(
    *, unavailable, message: "the type must conform to ExpressibleByArgument or have a transform"
  )
  public init() {
    self.init(default: nil) { _, _ in ArgumentDefinition(kind: .option { _ in }) }
  }

  /// The value: parsed, assigned or the default.
  public var wrappedValue: Value {
    get {
      guard let value = storage.value else {
        preconditionFailure("a required option was read before the command line was parsed")
      }
      return value
    }
    set { storage = ArgumentStorage(newValue) }
  }

  func definition(for property: String) -> ArgumentDefinition { describe(property, storage) }
  var hasValue: Bool { storage.value != nil }
}

extension Option: @unchecked Sendable where Value: Sendable {}

extension Option where Value: ExpressibleByArgument {
  /// An option with a default.
  public init(
    wrappedValue: Value, name: NameSpecification = .long,
    parsing strategy: SingleValueParsingStrategy = .next, help: ArgumentHelp? = nil,
    completion: CompletionKind? = nil
  ) {
    self.init(default: wrappedValue) { property, storage in
      optionDefinition(property, name, strategy.strategy, help, completion, Value.self) {
        storage.value = $0
      } amend: {
        $0.defaultDescription = wrappedValue.defaultValueDescription
      }
    }
  }

  /// An option that must be given.
  public init(
    name: NameSpecification = .long, parsing strategy: SingleValueParsingStrategy = .next,
    help: ArgumentHelp? = nil, completion: CompletionKind? = nil
  ) {
    self.init(default: nil) { property, storage in
      optionDefinition(property, name, strategy.strategy, help, completion, Value.self) {
        storage.value = $0
      } amend: {
        $0.isRequired = true
      }
    }
  }
}

extension Option {
  /// An option that may be left out.
  public init<T: ExpressibleByArgument>(
    name: NameSpecification = .long, parsing strategy: SingleValueParsingStrategy = .next,
    help: ArgumentHelp? = nil, completion: CompletionKind? = nil
  ) where Value == T? {
    self.init(
      wrappedValue: nil, name: name, parsing: strategy, help: help, completion: completion)
  }

  /// An option that may be left out.
  public init<T: ExpressibleByArgument>(
    wrappedValue: T?, name: NameSpecification = .long,
    parsing strategy: SingleValueParsingStrategy = .next, help: ArgumentHelp? = nil,
    completion: CompletionKind? = nil
  ) where Value == T? {
    self.init(default: .some(wrappedValue)) { property, storage in
      optionDefinition(property, name, strategy.strategy, help, completion, T.self) {
        storage.value = .some($0)
      } amend: {
        $0.defaultDescription = wrappedValue?.defaultValueDescription ?? ""
      }
    }
  }

  /// An option with several values and a default.
  public init<T: ExpressibleByArgument>(
    wrappedValue: [T], name: NameSpecification = .long,
    parsing strategy: ArrayParsingStrategy = .singleValue, help: ArgumentHelp? = nil,
    completion: CompletionKind? = nil
  ) where Value == [T] {
    self.init(default: wrappedValue) { property, storage in
      optionDefinition(property, name, strategy.strategy, help, completion, T.self) {
        storage.append($0)
      } amend: {
        $0.isRepeating = true
        $0.defaultDescription =
          wrappedValue.map(\.defaultValueDescription).joined(separator: ", ")
      }
    }
  }

  /// An option with several values, at least one.
  public init<T: ExpressibleByArgument>(
    name: NameSpecification = .long, parsing strategy: ArrayParsingStrategy = .singleValue,
    help: ArgumentHelp? = nil, completion: CompletionKind? = nil
  ) where Value == [T] {
    self.init(default: nil) { property, storage in
      optionDefinition(property, name, strategy.strategy, help, completion, T.self) {
        storage.append($0)
      } amend: {
        $0.isRepeating = true
        $0.isRequired = true
      }
    }
  }

  /// An option with a default, read by a function.
  public init(
    wrappedValue: Value, name: NameSpecification = .long,
    parsing strategy: SingleValueParsingStrategy = .next, help: ArgumentHelp? = nil,
    completion: CompletionKind? = nil, transform: @escaping @Sendable (String) throws -> Value
  ) {
    self.init(default: wrappedValue) { property, storage in
      var definition = transformDefinition(
        property, name, strategy.strategy, help, completion, transform
      ) { storage.value = $0 }
      definition.defaultDescription = "\(wrappedValue)"
      return definition
    }
  }

  /// An option that must be given, read by a function.
  public init(
    name: NameSpecification = .long, parsing strategy: SingleValueParsingStrategy = .next,
    help: ArgumentHelp? = nil, completion: CompletionKind? = nil,
    transform: @escaping @Sendable (String) throws -> Value
  ) {
    self.init(default: nil) { property, storage in
      var definition = transformDefinition(
        property, name, strategy.strategy, help, completion, transform
      ) { storage.value = $0 }
      definition.isRequired = true
      return definition
    }
  }

  /// An option that may be left out, read by a function.
  public init<T>(
    wrappedValue: T? = nil, name: NameSpecification = .long,
    parsing strategy: SingleValueParsingStrategy = .next, help: ArgumentHelp? = nil,
    completion: CompletionKind? = nil, transform: @escaping @Sendable (String) throws -> T
  ) where Value == T? {
    self.init(default: .some(wrappedValue)) { property, storage in
      transformDefinition(property, name, strategy.strategy, help, completion, transform) {
        storage.value = .some($0)
      }
    }
  }

  /// An option with several values and a default, each value read by a function.
  public init<T>(
    wrappedValue: [T], name: NameSpecification = .long,
    parsing strategy: ArrayParsingStrategy = .singleValue, help: ArgumentHelp? = nil,
    completion: CompletionKind? = nil, transform: @escaping @Sendable (String) throws -> T
  ) where Value == [T] {
    self.init(default: wrappedValue) { property, storage in
      var definition = transformDefinition(
        property, name, strategy.strategy, help, completion, transform
      ) { storage.append($0) }
      definition.isRepeating = true
      definition.defaultDescription = wrappedValue.map { "\($0)" }.joined(separator: ", ")
      return definition
    }
  }
}

extension ArgumentStorage {
  /// Adds a value; the first one replaces the default.
  func append<T>(_ element: T) where Value == [T] {
    value = (isGiven ? value ?? [] : []) + [element]
    isGiven = true
  }
}

private func optionDefinition<T: ExpressibleByArgument>(
  _ property: String, _ name: NameSpecification, _ strategy: ArgumentDefinition.Strategy,
  _ help: ArgumentHelp?, _ completion: CompletionKind?, _: T.Type,
  set: @escaping (T) -> Void, amend: (inout ArgumentDefinition) -> Void
) -> ArgumentDefinition {
  let names = name.names(for: property)
  var definition = ArgumentDefinition(
    kind: .option { argument in
      guard let value = T(argument: argument) else { throw InvalidValue() }
      set(value)
    })
  definition.names = names
  definition.help = help ?? ArgumentHelp()
  definition.valueName = definition.help.valueName ?? kebabCase(property)
  definition.strategy = strategy
  definition.allValues = T.allValueStrings
  definition.otherValues = T.otherValueStrings
  definition.expectation = T.expectation
  definition.completion = completion ?? T.defaultCompletionKind
  amend(&definition)
  return definition
}

private func transformDefinition<T>(
  _ property: String, _ name: NameSpecification, _ strategy: ArgumentDefinition.Strategy,
  _ help: ArgumentHelp?, _ completion: CompletionKind?,
  _ transform: @escaping (String) throws -> T, set: @escaping (T) -> Void
) -> ArgumentDefinition {
  var definition = ArgumentDefinition(kind: .option { set(try transform($0)) })
  definition.names = name.names(for: property)
  definition.help = help ?? ArgumentHelp()
  definition.valueName = definition.help.valueName ?? kebabCase(property)
  definition.strategy = strategy
  definition.completion = completion ?? .default
  return definition
}

/// Thrown by a definition's closure when the type cannot read the argument.
struct InvalidValue: Error {}
