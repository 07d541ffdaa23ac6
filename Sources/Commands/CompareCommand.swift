import ArgumentParsing
import Boxes
import Darknet

/// `pare compare`.
package struct CompareCommand: PictureReadingCommand {
  package static let configuration = CommandConfiguration(
    commandName: "compare", abstract: "Puts two or more networks side by side.",
    discussion: """
      Each is one of: a run folder, or the name of one in runs/; a cfg file or a .weights file with the other beside it; a \
      file written by 'pare test --save-predictions'; a folder of such files, one for each fold of \
      'pare dataset split'. The others are compared with the first one. Of a run folder the best \
      weights are taken, or those that another of them was pruned from.
      """)

  @Argument(
    help: ArgumentHelp("Networks or stored predictions.", valueName: "network"),
    completion: .file())
  package var operands: [String]

  @Option(
    help: ArgumentHelp(
      "Draw this many bootstrap samples of pictures for intervals of the differences.",
      valueName: "samples"))
  package var bootstrap: Int?

  @Option(help: ArgumentHelp("Confidence of the intervals.", valueName: "level"))
  package var confidence = 0.95

  @Option(help: ArgumentHelp("Seed of the samples.", valueName: "n"))
  package var seed: UInt64 = 0

  @Option(
    help: ArgumentHelp(
      "Data set to measure networks on; that of the runs unless given. Without one they are not run.",
      valueName: "file"),
    completion: .file(extensions: ["data"]))
  package var data: String?

  @Option(
    help: ArgumentHelp(
      "The split of the data set to measure on; valid unless given.", valueName: "split"))
  package var split: DataFile.Split?

  @Flag(help: "Treat all classes of the data set as one; the cfgs must have one class then.")
  package var singleCls = false

  @OptionGroup package var inputSize: InputSizeOptions
  @OptionGroup package var feeding: FeedingOptions

  @Option(help: EvaluationStyle.help())
  package var ap = EvaluationStyle.coco

  @OptionGroup package var machine: MachineOptions
  @OptionGroup package var engine: EngineOptions
  @OptionGroup package var pictureOptions: PictureOptions
  @OptionGroup package var report: ReportOptions

  package init() {}

  package mutating func validate() throws {
    // "runs/dense,runs/tuned" is no file.
    let parts = operands.count == 1 ? operands[0].split(separator: ",") : []
    let isList = parts.count > 1 && !fileExists(operands[0])
    try require(
      operands.count >= 2,
      "'compare' needs at least two networks, such as 'pare compare "
        + (isList
          ? "\(parts.map(String.init).joined(separator: " "))': they stand apart"
          : "runs/dense runs/tuned'"))
    for operand in operands { try requirePath("network", operand) }
    operands = operands.map(RunFiles.folder)
    try require("--bootstrap", bootstrap, in: 100...1_000_000)
    try require("--confidence", confidence, in: 0.5...0.9999)
    try requirePath("--data", data)
    // A run knows its data set, which is seen when it is read.
    let mayHaveData = data != nil || operands.contains { fileExists("\($0)/\(RunFiles.cfg)") }
    let need = needOfData
    try require(mayHaveData || need == nil, need ?? "")
  }

  /// Why the options cannot do without a data set; nil where they can.
  package var needOfData: String? {
    if split != nil {
      return
        "'--split' is a split of the data set; name that with '--data' (stored predictions are "
        + "of the split that they were measured on)"
    }
    return singleCls ? "'--single-cls' needs a '--data' file" : nil
  }
}
