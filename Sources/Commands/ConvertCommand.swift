import ArgumentParsing

/// `pare convert`.
package struct ConvertCommand: EngineCommand {
  package static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract: "Converts weights between .weights, .safetensors and partial backbones.",
    discussion: """
      The output's name chooses its form: NAME.weights, NAME.safetensors, or NAME.conv.N for the \
      first N layers. With --standard NAME.cfg is written beside it: a network of Darknet's own \
      blocks, which other programs can read, with the same outputs.
      """)

  @OptionGroup package var model: ModelOptions

  @Option(help: ArgumentHelp("File to write.", valueName: "file"), completion: .file())
  package var output: String

  @Flag(
    help: """
      Rewrite extension blocks (depthwise, se, BatchNorm2d, h_swish) into Darknet's own, and write \
      the cfg too.
      """)
  package var standard = false

  @Flag(help: "Replace the output file.")
  package var overwrite = false

  @OptionGroup package var report: ReportOptions
  @OptionGroup(title: "Old options", visibility: .hidden) var quantization:
    LegacyQuantizationOptions
  @OptionGroup(title: "Old options", visibility: .hidden) var legacy: LegacyConvertOptions

  package init() {}

  /// The form of a file of weights.
  package enum Format: Hashable, Sendable {
    case darknet
    case safetensors
    /// The first `layers` layers in Darknet's form.
    case backbone(layers: Int)
  }

  /// What the output's name asks for; `nil` after a validated command line never happens.
  package var format: Format? {
    if output.hasSuffix(".weights") { return .darknet }
    if output.hasSuffix(".safetensors") { return .safetensors }
    let parts = output.split(separator: ".")
    guard parts.count > 2, parts[parts.count - 2] == "conv",
      let layers = Int(parts[parts.count - 1]),
      layers > 0
    else { return nil }
    return .backbone(layers: layers)
  }

  package func validate() throws {
    try requirePath("--output", output)
    try refuse(
      "--maxabsscaler", quantization.maxAbsScaler, "converting weights looks at no pictures")
    try require(
      format != nil,
      "'--output \(output)' must end in .weights, .safetensors or .conv.N with a number N")
    if standard, case .backbone = format {
      throw ValidationError("'--standard' writes whole networks, not '\(output)'")
    }
  }

  /// Where `--standard` puts the cfg: beside the output.
  package var standardCfg: String {
    String(output.prefix(upTo: output.lastIndex(of: ".") ?? output.endIndex)) + ".cfg"
  }

  package var notices: [String] { quantization.notices + legacy.notices }
}

/// Options of the replaced systems' `convert.py` that converting never used.
package struct LegacyConvertOptions: ParsableArguments {
  @Option(help: .hidden) var data: String?
  @Option(help: .hidden) var source: String?
  @Option(name: .customLong("img-size"), help: .hidden) var imgSize: Int?
  @Option(help: .hidden) var confThres: Float?
  @Option(help: .hidden) var nmsThres: Float?
  @Option(help: .hidden) var device: String?
  @Flag(help: .hidden) var half = false

  package init() {}

  package func validate() throws {
    try refuse("--half", half, "weights are written in full precision, which every reader expects")
  }

  var notices: [String] {
    [
      ("--data", data != nil), ("--source", source != nil), ("--img-size", imgSize != nil),
      ("--conf-thres", confThres != nil), ("--nms-thres", nmsThres != nil),
      ("--device", device != nil),
    ].filter(\.1).map { "'\($0.0)' changes nothing: converting reads cfg and weights only" }
  }
}
