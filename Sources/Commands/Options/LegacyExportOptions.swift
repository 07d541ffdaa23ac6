import ArgumentParsing

/// Options of the earlier `convert_FPGA.py`, which ran the network on pictures and quantized it as it
/// wrote it. `pare export fpga` writes the codes that a pair has.
package struct LegacyExportOptions: ParsableArguments {
  @Option(help: .hidden) var data: String?
  @Option(name: .customLong("conf-thres"), help: .hidden) var confidence: Double?
  @Option(name: .customLong("nms-thres"), help: .hidden) var overlap: Double?
  @Option(help: .hidden) var device: String?
  @Option(help: .hidden) var quantized: Int?
  @Option(name: .customLong("a-bit"), help: .hidden) var activationBits: Int?
  @Option(name: .customLong("w-bit"), help: .hidden) var weightBits: Int?
  @Option(name: .customLong("shortcut_way"), help: .hidden) var shortcutWay: Int?
  @Flag(name: .customLong("FPGA"), help: .hidden) var powersOfTwo = false
  @Flag(name: .customLong("gray-scale"), help: .hidden) var grayScale = false
  // Tiles are what is written unless another layout is asked for.
  @Flag(help: .hidden) var reorder = false

  package init() {}

  /// What was accepted and changes nothing.
  var notices: [String] {
    let ofTheRun = [
      ("--data", data != nil), ("--conf-thres", confidence != nil),
      ("--nms-thres", overlap != nil), ("--device", device != nil),
    ]
    let ofTheCodes = [
      ("--quantized", quantized != nil), ("--a-bit", activationBits != nil),
      ("--w-bit", weightBits != nil), ("--shortcut_way", shortcutWay != nil),
    ]
    return ofTheRun.filter(\.1).map { "'\($0.0)' changes nothing: nothing is detected" }
      + ofTheCodes.filter(\.1).map {
        "'\($0.0)' changes nothing: the codes that the pair has are written"
      }
      + (grayScale
        ? ["'--gray-scale' changes nothing: pictures are read with the cfg's channels"] : [])
  }
}
