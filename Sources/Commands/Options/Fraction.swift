import ArgumentParsing

/// Reads the fraction of channels to remove: `0.5`, or `50%`, below 1.
package func channelFraction(_ text: String) throws -> Double {
  let isPercent = text.hasSuffix("%")
  guard let number = Double(isPercent ? String(text.dropLast()) : text), number >= 0
  else { throw ValidationError("expected a fraction such as 0.5 or a percentage such as 50%") }
  let fraction = isPercent ? number / 100 : number
  guard fraction < 1 else {
    throw ValidationError(
      isPercent || number == 1 || number >= 100
        ? "not all channels can be removed; the fraction is below 1"
        : "a number without % is a fraction below 1; write '\(text)%' for percent")
  }
  return fraction
}
