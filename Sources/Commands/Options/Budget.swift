import ArgumentParsing

/// How much may remain of something.
package enum Budget: Hashable, Sendable {
  /// A share of what there is, `0<..<1`.
  case share(Double)
  /// An amount, in the option's first unit.
  case amount(Double)

  /// Reads `30%`, or a number with K, M or G and one of the units: `2G`, `5MB`, `8ms`.
  ///
  /// - Parameter units: endings, each with its size; empty for none.
  init(_ text: String, units: [String: Double]) throws(ValidationError) {
    if text.hasSuffix("%") {
      guard let number = Double(text.dropLast()), number > 0, number < 100 else {
        throw ValidationError("expected a share between 0% and 100%")
      }
      self = .share(number / 100)
      return
    }
    for (unit, size) in units.sorted(by: { $0.key.count > $1.key.count }) {
      guard text.hasSuffix(unit) else { continue }
      var digits = String(text.dropLast(unit.count))
      var factor = size
      if let prefix = digits.last.flatMap({ Self.prefixes[$0] }), units.keys.contains("") {
        digits.removeLast()
        factor *= prefix
      }
      guard let number = Double(argument: digits), number > 0 else { continue }
      self = .amount(number * factor)
      return
    }
    let examples = units.keys.contains("ms") ? "8ms" : units.keys.contains("B") ? "5MB" : "2G"
    throw ValidationError("expected an amount above 0 such as \(examples), or a share such as 30%")
  }

  private static let prefixes: [Character: Double] = [
    "K": 1e3, "k": 1e3, "M": 1e6, "G": 1e9,
  ]

  /// The amount, of what there is.
  package func amount(of whole: Double) -> Double {
    switch self {
    case .share(let share): share * whole
    case .amount(let amount): amount
    }
  }
}
