import ArgumentParsing

/// Changes to training pictures; what is not given follows the cfg where that says it, and is ours
/// otherwise.
package struct AugmentationOptions: ParsableArguments {
  @Flag(
    inversion: .prefixedNo,
    help: "Put four pictures together; done unless the cfg's mosaic is 0.")
  package var mosaic: Bool?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Largest change of hue, saturation and value; 0.0138, 0.678 and 0.36 unless given, none where "
        + "the cfg's hue is 0, its saturation or exposure 1.", valueName: "gain"))
  package var hsv: [Double] = []

  @Option(
    help: ArgumentHelp(
      "Largest rotation in degrees; the cfg's angle, or 0, unless given.", valueName: "degrees"))
  package var degrees: Double?

  @Option(help: ArgumentHelp("Largest shift, as a fraction of the size.", valueName: "fraction"))
  package var translate = 0.0

  @Option(help: ArgumentHelp("Largest change of scale, as a fraction.", valueName: "fraction"))
  package var scale = 0.0

  @Option(help: ArgumentHelp("Largest shear in degrees.", valueName: "degrees"))
  package var shear = 0.0

  @Option(
    help: ArgumentHelp(
      "Probability of mirroring left to right; 0.5 unless given, 0 where the cfg's flip is 0.",
      valueName: "probability"))
  package var flip: Double?

  package init() {}

  package func validate() throws {
    try require(hsv.isEmpty || hsv.count == 3, "'--hsv' takes three values, not \(hsv.count)")
    for gain in hsv { try require("--hsv", gain, in: 0...1) }
    try require("--degrees", degrees, in: 0...180)
    try require("--translate", translate, in: 0...1)
    try require("--scale", scale, in: 0...0.99)
    try require("--shear", shear, in: 0...89)
    try require("--flip", flip, in: 0...1)
  }
}
