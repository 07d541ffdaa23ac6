/// A type that one command line argument can spell.
public protocol ExpressibleByArgument {
  /// Reads the argument; `nil` when it does not spell a value.
  init?(argument: String)

  /// How the help writes a default value; an empty text is not shown.
  var defaultValueDescription: String { get }

  /// Every spelling there is, for help, messages and completion; empty when they are not listed.
  static var allValueStrings: [String] { get }

  /// What else people call some of the spellings, in lower case: messages lead from there.
  static var otherValueStrings: [String: String] { get }

  /// What a value has to be, for messages, such as "a whole number"; nil where the spellings are
  /// listed, or only the type itself can tell.
  static var expectation: String? { get }

  /// How shells complete a value.
  static var defaultCompletionKind: CompletionKind { get }
}

extension ExpressibleByArgument {
  /// The value's description.
  public var defaultValueDescription: String { "\(self)" }
  /// Not listed.
  public static var allValueStrings: [String] { [] }
  /// Nothing.
  public static var otherValueStrings: [String: String] { [:] }
  /// Not known.
  public static var expectation: String? { nil }
  /// The listed spellings, where there are any.
  public static var defaultCompletionKind: CompletionKind {
    allValueStrings.isEmpty ? .default : .list(allValueStrings)
  }
}

extension ExpressibleByArgument where Self: CaseIterable {
  /// The default descriptions of all cases.
  public static var allValueStrings: [String] { allCases.map(\.defaultValueDescription) }
}

extension RawRepresentable where Self: ExpressibleByArgument, RawValue: ExpressibleByArgument {
  /// Reads the raw value.
  public init?(argument: String) {
    guard let raw = RawValue(argument: argument) else { return nil }
    self.init(rawValue: raw)
  }
  /// The raw value's description.
  public var defaultValueDescription: String { rawValue.defaultValueDescription }
}

extension ExpressibleByArgument where Self: LosslessStringConvertible {
  /// Reads the type's own spelling.
  public init?(argument: String) { self.init(argument) }
}

extension String: ExpressibleByArgument {
  /// Any argument is a string.
  public init?(argument: String) { self = argument }
}

extension Bool: ExpressibleByArgument {}

extension Int: ExpressibleByArgument {
  /// Reads a decimal whole number.
  public init?(argument: String) { self.init(argument) }
}
extension Int32: ExpressibleByArgument {}
extension Int64: ExpressibleByArgument {}
extension UInt: ExpressibleByArgument {}
extension UInt64: ExpressibleByArgument {}

extension ExpressibleByArgument where Self: BinaryInteger {
  /// A whole number.
  public static var expectation: String? { "a whole number" }
}

extension ExpressibleByArgument where Self: BinaryFloatingPoint {
  /// A number with a point.
  public static var expectation: String? { "a number such as 0.5" }
}

extension Double: ExpressibleByArgument {
  /// Reads a decimal number, or one of percent: `50%` is 0.5. `nan` and infinities are not numbers
  /// that an option can mean.
  public init?(argument: String) {
    let isPercent = argument.hasSuffix("%")
    guard let value = Double(isPercent ? String(argument.dropLast()) : argument), value.isFinite
    else { return nil }
    self = isPercent ? value / 100 : value
  }
}

extension Float: ExpressibleByArgument {
  /// Reads a decimal number, or one of percent: `50%` is 0.5. `nan` and infinities are not numbers
  /// that an option can mean.
  public init?(argument: String) {
    let isPercent = argument.hasSuffix("%")
    guard let value = Float(isPercent ? String(argument.dropLast()) : argument), value.isFinite
    else { return nil }
    self = isPercent ? value / 100 : value
  }
}
