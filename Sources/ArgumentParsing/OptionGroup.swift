/// Arguments that several commands share, kept in a type of their own.
@propertyWrapper
public struct OptionGroup<Value: ParsableArguments>: ArgumentGrouping {
  private var storage: ArgumentStorage<Value>
  let title: String
  let visibility: ArgumentVisibility

  /// A group; a title makes a section of the help.
  public init(title: String = "", visibility: ArgumentVisibility = .default) {
    storage = ArgumentStorage(Value())
    self.title = title
    self.visibility = visibility
  }

  /// The group's arguments.
  public var wrappedValue: Value {
    get { storage.value ?? Value() }
    set { storage = ArgumentStorage(newValue) }
  }

  var contents: any ParsableArguments { wrappedValue }

  func validateContents() throws {
    try storage.value?.validate()
  }
}

extension OptionGroup: @unchecked Sendable where Value: Sendable {}
