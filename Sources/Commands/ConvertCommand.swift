import ArgumentParsing
import Darknet

/// `pare convert`.
package struct ConvertCommand: EngineCommand {
  package static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract: "Converts weights between Darknet, safetensors and PyTorch's names.",
    discussion: """
      The output's name says what is written:

        NAME.weights      Darknet's form
        NAME.conv.N       the first N layers in Darknet's form
        NAME.safetensors  arrays with names
        NAME.bin          NAME_weights.bin and NAME_bias.bin, normalization folded in

      Without --output, weights/CFG-best.weights, weights/CFG_weights.bin and \
      weights/CFG_bias.bin are written. With --standard the network is rewritten into Darknet's own blocks, so that other programs can read it. Its \
      outputs stay the same. NAME.cfg is then written too.
      """)

  @OptionGroup package var model: ModelOptions

  @Option(help: ArgumentHelp("File to write.", valueName: "file"), completion: .file())
  package var output: String?

  @Option(
    help: ArgumentHelp(
      "Names in a .safetensors: 12.gamma, or module_list.12.BatchNorm2d.weight.",
      valueName: "naming"))
  package var tensorNames: ParameterNaming?

  @Flag(
    help: """
      Rewrite extension blocks (depthwise, se, BatchNorm2d, h_swish) into Darknet's own, and write \
      the cfg too.
      """)
  package var standard = false

  @Flag(help: "Convert weights that hold NaN or infinity too.")
  package var allowNan = false

  @Flag(help: "Replace the output file.")
  package var overwrite = false

  @OptionGroup package var report: ReportOptions
  @OptionGroup(title: "Old options", visibility: .hidden) var quantization:
    LegacyQuantizationOptions
  @OptionGroup(title: "Old options", visibility: .hidden) var legacyPictures: LegacyPictureOptions
  @OptionGroup(title: "Old options", visibility: .hidden) var legacy: LegacyConvertOptions

  package init() {}

  /// The form of a file of weights.
  package enum Format: Hashable, Sendable {
    case darknet
    case safetensors
    /// The first `layers` layers in Darknet's form.
    case backbone(layers: Int)
    /// Two files of plain numbers, batch normalization folded in.
    case fused

    /// What a file's name asks for; `nil` for a name that is none of them.
    package init?(_ path: String) {
      let parts = path.split(separator: ".")
      if path.hasSuffix(".weights") {
        self = .darknet
      } else if path.hasSuffix(".safetensors") {
        self = .safetensors
      } else if path.hasSuffix(".bin") {
        self = .fused
      } else if parts.count > 2, parts[parts.count - 2] == "conv",
        let layers = Int(parts[parts.count - 1]), layers > 0
      {
        self = .backbone(layers: layers)
      } else {
        return nil
      }
    }
  }

  /// What is written: the output, or the two that `convert.py` wrote for a cfg.
  package var outputs: [(path: String, format: Format)] {
    if let output { return Format(output).map { [(output, $0)] } ?? [] }
    let file = fileName(of: model.cfg)
    let stem = file.hasSuffix(".cfg") ? String(file.dropLast(4)) : file
    return [("weights/\(stem)-best.weights", .darknet), ("weights/\(stem).bin", .fused)]
  }

  /// Where `--standard` puts the cfg: beside the output. Nil without it, and for parts of networks.
  package var standardCfg: String? {
    guard standard, let output else { return nil }
    switch Format(output) {
    case .darknet: return output.dropLast(".weights".count) + ".cfg"
    case .safetensors: return output.dropLast(".safetensors".count) + ".cfg"
    case .backbone, .fused, nil: return nil
    }
  }

  package func validate() throws {
    try requirePath("--output", output)
    try refuse(
      "--maxabsscaler", legacyPictures.maxAbsScaler, "converting weights looks at no pictures")
    try require(
      !outputs.isEmpty,
      "'--output \(output ?? "")' must end in .weights, .safetensors, .bin or .conv.N with a number N"
    )
    try require(
      tensorNames == nil || outputs.first?.format == .safetensors,
      "'--tensor-names' needs an '--output' that ends in .safetensors; other forms have no names")
    try require(
      !standard || output != nil && standardCfg != nil,
      "'--standard' needs an '--output' NAME.weights or NAME.safetensors, for a whole network")
  }

  package var notices: [String] { quantization.notices + legacyPictures.notices + legacy.notices }
}

extension ParameterNaming: ExpressibleByArgument {}

/// Options of the earlier `convert.py` that converting never used.
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
