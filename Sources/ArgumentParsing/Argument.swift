/// How a positional array finds its values.
public struct ArgumentArrayParsingStrategy: Sendable, Hashable {
  /// Every positional argument that is left.
  public static let remaining = ArgumentArrayParsingStrategy()
}

/// A property that is given by its place: `pare config check model.cfg`.
@propertyWrapper
public struct Argument<Value>: ArgumentDescribing {
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
    self.init(default: nil) { _, _ in ArgumentDefinition(kind: .positional { _ in }) }
  }

  /// The value: parsed, assigned or the default.
  public var wrappedValue: Value {
    get {
      guard let value = storage.value else {
        preconditionFailure("a required argument was read before the command line was parsed")
      }
      return value
    }
    set { storage = ArgumentStorage(newValue) }
  }

  func definition(for property: String) -> ArgumentDefinition { describe(property, storage) }
  var hasValue: Bool { storage.value != nil }
}

extension Argument: @unchecked Sendable where Value: Sendable {}

extension Argument where Value: ExpressibleByArgument {
  /// An argument with a default.
  public init(
    wrappedValue: Value, help: ArgumentHelp? = nil, completion: CompletionKind? = nil
  ) {
    self.init(default: wrappedValue) { property, storage in
      argumentDefinition(property, help, completion, Value.self) {
        storage.value = $0
      } amend: {
        $0.defaultDescription = wrappedValue.defaultValueDescription
      }
    }
  }

  /// An argument that must be given.
  public init(help: ArgumentHelp? = nil, completion: CompletionKind? = nil) {
    self.init(default: nil) { property, storage in
      argumentDefinition(property, help, completion, Value.self) {
        storage.value = $0
      } amend: {
        $0.isRequired = true
      }
    }
  }
}

extension Argument {
  /// An argument that may be left out.
  public init<T: ExpressibleByArgument>(
    help: ArgumentHelp? = nil, completion: CompletionKind? = nil
  ) where Value == T? {
    self.init(wrappedValue: nil, help: help, completion: completion)
  }

  /// An argument that may be left out.
  public init<T: ExpressibleByArgument>(
    wrappedValue: T?, help: ArgumentHelp? = nil, completion: CompletionKind? = nil
  ) where Value == T? {
    self.init(default: .some(wrappedValue)) { property, storage in
      argumentDefinition(property, help, completion, T.self) {
        storage.value = .some($0)
      } amend: { _ in
      }
    }
  }

  /// All positional arguments that are left, possibly none.
  public init<T: ExpressibleByArgument>(
    wrappedValue: [T], parsing strategy: ArgumentArrayParsingStrategy = .remaining,
    help: ArgumentHelp? = nil, completion: CompletionKind? = nil
  ) where Value == [T] {
    self.init(default: wrappedValue) { property, storage in
      argumentDefinition(property, help, completion, T.self) {
        storage.append($0)
      } amend: {
        $0.isRepeating = true
        $0.defaultDescription =
          wrappedValue.map(\.defaultValueDescription).joined(separator: ", ")
      }
    }
  }

  /// All positional arguments that are left, at least one.
  public init<T: ExpressibleByArgument>(
    parsing strategy: ArgumentArrayParsingStrategy = .remaining, help: ArgumentHelp? = nil,
    completion: CompletionKind? = nil
  ) where Value == [T] {
    self.init(default: nil) { property, storage in
      argumentDefinition(property, help, completion, T.self) {
        storage.append($0)
      } amend: {
        $0.isRepeating = true
        $0.isRequired = true
      }
    }
  }
}

private func argumentDefinition<T: ExpressibleByArgument>(
  _ property: String, _ help: ArgumentHelp?, _ completion: CompletionKind?, _: T.Type,
  set: @escaping (T) -> Void, amend: (inout ArgumentDefinition) -> Void
) -> ArgumentDefinition {
  var definition = ArgumentDefinition(
    kind: .positional { argument in
      guard let value = T(argument: argument) else { throw InvalidValue() }
      set(value)
    })
  definition.help = help ?? ArgumentHelp()
  definition.valueName = definition.help.valueName ?? kebabCase(property)
  definition.allValues = T.allValueStrings
  definition.otherValues = T.otherValueStrings
  definition.expectation = T.expectation
  definition.completion = completion ?? T.defaultCompletionKind
  amend(&definition)
  return definition
}
