import ArgumentParsing
import Boxes

/// `pare detect`.
package struct DetectCommand: PictureReadingCommand {
  package static let configuration = CommandConfiguration(
    commandName: "detect", abstract: "Finds objects in pictures and videos, draws and lists them.")

  @OptionGroup(title: "Network and data options") package var model: ModelOptions

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Pictures, videos, folders, patterns such as 'a/*.jpg', .txt lists, camera numbers, addresses; "
        + "'-' reads a picture or a list from the standard input.", valueName: "source",
      section: "Network and data options"),
    completion: .file())
  package var source: [String]

  @Option(
    help: ArgumentHelp(
      "Names of the classes; those beside the cfg unless given.", valueName: "file",
      section: "Network and data options"),
    completion: .file(extensions: ["names"]))
  package var names: String?

  @Option(
    help: ArgumentHelp(
      "A .data file to take the names from.", valueName: "file", section: "Network and data options"
    ),
    completion: .file(extensions: ["data"]))
  package var data: String?

  @OptionGroup(title: "Input options") package var inputSize: InputSizeOptions
  @OptionGroup(title: "Input options") package var scale: InputScaleOptions
  @OptionGroup(title: "Input options") package var feeding: FeedingOptions

  @Flag(
    help: ArgumentHelp(
      "Pad each picture to the network's stride only, not to the whole input size.",
      section: "Input options"))
  package var rect = false

  @Option(
    help: ArgumentHelp(
      "Lowest confidence of a detection.", valueName: "score", section: "Detection options"))
  package var confThres = Detection.usualConfidence

  @Option(
    name: [.customLong("iou-thres"), .customLong("nms-thres")],
    help: ArgumentHelp(
      "Overlap from which NMS drops a box.", valueName: "iou", section: "Detection options"))
  package var iouThres = Self.usualOverlap

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Classes to keep, by number, from 0, or by name; all unless given.", valueName: "class",
      section: "Network and data options"))
  package var classes: [String] = []

  @OptionGroup(title: "Detection options") package var postprocessing: PostprocessingOptions

  @Option(
    help: ArgumentHelp(
      "Number type that the network computes with.", valueName: "type", section: "Detection options"
    ))
  package var precision = PrecisionChoice.fp32

  @Flag(
    help: ArgumentHelp(
      "Write the detections as label files into the output folder.", section: "Output options"))
  package var saveTxt = false

  @Flag(
    help: ArgumentHelp(
      "Write the detections as COCO results to results.json in the output folder.",
      section: "Output options"))
  package var saveJson = false

  @Option(
    help: ArgumentHelp(
      "Four letters of the codec that videos are written with.", section: "Output options"))
  package var fourcc = "mp4v"

  @OptionGroup(title: "Output options") package var folder: RunFolderOptions
  @OptionGroup(title: "Machine options") package var machine: MachineOptions
  @OptionGroup(title: "Machine options") package var engine: EngineOptions
  @OptionGroup(title: "Network and data options") package var pictureOptions: PictureOptions
  @OptionGroup(title: "Report options") package var report: ReportOptions
  @OptionGroup(title: "Old options", visibility: .hidden) var quantization:
    LegacyQuantizationOptions
  @OptionGroup(title: "Old options", visibility: .hidden) var legacyPictures: LegacyPictureOptions

  @Flag(help: .hidden) var half = false
  @Flag(help: .hidden) var viewImg = false
  @Flag(name: .customLong("quantizer_output"), help: .hidden) var quantizerOutput = false
  @Option(name: .customLong("layer_idx"), help: .hidden) var layerIndex: Int?
  @Flag(help: .hidden) var reorder = false
  @Option(name: .customLong("TN"), help: .hidden) var tileInputs: Int?
  @Option(name: .customLong("TM"), help: .hidden) var tileOutputs: Int?

  /// Overlap from which a box is dropped unless another is asked for.
  package static let usualOverlap: Float = 0.6

  package init() {}

  package mutating func validate() throws {
    try scale.fold(legacyPictures)
    for source in source { try requirePath("--source", source) }
    try require(
      source.count { $0 == "-" } <= 1, "'--source -' can be read once")
    try require("--conf-thres", confThres, in: 0...1)
    try require("--iou-thres", iouThres, in: 0...1)
    for text in classes { try require("--classes", Int(text), atLeast: 0) }
    try require(
      fourcc.utf8.count == 4 && fourcc.allSatisfy(\.isASCII),
      "'--fourcc \(fourcc)' is not four letters")
    try refuse("--view-img", viewImg, "no window is opened; the drawn pictures are files")
    try feeding.requirePadding(rect)
    let elsewhere = "'pare quantize --dump' writes every layer's codes, '--layer' those of one"
    try refuse("--quantizer_output", quantizerOutput, elsewhere)
    try refuse("--layer_idx", layerIndex, unless: [-1], elsewhere)
    try refuse("--reorder", reorder, "'pare export fpga' writes weights and codes in tiles")
    if half { precision = .fp16 }
  }

  package var notices: [String] {
    quantization.notices + legacyPictures.notices
      + [("--TN", tileInputs), ("--TM", tileOutputs)].filter { $0.1 != nil }
      .map { "'\($0.0)' changes nothing: 'pare export fpga' writes tiles" }
  }
}
