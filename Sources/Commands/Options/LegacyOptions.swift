import ArgumentParsing

/// Options of the earlier Python programs for quantization, in commands that do not quantize. They
/// are accepted where they say "off" and refused otherwise.
package struct LegacyQuantizationOptions: ParsableArguments {
  @Option(help: "-1 or 0: off.") var quantized: Int?
  @Option(name: .customLong("a_bit"), help: "Bits of activations; only with quantization.")
  var activationBits: Int?
  @Option(name: .customLong("w-bit"), help: "Bits of weights; only with quantization.")
  var weightBits: Int?
  @Flag(
    name: [.customLong("BN_Fold"), .customLong("BN_Flod")],
    help: "Fold normalisation; only with quantization.")
  var foldsNormalization = false
  @Flag(name: .customLong("FPGA"), help: "Power-of-two scales; only with quantization.")
  var powerOfTwoScales = false
  @Option(name: .customLong("shortcut_way"), help: "Scales of sums; only with quantization.")
  var shortcutWay: Int?

  package init() {}

  package func validate() throws {
    try refuse(
      "--quantized", quantized, unless: [-1, 0], "'pare quantize' quantizes a trained network")
  }

  /// What was accepted and changes nothing.
  var notices: [String] {
    let onlyQuantized = [
      ("--a-bit", activationBits != nil), ("--w-bit", weightBits != nil),
      ("--BN_Fold", foldsNormalization), ("--FPGA", powerOfTwoScales),
      ("--shortcut_way", shortcutWay != nil),
    ]
    return onlyQuantized.filter(\.1).map {
      "'\($0.0)' changes nothing: a quantized pair has codes of its own, and others have none"
    }
  }
}

/// Options of the earlier Python programs for what pictures become.
package struct LegacyPictureOptions: ParsableArguments {
  @Flag(name: .customLong("gray-scale"), help: "Read pictures in gray; the cfg decides.")
  var grayScale = false
  @Flag(
    name: [.customLong("maxabsscaler"), .customLong("mas", withSingleDash: true)],
    help: "As '--input-scale maxabs'.")
  var maxAbsScaler = false

  package init() {}

  /// What was accepted and changes nothing.
  var notices: [String] {
    grayScale
      ? ["'--gray-scale' changes nothing: pictures are read with the cfg's channels"] : []
  }
}
