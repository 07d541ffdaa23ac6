import ArgumentParsing

/// How long and how fast is learned.
package struct ScheduleOptions: ParsableArguments {
  @Option(help: ArgumentHelp("How often every picture is seen.", valueName: "n"))
  package var epochs = 300

  @Option(help: ArgumentHelp("Pictures per pass through the network.", valueName: "n"))
  package var batchSize = 16

  @Option(
    help: ArgumentHelp(
      "Pictures per optimizer step: batches of '--batch-size' are added up until there are about as "
        + "many. 64 unless given, but 16 with sgd where there are fewer than 1,280 pictures to train "
        + "on, so that an epoch has steps enough.", valueName: "n"))
  package var nominalBatch: Int?

  @Option(
    help: ArgumentHelp("Batches per optimizer step, in place of '--nominal-batch'.", valueName: "n")
  )
  package var accumulate: Int?

  @Option(help: ArgumentHelp("The optimizer.", valueName: "name"))
  package var optimizer = OptimizerChoice.sgd

  @Option(
    name: [.customLong("learning-rate"), .customLong("lr0")],
    help: ArgumentHelp(
      "Learning rate after the warm-up; 0.01 with sgd and 0.001 with adam unless given. It is meant for "
        + "64 pictures a step. With sgd a step of fewer moves the weights by as much less, so "
        + "'--nominal-batch' and '--batch-size' need no other rate.", valueName: "rate"))
  package var learningRate: Double?

  @Option(
    help: ArgumentHelp(
      "What the learning rate falls to by the last epoch, as a fraction of '--learning-rate'.",
      valueName: "fraction"))
  package var finalLearningRate = 0.05

  @Option(help: ArgumentHelp("Momentum of the optimizer.", valueName: "x"))
  package var momentum = 0.937

  @Option(help: ArgumentHelp("Weight decay of convolution weights.", valueName: "x"))
  package var weightDecay = 0.0005

  @Option(
    help: ArgumentHelp(
      "Warm-up: epochs in which the learning rate rises from 0. It lasts 500 batches at least, and a "
        + "fifth of the run at most; 0 leaves it out.", valueName: "epochs"))
  package var warmupEpochs = Self.usualWarmupEpochs

  @Option(
    help: ArgumentHelp(
      "Warm-up in batches, exactly as many, in place of '--warmup-epochs'.",
      valueName: "batches"))
  package var warmupSteps: Int?

  @Option(
    help: ArgumentHelp(
      "Learning rate of biases at the start of the warm-up, from which it goes to '--learning-rate'. "
        + "Unless given, 0 where the training begins with a whole trained network (--model, or "
        + "--weights without --pretrain), which 0.1 would shake, and 0.1 elsewhere.",
      valueName: "rate"))
  package var warmupBiasRate: Double?

  @Flag(inversion: .prefixedNo, help: "Test and keep a moving average of the weights.")
  package var ema = false

  private static let usualWarmupEpochs = 3.0

  package init() {}

  package func validate() throws {
    try require("--epochs", epochs, in: 1...1_000_000)
    try require("--batch-size", batchSize, in: 1...65_536)
    try require("--nominal-batch", nominalBatch, in: 1...1_048_576)
    try require("--accumulate", accumulate, in: 1...65_536)
    try require("--learning-rate", positive: learningRate)
    try require("--final-learning-rate", finalLearningRate, in: 0...1)
    try require("--momentum", momentum, in: 0...0.9999)
    try require("--weight-decay", weightDecay, in: 0...1)
    try require("--warmup-epochs", warmupEpochs, atLeast: 0)
    try require("--warmup-steps", warmupSteps, atLeast: 0)
    try require("--warmup-bias-rate", warmupBiasRate, in: 0...1)
  }

  /// What was given and changes nothing.
  var notices: [String] {
    [
      ("--nominal-batch", "--accumulate", nominalBatch != nil && accumulate != nil),
      (
        "--warmup-epochs", "--warmup-steps",
        warmupEpochs != Self.usualWarmupEpochs && warmupSteps != nil
      ),
    ].filter(\.2).map {
      "'\($0.0)' changes nothing beside '\($0.1)', which says the same in batches"
    }
  }

  /// Whether nothing says how many pictures an optimizer step takes.
  package var leavesStepsOpen: Bool { nominalBatch == nil && accumulate == nil }
}

package enum OptimizerChoice: String, ExpressibleByArgument, CaseIterable, Sendable {
  case sgd, adam
}
