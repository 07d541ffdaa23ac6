import ArgumentParsing

/// How weights and activations come to their codes in a training (docs/formulas.md 10).
package enum TrainedSchemeChoice: String, ExpressibleByArgument, CaseIterable, Sendable {
  case google, dorefa, pow2, tpsq, lsq
  case lsqPlus = "lsq+"
  case pact, ternary, binary
}

/// Where steps begin that learn.
package enum FirstStepsChoice: String, ExpressibleByArgument, CaseIterable, Sendable {
  case mse, paper
}

/// Training on the codes that the network will have.
///
/// The old spellings are folded into ``quantize``: `--quantized` names schemes by number, and
/// `--FPGA` asks for powers of two.
package struct QuantizedTrainingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Train on the codes that the network will have, by this scheme (docs/formulas.md 10); off "
        + "unless given. It is for a network that was trained in float: name its weights, and take few "
        + "epochs; the learning rate is a tenth of the usual one unless given. Beside the weights goes "
        + "a file with their codes, which 'test', 'detect' and 'compare' use. At 4 bits lsq+ loses least.",
      valueName: "scheme")
  )
  package var quantize: TrainedSchemeChoice?

  @Option(
    name: [.customLong("w-bit"), .customLong("weight-bits")],
    help: ArgumentHelp(
      "Bits of weights, 2 to 16; 8 unless given. ternary and binary have their own.", valueName: "n"
    ))
  package var weightBits: Int?

  @Option(
    name: [.customLong("a-bit"), .customLong("activation-bits")],
    help: ArgumentHelp("Bits of activations, 2 to 16; 8 unless given.", valueName: "n"))
  package var activationBits: Int?

  @Option(
    help: ArgumentHelp(
      "First and last layers: as the others, at 8 bits or more, or float. float with dorefa, 8 with "
        + "fewer than 8 bits, unless given."))
  package var ends: EndsChoice?

  @Option(
    help: ArgumentHelp(
      "A file with bits of single layers, a line each: layer, bits of its weights, bits of what it "
        + "reads; 'float' for either. '#' begins a comment.", valueName: "file"),
    completion: .file())
  package var layerBits: String?

  @Flag(help: "One step for all weights of a layer, as pow2, tpsq and dorefa have it anyway.")
  package var perTensor = false

  @Flag(help: "One step for each output channel of a layer's weights, for pow2 and tpsq too.")
  package var perChannel = false

  @Flag(
    help: "Put activations on codes around zero, also where the scheme has zero at any code.")
  package var symmetric = false

  @Flag(help: "Give a shortcut's sum and its summands one step.")
  package var sharedShortcuts = false

  @Option(
    help: ArgumentHelp(
      "Where steps that learn begin: at the least squared error, or where the schemes' papers have "
        + "them.", valueName: "rule"))
  package var firstSteps: FirstStepsChoice?

  @Option(
    help: ArgumentHelp(
      "The part of the run over which bits fall to those that are asked for, from 16 by 8 and 4; 0 "
        + "has them from the start. 0 unless given.", valueName: "fraction"))
  package var lowerBits: Double?

  @Option(
    help: ArgumentHelp(
      "The part of the run after which statistics of batch normalisation and observed ranges stay; "
        + "0.9 unless given.", valueName: "fraction"))
  package var freezeAfter: Double?

  @Option(
    help: ArgumentHelp(
      "Pull weights towards the middles of their codes, so that they do not jump between two: the "
        + "weight of that at the end of the run. 0, which is off, unless given.", valueName: "x"))
  package var damping: Double?

  @Flag(
    inversion: .prefixedNo,
    help: ArgumentHelp(
      "Take means and variances anew when the codes are settled, in up to 32 steps at the end; not "
        + "done unless given."))
  package var reestimate: Bool?

  @Option(
    help: ArgumentHelp(
      "Last epochs in which codes stay, and a scale and a shift of each channel learn, which become "
        + "part of steps and biases; 0 unless given.", valueName: "epochs"))
  package var correctionEpochs: Int?

  @Option(
    name: .customLong("quantized"),
    help: ArgumentHelp(
      "As '--quantize': 1 and 3 google, 2 dorefa; -1 and 0 are off.", valueName: "n",
      visibility: .hidden))
  var schemeNumber: Int?

  @Flag(
    name: [.customLong("BN_Fold"), .customLong("BN_Flod")],
    help: ArgumentHelp("Always done.", visibility: .hidden))
  var foldsNormalization = false

  @Flag(
    name: .customLong("FPGA"),
    help: ArgumentHelp("As '--quantize pow2'.", visibility: .hidden))
  var powersOfTwo = false

  @Option(
    name: .customLong("shortcut_way"),
    help: ArgumentHelp("2: as '--shared-shortcuts'.", valueName: "n", visibility: .hidden))
  var shortcutWay: Int?

  package init() {}

  package mutating func validate() throws {
    try require("--quantized", schemeNumber, in: -1...3)
    try require("--shortcut_way", shortcutWay, in: 1...2)
    let numbered: TrainedSchemeChoice? =
      switch schemeNumber {
      case 1, 3: powersOfTwo ? .pow2 : .google
      case 2: .dorefa
      default: nil
      }
    quantize = try merged(
      ("--quantize", quantize?.rawValue), ("--quantized", numbered?.rawValue)
    ).flatMap(TrainedSchemeChoice.init)
    // An earlier program's scales were powers of two with the option, in its one scheme.
    if powersOfTwo, quantize == .google { quantize = .pow2 }
    guard let quantize else { return }
    try require(
      !powersOfTwo || quantize == .pow2 || quantize == .tpsq,
      "'--FPGA' asks for powers of two: '--quantize pow2', or 'tpsq' whose steps learn")
    if shortcutWay == 2 { sharedShortcuts = true }
    try require("--w-bit", weightBits, in: 2...16)
    try require("--a-bit", activationBits, in: 2...16)
    try require(
      weightBits == nil || quantize != .ternary && quantize != .binary,
      "'--quantize \(quantize.rawValue)' has its own bits of weights; leave out '--w-bit'")
    try require(
      !symmetric || quantize != .lsqPlus,
      "'--quantize lsq+' learns where activations begin; '--symmetric' is '--quantize lsq'")
    try require(
      !(perTensor && perChannel), "'--per-tensor' and '--per-channel' contradict each other")
    try require(
      !perChannel || quantize != .dorefa,
      "'--quantize dorefa' has one step for all weights of a layer")
    try requirePath("--layer-bits", layerBits)
    try require("--lower-bits", lowerBits, in: 0...0.9)
    try require("--freeze-after", freezeAfter, in: 0...1)
    try require(
      freezeAfter != 0, "'--freeze-after 0' leaves no step in which ranges of activations are seen")
    try require("--damping", damping, in: 0...1000)
    try require(
      damping ?? 0 == 0 || ![.dorefa, .ternary, .binary].contains(quantize),
      "'--damping' needs weights on equal steps, which '--quantize \(quantize.rawValue)' has not")
    try require("--correction-epochs", correctionEpochs, in: 0...1000)
  }

  /// Refuses what a run that begins has to have a scheme for; one that goes on has its own.
  package func requireScheme() throws {
    let option = givenOption
    try require(
      quantize != nil || option == nil, "'\(option ?? "")' needs '--quantize' with a scheme")
  }

  /// An option that means nothing without a scheme and is given.
  private var givenOption: String? {
    let given = [
      ("--ends", ends != nil), ("--layer-bits", layerBits != nil),
      ("--per-tensor", perTensor),
      ("--per-channel", perChannel), ("--symmetric", symmetric),
      ("--shared-shortcuts", sharedShortcuts), ("--first-steps", firstSteps != nil),
      ("--lower-bits", lowerBits != nil), ("--freeze-after", freezeAfter != nil),
      ("--damping", damping != nil), ("--reestimate", reestimate != nil),
      ("--correction-epochs", correctionEpochs != nil),
    ]
    return given.first { $0.1 }?.0
  }

  /// What was accepted and changes nothing.
  var notices: [String] {
    if quantize != nil {
      let three = "'--quantized 3' is google, as the earlier program's description said"
      return (schemeNumber == 3 ? [three] : [])
        + (foldsNormalization
          ? ["'--BN_Fold' changes nothing: normalisation is always folded"] : [])
    }
    let onlyQuantized = [
      ("--a-bit", activationBits != nil), ("--w-bit", weightBits != nil),
      ("--BN_Fold", foldsNormalization), ("--FPGA", powersOfTwo),
      ("--shortcut_way", shortcutWay != nil),
    ]
    return onlyQuantized.filter(\.1).map { "'\($0.0)' changes nothing without '--quantize'" }
  }
}
