import Terminal

/// A JSON value; objects keep the order of their keys.
package enum JSONValue: Hashable, Sendable {
  case null
  case bool(Bool)
  case integer(Int)
  /// Infinities and NaN are written as `null`, which is all that JSON has for them.
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([Member])

  /// One key of an object and its value.
  package struct Member: Hashable, Sendable {
    package var key: String
    package var value: JSONValue

    package init(_ key: String, _ value: JSONValue) {
      self.key = key
      self.value = value
    }
  }

  /// The value of an object's first member with this key; `nil` for anything else.
  package subscript(key: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.key == key }?.value
  }

  /// The text, indented by two spaces, without a line break at the end. Arrays and objects of
  /// plain values that fit into 100 columns stay on one line.
  package var text: String {
    var text = ""
    write(to: &text, indent: "")
    return text
  }

  /// The text on one line.
  package var compactText: String {
    switch self {
    case .null: "null"
    case .bool(let value): value ? "true" : "false"
    case .integer(let value): "\(value)"
    case .number(let value): Self.text(of: value)
    case .string(let value): value.quotedAsJSON
    case .array(let values): "[" + values.map(\.compactText).joined(separator: ", ") + "]"
    case .object(let members):
      "{"
        + members.map { "\($0.key.quotedAsJSON): \($0.value.compactText)" }
        .joined(separator: ", ") + "}"
    }
  }

  private var isNested: Bool {
    switch self {
    case .array, .object: true
    default: false
    }
  }

  private func write(to text: inout String, indent: String) {
    let deeper = indent + "  "
    switch self {
    case .array(let values) where !values.isEmpty:
      if !values.contains(where: \.isNested), fits(indent) { break }
      text += "[\n"
      for (index, value) in values.enumerated() {
        text += deeper
        value.write(to: &text, indent: deeper)
        text += index + 1 < values.count ? ",\n" : "\n"
      }
      text += indent + "]"
      return
    case .object(let members) where !members.isEmpty:
      if !indent.isEmpty, !members.contains(where: \.value.isNested), fits(indent) { break }
      text += "{\n"
      for (index, member) in members.enumerated() {
        text += deeper + member.key.quotedAsJSON + ": "
        member.value.write(to: &text, indent: deeper)
        text += index + 1 < members.count ? ",\n" : "\n"
      }
      text += indent + "}"
      return
    default: break
    }
    text += compactText
  }

  private func fits(_ indent: String) -> Bool { indent.count + compactText.utf8.count <= 96 }

  /// The shortest text that reads back as the same number.
  private static func text(of value: Double) -> String {
    guard value.isFinite else { return "null" }
    if value == value.rounded(), abs(value) < 1e15 { return "\(Int(value))" }
    return "\(value)"
  }
}

extension JSONValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByStringLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  package init(nilLiteral: ()) { self = .null }
  package init(booleanLiteral value: Bool) { self = .bool(value) }
  package init(integerLiteral value: Int) { self = .integer(value) }
  package init(floatLiteral value: Double) { self = .number(value) }
  package init(stringLiteral value: String) { self = .string(value) }
  package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  package init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(elements.map { Member($0.0, $0.1) })
  }
}

/// What becomes a ``JSONValue`` without thinking about it.
package protocol JSONConvertible {
  var json: JSONValue { get }
}

extension JSONValue: JSONConvertible { package var json: JSONValue { self } }
extension Bool: JSONConvertible { package var json: JSONValue { .bool(self) } }
extension Int: JSONConvertible { package var json: JSONValue { .integer(self) } }
extension Double: JSONConvertible { package var json: JSONValue { .number(self) } }
extension Float: JSONConvertible {
  /// The shortest decimal that reads back as this `Float`, not the digits of its `Double`.
  package var json: JSONValue { .number(Double(description) ?? Double(self)) }
}
extension String: JSONConvertible { package var json: JSONValue { .string(self) } }
extension Array: JSONConvertible where Element: JSONConvertible {
  package var json: JSONValue { .array(map(\.json)) }
}
extension Optional: JSONConvertible where Wrapped: JSONConvertible {
  package var json: JSONValue { map(\.json) ?? .null }
}

extension JSONValue {
  /// An object of its keys in order.
  package static func members(_ members: KeyValuePairs<String, any JSONConvertible>) -> JSONValue {
    .object(members.map { Member($0.key, $0.value.json) })
  }
}
