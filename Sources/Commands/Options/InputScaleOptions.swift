import ArgumentParsing
import Darknet

extension InputScale: ExpressibleByArgument {}

/// What pixel values become before they enter the network.
package struct InputScaleOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "How pixel values are scaled: divided by 255, by 256, or to -1...1 (maxabs); the model's own "
        + "unless given.",
      valueName: "kind"))
  package var inputScale: InputScale?

  package init() {}

  /// Takes up the old spelling of maxabs.
  mutating func fold(_ legacy: LegacyPictureOptions) throws {
    guard legacy.maxAbsScaler else { return }
    try require(
      inputScale == nil || inputScale == .maxabs,
      "'--maxabsscaler' is '--input-scale maxabs', not \(inputScale?.rawValue ?? "")")
    inputScale = .maxabs
  }
}
