import ArgumentParsing

/// How the weights of distillation change while the teacher is asked.
package enum TeacherScheduleChoice: String, ExpressibleByArgument, CaseIterable, Sendable {
  case constant, cosine
}

/// Distillation: trained networks that the one in training learns from.
///
/// The old spellings are folded into the main options: `--KDstr` and `--AT_str` name strategies by
/// number, 0 and -1 are off.
package struct TeacherOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A run folder with a network to learn from, by its best weights. Several teachers may be given, "
        + "their losses add up.", valueName: "dir"), completion: .directory)
  package var teacher: [String] = []

  @Option(
    name: [.customLong("teacher-cfg"), .customLong("t_cfg")],
    help: ArgumentHelp(
      "The cfg of a network to learn from, of any shape: layers are matched by the record of pruning, "
        + "else by stride; classes by their names.", valueName: "file"),
    completion: .file(extensions: ["cfg"]))
  package var teacherCfg: [String] = []

  @Option(
    name: [.customLong("teacher-weights"), .customLong("t_weights")],
    help: ArgumentHelp("The weights of '--teacher-cfg'.", valueName: "file"),
    completion: .file(extensions: Weights.extensions))
  package var teacherWeights: [String] = []

  @Option(
    help: ArgumentHelp(
      "What is learned, by one or more of these with commas between them: "
        + Self.names.joined(separator: ", ") + ". 'auto' unless given: 'binary', and with "
        + "'--unlabeled' channels of the neck too.", valueName: "names"))
  package var distill: String?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "What the losses of the strategies are multiplied by: one number for all, or one for each; 3 for "
        + "'auto' with '--unlabeled', else 1, unless given.", valueName: "x"))
  package var distillWeight: [Double] = []

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "What logits are divided by before they are compared: one number for all strategies that have "
        + "logits, or one for each strategy, 1 for those that have none; each strategy's own unless "
        + "given.", valueName: "x"))
  package var distillTemperature: [Double] = []

  @Option(
    help: ArgumentHelp(
      "How these weights change: 'cosine' lowers them to nothing. 'constant' unless given.",
      valueName: "schedule"))
  package var distillSchedule: TeacherScheduleChoice?

  @Option(
    help: ArgumentHelp(
      "The part of the epochs after which the teacher is not asked any more; 1 unless given.",
      valueName: "fraction"))
  package var distillUntil: Double?

  @Flag(
    help:
      "Let classes and boxes of 'binary' count alike in all cells, not as the teacher sees objects."
  )
  package var distillEverywhere = false

  @Flag(help: "Take the numbers of the earlier Python programs for the strategies that these had.")
  package var distillLegacy = false

  @Flag(
    help: ArgumentHelp(
      "Keep the outputs of the teachers' heads in the folder of '--cache-folder', so that later epochs "
        + "and runs need not ask them. For training without augmentation, by strategies that compare "
        + "heads alone: binary, logits, relative-box, box-class and anchor-cells."))
  package var distillCache = false

  @Option(
    help: ArgumentHelp(
      "A folder of pictures without labels, mixed into the batches: the teachers' losses act on them, "
        + "the labels' losses do not.", valueName: "dir"), completion: .directory)
  package var unlabeled: String?

  @Option(
    help: ArgumentHelp(
      "The part of each batch that is of these pictures; half unless given.", valueName: "fraction")
  )
  package var unlabeledShare: Double?

  @Flag(
    help: "Train the same network without the teacher too, for as many steps, and tell the gain.")
  package var control = false

  @Flag(help: "The same, and a third one without the teacher for as much time.")
  package var controlTime = false

  @Option(
    name: .customLong("KDstr"),
    help: ArgumentHelp(
      "As '--distill': 1 logits, 2 relative-box, 3 box-class, 4 box-class-feature, 5 fine-grained, 6 "
        + "anchor-cells; 0 and -1 are off.", valueName: "n", visibility: .hidden))
  var strategyNumber: Int?

  @Option(
    name: .customLong("AT_str"),
    help: ArgumentHelp(
      "As '--distill attention-n'; 0 and -1 are off.", valueName: "n", visibility: .hidden))
  var attentionNumber: Int?

  package init() {}

  /// The strategies of the library; each is described in docs/distillation.md.
  package static let names = [
    "auto", "binary", "logits", "relative-box", "box-class", "box-class-feature", "fine-grained",
    "anchor-cells", "attention", "channel-wise", "pearson", "focal-global", "masked", "cross-head",
  ]

  /// By numbers of `--KDstr`, from 1.
  private static let numbered = [
    "logits", "relative-box", "box-class", "box-class-feature", "fine-grained", "anchor-cells",
  ]

  /// The strategies by name; `auto` where a teacher is given without any, none without a teacher.
  package private(set) var strategies: [String] = []

  /// Whether an option is one of these, by its main name.
  package static func areOf(_ option: String) -> Bool {
    ["--teacher", "--distill", "--unlabeled", "--control", "--KDstr", "--AT_str"].contains {
      option.hasPrefix($0)
    }
  }

  /// Whether somebody is to be learned from.
  package var hasTeacher: Bool { !teacher.isEmpty || !teacherCfg.isEmpty }

  package mutating func validate() throws {
    // How the earlier programs say "none".
    if teacherCfg == [""] { teacherCfg = [] }
    if teacherWeights == [""] || teacherWeights == ["None"] { teacherWeights = [] }
    for folder in teacher { try requirePath("--teacher", folder) }
    teacher = teacher.map(RunFiles.folder)
    for path in teacherCfg { try requirePath("--teacher-cfg", path) }
    for path in teacherWeights { try requirePath("--teacher-weights", path) }
    try requirePath("--unlabeled", unlabeled)
    guard teacherCfg.count == teacherWeights.count else {
      let (more, fewer) =
        teacherCfg.count > teacherWeights.count
        ? ("--teacher-cfg", "--teacher-weights") : ("--teacher-weights", "--teacher-cfg")
      try require(
        min(teacherCfg.count, teacherWeights.count) > 0, "'\(more)' needs '\(fewer)'")
      throw ValidationError(
        "'--teacher-cfg' and '--teacher-weights' go in pairs: \(teacherCfg.count) and "
          + "\(teacherWeights.count) are given")
    }
    let named = try namedStrategies()
    if !hasTeacher {
      optionForTeachers = named.isEmpty ? otherOption : "--distill"
      return
    }
    let numbers = [("--KDstr", strategyNumber), ("--AT_str", attentionNumber)]
    if named.isEmpty, case (let option, let number?)? = numbers.first(where: { $0.1 != nil }) {
      throw ValidationError(
        "'\(option) \(number)' asks for no distillation, and a teacher is given: leave one of them out"
      )
    }
    strategies = named.isEmpty ? ["auto"] : named
    try requireOneForEach("--distill-weight", distillWeight.count)
    for weight in distillWeight { try require("--distill-weight", weight, in: 0...1_000_000) }
    try requireOneForEach("--distill-temperature", distillTemperature.count)
    for temperature in distillTemperature {
      try require("--distill-temperature", temperature, in: 0.01...100)
    }
    try require("--distill-until", distillUntil, in: 0.01...1)
    try require("--unlabeled-share", unlabeledShare, in: 0.01...0.99)
    try require(
      unlabeledShare == nil || unlabeled != nil, "'--unlabeled-share' needs '--unlabeled'")
  }

  /// An option that means nothing without a teacher, where one is given and no teacher is.
  private var optionForTeachers: String?

  /// Refuses what a run that begins has to have a teacher for; one that goes on has its own.
  package func requireTeacher() throws {
    try require(
      optionForTeachers == nil,
      "'\(optionForTeachers ?? "")' needs a teacher: '--teacher-cfg' with '--teacher-weights', or "
        + "'--teacher' with a run folder")
  }

  private func requireOneForEach(_ option: String, _ count: Int) throws {
    try require(
      count <= 1 || count == strategies.count,
      "'\(option)' takes one value"
        + (strategies.count > 1 ? ", or one for each of the \(strategies.count) strategies" : "")
        + ", not \(count)")
  }

  private func namedStrategies() throws -> [String] {
    try require("--KDstr", strategyNumber, in: -1...6)
    let written = (distill ?? "").split(separator: ",").map {
      $0.filter { $0 != " " }
    }
    var names = written.map { $0.lowercased() }
    try require(
      distill == nil || !names.isEmpty && !names.contains(""),
      "'--distill' takes names of strategies with commas between them")
    // Why there is no LD is said by the library.
    let isKnown = { Self.names.contains($0) || $0 == "ld" || Self.isNumberedAttention($0) }
    for (name, written) in zip(names, written) where !isKnown(name) {
      throw ValidationError(
        "'--distill \(written)' is no strategy" + meant(by: name, among: Self.names))
    }
    if let number = strategyNumber, number > 0 { names.append(Self.numbered[number - 1]) }
    if let number = attentionNumber, number > 0 { names.append("attention-\(number)") }
    let twice = names.enumerated().first { names[..<$0.offset].contains($0.element) }
    try require(twice == nil, "'--distill' names '\(twice?.element ?? "")' twice")
    return names
  }

  /// Whether a name is `attention-n`, what `--AT_str n` was.
  private static func isNumberedAttention(_ name: String) -> Bool {
    name.hasPrefix("attention-") && Int(name.dropFirst("attention-".count)) != nil
  }

  /// An option that means nothing without a teacher and is given.
  private var otherOption: String? {
    let given = [
      ("--distill-weight", !distillWeight.isEmpty),
      ("--distill-temperature", !distillTemperature.isEmpty),
      ("--distill-everywhere", distillEverywhere),
      ("--distill-schedule", distillSchedule != nil), ("--distill-until", distillUntil != nil),
      ("--distill-legacy", distillLegacy), ("--distill-cache", distillCache),
      ("--unlabeled", unlabeled != nil), ("--unlabeled-share", unlabeledShare != nil),
      ("--control", control), ("--control-time", controlTime),
    ]
    return given.first { $0.1 }?.0
  }
}
