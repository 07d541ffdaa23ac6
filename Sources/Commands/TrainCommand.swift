import ArgumentParsing

/// `pare train`.
package struct TrainCommand: PictureReadingCommand {
  package static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Trains a network, sparse, with a teacher or on codes where asked.",
    usage: "pare train [<options>] (--cfg <file> | --model <dir>) --data <file>",
    discussion: """
      Writes a run folder: the network with its best weights (model.weights) and those of the last \
      epoch (last.weights), figures of every epoch (results.csv, report.html), and the checkpoint \
      that --resume needs (last.safetensors). Ctrl-C saves, and says how to go on.
      """)

  @OptionGroup(title: "Network and data options") package var input: TrainingInputOptions
  @OptionGroup(title: "Network and data options") package var scale: InputScaleOptions
  @OptionGroup(title: "Schedule options") package var schedule: ScheduleOptions
  @OptionGroup(title: "Loss options") package var loss: LossOptions
  @OptionGroup(title: "Sparsity options") package var sparse: SparsityOptions
  @OptionGroup(title: "Distillation options") package var distillation: TeacherOptions
  @OptionGroup(title: "Quantization options") package var quantization: QuantizedTrainingOptions
  @OptionGroup(title: "Augmentation options") package var augmentation: AugmentationOptions
  @OptionGroup(title: "Run options") package var run: TrainingRunOptions
  @OptionGroup(title: "Machine options") package var machine: TrainingMachineOptions
  @OptionGroup(title: "Machine options") package var pictureOptions: PictureOptions
  @OptionGroup(title: "Report options") package var report: ReportOptions
  @OptionGroup(title: "Old options", visibility: .hidden) var legacy: LegacyTrainingOptions
  @OptionGroup(title: "Old options", visibility: .hidden) var legacyPictures: LegacyPictureOptions

  package init() {}

  /// Folds the old spellings into the main options, which are all that the engine reads.
  package mutating func validate() throws {
    if !run.resume {
      try require(
        input.cfg != nil, "Missing expected argument '--cfg <file>', or '--model <dir>' to go on")
      try require(input.data != nil, "Missing expected argument '--data <file>'")
      try distillation.requireTeacher()
      try quantization.requireScheme()
    }
    try require(
      !(run.resume && run.overwrite), "'--resume' continues in place; '--overwrite' would not")
    try scale.fold(legacyPictures)
    if legacy.cacheImages { machine.cache = .ram }
    if legacy.nosave { run.saveEvery = 0 }
    if legacy.notest { run.evaluateEvery = 0 }
    if legacy.mixedPrecision { machine.precision = .fp16 }
    if legacy.adam { schedule.optimizer = .adam }
    try require(
      distillation.unlabeled == nil || !input.rect,
      "'--unlabeled' mixes pictures of all proportions, which '--rect' keeps apart")
    try require(
      distillation.unlabeled == nil || schedule.batchSize > 1,
      "'--unlabeled' needs a '--batch-size' above 1")
    try require(
      quantization.quantize == nil || machine.precision == .fp32,
      "'--quantize' trains on codes, which are exact in '--precision fp32' alone")
    try require(
      quantization.quantize == nil || sparse.sparsityRescale == nil,
      "'--sparsity-rescale' changes the ranges that '--quantize' learns; leave one of them out")
    try require(
      sparse.sparsitySchedule != .auto || run.evaluateEvery > 0,
      "'--sparsity-schedule auto' follows the validation; '--evaluate-every 0' leaves it none")
  }

  package var notices: [String] {
    schedule.notices + quantization.notices + legacyPictures.notices
  }
  package var picturesPerPass: Int? { schedule.batchSize }
}

/// What is trained on what.
package struct TrainingInputOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A run folder to start from, in place of --cfg and --weights; from its best weights unless "
        + "'--weights last' asks for the last epoch's.", valueName: "dir"),
    completion: .directory(holding: RunFiles.cfg))
  package var model: String?

  @Option(
    help: ArgumentHelp("The network's cfg file.", valueName: "file"),
    completion: .file(extensions: ["cfg"]))
  package var cfg: String?

  @Option(
    help: ArgumentHelp("The data set's .data file.", valueName: "file"),
    completion: .file(extensions: ["data"]))
  package var data: String?

  @Option(
    help: ArgumentHelp("Weights to start from; 'None' and '' load nothing.", valueName: "file"),
    completion: .file(extensions: Weights.extensions))
  package var weights: String?

  @Flag(
    name: [.customLong("pretrain"), .customLong("pt", withSingleDash: true)],
    help: "Load the layers that fit, and list those that do not.")
  package var pretrain = false

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Training sizes in pixels: smallest, largest and test size. One value trains at one size.",
      valueName: "pixels"))
  package var imgSize: [Int] = []

  @Flag(help: "Change the training size every few steps.")
  package var multiScale = false

  @Flag(
    help:
      "Put pictures of similar proportions into one batch, with little padding; without mosaics.")
  package var rect = false

  @Option(
    help: ArgumentHelp(
      "How pictures are brought to the input size; what the model that training starts from says "
        + "unless given, else letter_box of the cfg, else letterbox.", valueName: "mode"))
  package var resize: ResizeChoice?

  @Flag(help: "Treat all classes of the data set as one; the cfg must have one class then.")
  package var singleCls = false

  package init() {}

  package mutating func validate() throws {
    try requirePath("--cfg", cfg)
    try requirePath("--data", data)
    try requirePath("--model", model)
    model = model.map(RunFiles.folder)
    try RunFiles.require(weights, ofRun: model)
    if let model {
      try require(cfg == nil, "'--model' brings its own cfg; leave out '--cfg'")
      cfg = "\(model)/\(RunFiles.cfg)"
      weights = RunFiles.weights(weights, in: model)
    }
    weights = Weights.path(weights)
    try require(
      !rect || resize == nil || resize == .letterbox,
      "'--rect' saves padding, which '--resize \(resize?.rawValue ?? "")' has none of")
    try require(!pretrain || weights != nil, "'--pretrain' needs '--weights'")
    try require(
      imgSize.count <= 3, "'--img-size' takes one to three values, not \(imgSize.count)")
    for size in imgSize { try requireImageSize(size) }
    if imgSize.count > 1 {
      try require(
        imgSize[0] <= imgSize[1],
        "'--img-size' starts with the smallest size: \(imgSize[0]) is above \(imgSize[1])")
    }
  }
}

/// What is minimised.
package struct LossOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Preset of the loss.", valueName: "preset"))
  package var loss = LossChoice.legacy

  @Option(
    help: ArgumentHelp(
      "Measure of overlap that the box loss improves; the preset's unless given.",
      valueName: "overlap"))
  package var iouLoss: BoxLossChoice?

  @Option(
    help: ArgumentHelp(
      "Weight of the class term for 80 classes; it is scaled by classes / 80.",
      valueName: "gain"))
  package var classGain = 37.4

  package init() {}

  package func validate() throws { try require("--class-gain", positive: classGain) }
}

package enum LossChoice: String, ExpressibleByArgument, CaseIterable, Sendable { case legacy }
package enum BoxLossChoice: String, ExpressibleByArgument, CaseIterable, Sendable {
  case giou, ciou
}

/// Where a run is kept and how often it is looked at.
package struct TrainingRunOptions: ParsableArguments {
  @Option(help: "Name of the run folder under runs/; it is numbered when it exists.")
  package var name: String?

  @Option(
    help: ArgumentHelp(
      "Folder of the run; a new numbered one under runs/ unless given.", valueName: "dir"),
    completion: .directory)
  package var output: String?

  @Flag(help: "Replace an earlier result of this command in the output folder.")
  package var overwrite = false

  @Flag(
    help: """
      Continue the run in '--output' or '--model', or the newest of '--name' or of all, with its \
      own options. '--epochs' may be another number, and the run may go on elsewhere: '--device', \
      '--threads', '--workers', '--cache', '--cache-folder'. Where files have gone, '--data', \
      '--unlabeled', '--teacher', '--teacher-cfg' and '--teacher-weights' say where they are now.
      """)
  package var resume = false

  @Option(
    help: ArgumentHelp(
      "Epochs between checkpoints and last weights; 0 writes them at the end only.",
      valueName: "epochs"))
  package var saveEvery = 1

  @Option(
    help: ArgumentHelp(
      "Epochs between tests on 'valid'; 0 tests at the end only.", valueName: "epochs"))
  package var evaluateEvery = 1

  @Option(help: ArgumentHelp("Seed of every random choice.", valueName: "n"))
  package var seed: UInt64 = 0

  package init() {}

  /// The folder that '--name' names before it is numbered.
  package var namedFolder: String? { name.map { "runs/\($0)" } }

  package mutating func validate() throws {
    try requirePath("--output", output)
    if name == "" { name = nil }
    if let name {
      try require(
        !name.contains("/") && !name.hasPrefix("."),
        "'--name \(name)' must be a plain folder name; '--output' takes a path")
      try require(output == nil, "'--name' and '--output' both name the run folder")
    }
    try require("--save-every", saveEvery, atLeast: 0)
    try require("--evaluate-every", evaluateEvery, atLeast: 0)
  }
}

extension TrainCommand {
  /// The options of a command line of `pare train`.
  package static func options(of line: [String]) throws -> [GivenOption] {
    var arguments = Array(line.dropFirst())
    if let name = arguments.firstIndex(of: configuration.commandName ?? "train") {
      arguments.remove(at: name)
    }
    return try givenOptions(arguments)
  }
}
