import ArgumentParsing

/// Reads the fraction of channels to remove: `0.5`, or `50%`, below 1.
package func channelFraction(_ text: String) throws -> Double {
  let isPercent = text.hasSuffix("%")
  guard let number = Double(isPercent ? String(text.dropLast()) : text), number >= 0 else {
    throw ValidationError(
      "expected a fraction such as 0.5 or a percentage such as 50%" + (pointed(text) ?? ""))
  }
  let fraction = isPercent ? number / 100 : number
  guard fraction < 1 else {
    throw ValidationError(
      isPercent || number == 1 || number >= 100
        ? "not all channels can be removed; the fraction is below 1"
        : "a number without % is a fraction below 1; write '\(text)%' for percent")
  }
  return fraction
}

/// Reads points of mAP, hundredths of it: `0.5`, without a sign.
package func points(_ text: String) throws -> Double {
  guard !text.hasSuffix("%") else {
    throw ValidationError(
      "points of mAP are hundredths of it and have no sign; write '\(text.dropLast())'")
  }
  guard let number = Double(argument: text) else {
    throw ValidationError("expected points of mAP, such as 0.5" + (pointed(text) ?? ""))
  }
  return number
}

/// The same number with a point where there is a comma; nil where that is none.
private func pointed(_ text: String) -> String? {
  let other = text.replacing(",", with: ".")
  guard other != text, Double(argument: other) != nil else { return nil }
  return "; write '\(other)'"
}
