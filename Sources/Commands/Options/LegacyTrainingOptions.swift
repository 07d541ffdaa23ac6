import ArgumentParsing

/// Options of the earlier `train.py` that are not options of ``TrainCommand`` under the same
/// name: some are folded into those, the rest is refused with a reason.
package struct LegacyTrainingOptions: ParsableArguments {
  // Folded into other options.
  @Flag(help: "As '--cache ram'.") var cacheImages = false
  @Flag(help: "As '--save-every 0'.") var nosave = false
  @Flag(help: "As '--evaluate-every 0'.") var notest = false
  @Flag(
    name: [.customLong("mixedprecision"), .customLong("mpt", withSingleDash: true)],
    help: "As '--precision fp16'.")
  var mixedPrecision = false

  @Flag(help: "As '--optimizer adam'.") var adam = false

  // Of later versions; accepted where they say "off".
  @Option(help: "Refused but for 0.") var rank: Int?
  @Option(name: .customLong("local_rank"), help: "Refused but for -1.") var localRank: Int?

  // Gone.
  @Flag(help: "Refused.") var evolve = false
  @Option(help: "Refused.") var bucket: String?
  @Flag(help: "Refused.") var transfer = false
  @Flag(help: "Refused.") var imgWeights = false
  @Option(help: "Refused but for 'default'.") var arc: String?
  @Flag(help: "Refused.") var prebias = false
  @Option(name: .customLong("var"), help: "Refused.") var variable: String?

  package init() {}

  package func validate() throws {
    let oneProcess = "this version trains in one process, which needs no rank"
    try refuse("--rank", rank, unless: [0], oneProcess)
    try refuse("--local_rank", localRank, unless: [-1], oneProcess)
    try refuse(
      "--evolve", evolve, "one training at a time is run; vary the options in a script")
    try refuse(
      "--bucket", bucket, unless: [""], "nothing is uploaded; copy the run folder when it is done")
    try refuse("--transfer", transfer, "'--pretrain' loads what fits and trains every layer")
    try refuse("--img-weights", imgWeights, "every picture is seen once an epoch")
    try refuse("--arc", arc, unless: ["default"], "'--loss' chooses the loss")
    try refuse(
      "--prebias", prebias, "the heads' biases are set to the data's prior, without an epoch")
    try refuse("--var", variable, unless: [""], "it never had a meaning")
  }
}
