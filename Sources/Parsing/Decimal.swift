// Numbers in text files, byte by byte: annotation files hold millions of them.

/// The value of a decimal number such as `-12`, `0.5`, `.5`, `1e-3`; nil for everything else, NaN
/// and infinity included.
package func decimalValue(_ token: ArraySlice<UInt8>) -> Double? {
  var rest = token
  var isNegative = false
  if let sign = rest.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
    isNegative = sign == UInt8(ascii: "-")
    rest.removeFirst()
  }
  var mantissa: UInt64 = 0
  var digits = 0
  var scale = 0
  var isExact = true
  var isFraction = false
  while let byte = rest.first {
    if byte == UInt8(ascii: ".") {
      guard !isFraction else { return nil }
      isFraction = true
    } else if (0x30...0x39).contains(byte) {
      digits += 1
      if mantissa < 900_000_000_000_000 {
        mantissa = mantissa * 10 + UInt64(byte - 0x30)
        if isFraction { scale -= 1 }
      } else {
        isExact = false
      }
    } else {
      break
    }
    rest.removeFirst()
  }
  guard digits > 0 else { return nil }
  if let byte = rest.first {
    guard byte | 0x20 == UInt8(ascii: "e") else { return nil }
    isExact = false
    rest.removeFirst()
    if let sign = rest.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
      rest.removeFirst()
    }
    guard !rest.isEmpty, rest.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
  }
  if isExact, scale >= -22 {
    // Both are exact in a Double, so the quotient is the nearest one to the text.
    let value = Double(mantissa) / tenToThe[-scale]
    return isNegative ? -value : value
  }
  guard let value = Double(String(decoding: token, as: UTF8.self)), value.isFinite else {
    return nil
  }
  return value
}

private let tenToThe: [Double] = [
  1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17,
  1e18, 1e19, 1e20, 1e21, 1e22,
]

/// A number with `places` decimals at most, trailing zeros dropped, never with an exponent.
///
/// - Precondition: `value` is finite and below 10⁹ in size, `places` at most 9.
package func decimal(_ value: Double, places: Int) -> String {
  precondition(value.magnitude < 1e9 && (0...9).contains(places), "a number that fits")
  let unit = tenToThe[places]
  let scaled = Int((value.magnitude * unit).rounded())
  let (whole, fraction) = scaled.quotientAndRemainder(dividingBy: Int(unit))
  var text = (value < 0 && scaled > 0 ? "-" : "") + String(whole)
  if fraction > 0 {
    let digits = String(fraction)
    text += "." + String(repeating: "0", count: places - digits.count) + digits
    while text.hasSuffix("0") { text.removeLast() }
  }
  return text
}
