import ArgumentParsing
import Boxes
import Darknet

/// `pare test`.
package struct TestCommand: PictureReadingCommand {
  package static let configuration = CommandConfiguration(
    commandName: "test", abstract: "Measures precision, recall and mAP on a labelled data set.")

  /// What is measured.
  package enum TaskChoice: String, ExpressibleByArgument, CaseIterable, Sendable {
    /// One measurement.
    case test
    /// One for each of the network's own size, 256, 384 and 512, and NMS overlaps 0.6, 0.7
    /// (docs/formulas.md 8.7).
    case benchmark
  }

  @OptionGroup(title: "Network and data options") package var model: ModelOptions

  @Option(
    help: ArgumentHelp(
      "The data set's .data file; that of the run unless given.", valueName: "file",
      section: "Network and data options"),
    completion: .file(extensions: ["data"]))
  package var data: String?

  @Option(
    help: ArgumentHelp(
      "Names of the classes; the data set's unless given.", valueName: "file",
      section: "Network and data options"),
    completion: .file(extensions: ["names"]))
  package var names: String?

  @Option(
    help: ArgumentHelp(
      "The split of the data set to measure on.", valueName: "split",
      section: "Network and data options"))
  package var split = DataFile.Split.valid

  @Option(
    help: ArgumentHelp(
      "One measurement, or a table of sizes and overlaps.", section: "Measurement options"))
  package var task = TaskChoice.test

  @OptionGroup(title: "Input options") package var inputSize: InputSizeOptions
  @OptionGroup(title: "Input options") package var scale: InputScaleOptions
  @OptionGroup(title: "Input options") package var feeding: FeedingOptions

  @Flag(
    help: ArgumentHelp(
      "Test batches of like proportions with the least padding.", section: "Input options"))
  package var rect = false

  @Flag(
    help: ArgumentHelp(
      "Treat all classes of the data set as one; the cfg must have one class then.",
      section: "Network and data options"))
  package var singleCls = false

  @Option(
    help: ArgumentHelp(
      "Pictures per pass through the network.", valueName: "n", section: "Input options"))
  package var batchSize = 16

  @Option(
    help: ArgumentHelp(
      "Lowest confidence of a detection.", valueName: "score", section: "Detection options"))
  package var confThres: Float = 0.001

  @Option(
    help: ArgumentHelp(
      "Overlap from which NMS drops a box; 0.6 unless given.", valueName: "iou",
      section: "Detection options"))
  package var iouThres: Float?

  @OptionGroup(title: "Detection options") package var postprocessing: PostprocessingOptions

  @Option(help: EvaluationStyle.help(section: "Measurement options"))
  package var ap = EvaluationStyle.coco

  @Option(
    help: ArgumentHelp(
      "Number type that the network computes with.", valueName: "type", section: "Detection options"
    ))
  package var precision = PrecisionChoice.fp32

  @Flag(
    help: ArgumentHelp(
      "Write the detections as COCO results to results.json in the output folder.",
      section: "Output options"))
  package var saveJson = false

  @Flag(
    help: ArgumentHelp(
      "Write the detections as label files into the output folder.", section: "Output options"))
  package var saveTxt = false

  @Option(
    help: ArgumentHelp(
      "Keep detections and labels for 'pare compare'.", valueName: "file", section: "Output options"
    ),
    completion: .file(extensions: ["json"]))
  package var savePredictions: String?

  @OptionGroup(title: "Output options") package var folder: RunFolderOptions
  @OptionGroup(title: "Machine options") package var machine: MachineOptions
  @OptionGroup(title: "Machine options") package var engine: EngineOptions
  @OptionGroup(title: "Network and data options") package var pictureOptions: PictureOptions
  @OptionGroup(title: "Report options") package var report: ReportOptions
  @OptionGroup(title: "Old options", visibility: .hidden) var quantization:
    LegacyQuantizationOptions
  @OptionGroup(title: "Old options", visibility: .hidden) var legacyPictures: LegacyPictureOptions

  @Option(help: .hidden) var nmsThres: Float?
  @Option(help: .hidden) var qlayers: String?

  package init() {}

  package mutating func validate() throws {
    try scale.fold(legacyPictures)
    try requirePath("--data", data)
    try require(
      data != nil || model.folder != nil, "Missing expected argument '--data <file>'")
    try require("--batch-size", batchSize, in: 1...65_536)
    try require("--conf-thres", confThres, in: 0...1)
    try require("--iou-thres", iouThres, in: 0...1)
    try require("--nms-thres", nmsThres, in: 0...1)
    try requirePath("--save-predictions", savePredictions)
    try require(
      task == .test || !(saveJson || saveTxt || folder.output != nil),
      "'--task benchmark' writes no files; leave out '--output', '--save-json' and '--save-txt'")
    try feeding.requirePadding(rect)
    try refuse("--qlayers", qlayers, unless: ["", "-1"], "it never had a meaning")
    // The oldest programs had both: `--nms-thres` for NMS, `--iou-thres` for what counts as found.
    if let nmsThres {
      try require(
        iouThres == nil || iouThres == 0.5,
        "with '--nms-thres', '--iou-thres' is the overlap that counts as found, which is 0.5")
      iouThres = nmsThres
    }
  }

  /// The overlap from which NMS drops a box.
  package var suppressionThreshold: Float { iouThres ?? 0.6 }

  package var notices: [String] { quantization.notices + legacyPictures.notices }
  package var picturesPerPass: Int? { batchSize }
}
