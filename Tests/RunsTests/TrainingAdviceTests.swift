import Darknet
import Testing
import Training
import _TestSupport
import _TrainingSupport

@testable import Runs

/// What the figures of a training say, and which rates suit its beginning.
@Suite struct TrainingAdviceTests {
  private let (tiny, folder): (TinyRun, TemporaryFolder)

  init() throws { (tiny, folder) = (try TinyRun(), try TemporaryFolder()) }

  private func recipe(weights: String? = nil) throws -> TrainingRecipe {
    let cfg = try folder.write(tiny.configuration.text, to: "n.cfg")
    return try TrainingRecipe(cfg: cfg, weights: weights, data: tiny.folder + "/data/data.data")
  }

  private func figures(_ values: [Double]) -> [EpochFigures] {
    values.enumerated().map { epoch, value in
      var figures = EpochFigures(epoch: epoch, losses: [], learningRate: 0.01, imagesPerSecond: 1)
      figures.map50 = value
      return figures
    }
  }

  private func start(_ map50: Double) -> ValidationFigures {
    ValidationFigures(map50: map50, map: map50 / 2, precision: 0.5, recall: 0.5, f1: 0.5)
  }

  private func advice(
    _ recipe: TrainingRecipe, _ values: [Double], start: ValidationFigures? = nil
  ) throws -> TrainingAdvice {
    try TrainingAdvice(
      recipe, figures(values), start: start,
      TrainingObstacles(recipe, tiny.dataset, NetworkSpec(tiny.configuration)))
  }

  // Only what is trained in all its layers begins gently; of `n.conv.5` the first five are.
  @Test func `rates suit what a training begins with`() throws {
    let whole = try folder.write([], to: "n.weights")
    let random = try recipe()
    #expect(random.beginning == .randomNumbers && random.options.warmupBiasRate == 0.1)
    #expect(random.options.learningRate == 0.01)
    let part = try recipe(weights: folder.write([], to: "n.conv.5"))
    #expect(part.beginning == .someLayers && part.options.warmupBiasRate == 0.1)
    var tuned = try recipe(weights: whole)
    #expect(tuned.beginning == .wholeNetwork && tuned.options.warmupBiasRate == 0)
    tuned.options.method = .adam
    tuned.takeUsualRates()
    #expect(tuned.options.learningRate == 0.001)
    tuned.takesWhatFits = true
    tuned.takeUsualRates()
    #expect(tuned.beginning == .someLayers && tuned.options.warmupBiasRate == 0.1)
  }

  // 300 epochs of 6 pictures, 16 at a time: a batch each, a fifth of 300 is 60.
  @Test func `the head says how the learning rate goes`() throws {
    var random = try recipe()
    let words =
      "learning rate: from 0 to 0.01 in 60 batches of warm-up, then down to 0.0005; biases"
    #expect(random.ratesInWords(pictures: 6) == words + ", which learn first, go from 0.1 to 0.01")
    let whole = try recipe(weights: folder.write([], to: "n.weights"))
    #expect(
      whole.ratesInWords(pictures: 6) == words + " too, because the network is trained already")
    random.options.warmupEpochs = 0
    #expect(
      random.ratesInWords(pictures: 6)
        == "learning rate: from 0.01 down to 0.0005, without a warm-up")
  }

  @Test func `a start is judged, and counts unless it is made sparse`() throws {
    #expect(try recipe().startRole == .notJudged)
    var whole = try recipe(weights: folder.write([], to: "n.weights"))
    #expect(whole.startRole == .counted)
    whole.sparsity = 0.01
    #expect(whole.startRole == .shown)
    // However seldom epochs are judged: what is kept is never worse.
    (whole.sparsity, whole.options.validationInterval) = (nil, 0)
    #expect(whole.startRole == .counted)
  }

  @Test func `a start that counts and is not beaten is told, with a gentler training`() throws {
    let whole = try recipe(weights: folder.write([], to: "n.weights"))
    let below = try advice(whole, [0.3, 0.5, 0.6], start: start(0.6))
    #expect(below.isStartBest)
    let gentler = "a lower rate (--learning-rate 0.003 --nominal-batch 16)"
    #expect(below.lines.count == 1 && below.lines[0].hasSuffix(gentler), "\(below.lines)")
    #expect(try !advice(whole, [0.3, 0.5, 0.61], start: start(0.6)).isStartBest)
    #expect(try !advice(whole, [0.1], start: start(0.6)).isPoor)
    // As of trainings whose start is shown alone.
    let other = try advice(recipe(), [0.1], start: start(0.6))
    #expect(!other.isStartBest && other.isPoor)
  }

  // The second half brings 0.02 − 0.01 = 1 point, after 6,000 steps.
  @Test func `a poor network is trained longer until that brings little`() throws {
    var recipe = try recipe()
    recipe.options.epochs = 6000
    let rising = try advice(recipe, [0.01, 0.02, 0.03, 0.05, 0.08, 0.1, 0.13, 0.16])
    #expect(rising.isPoor && rising.isWorthLonger)
    #expect(
      rising.lines == [
        "an mAP@0.5 of 0.1600 is low: below 0.2 most objects are missed, and networks that are of "
          + "use mostly have 0.5 or more. Train longer first"
      ])
    let settled = try advice(recipe, [0.01, 0.01, 0.01, 0.01, 0.02, 0.02, 0.02, 0.02])
    #expect(settled.isPoor && !settled.isWorthLonger && settled.lines.count > 3)
    #expect(
      settled.lines[0].hasSuffix(
        "It is too poor to use, and the second half of the epochs raised the best mAP@0.5 by 1.0 "
          + "points, so training longer will bring little"))
    #expect(settled.lines[1].hasPrefix("likely reason 1: few boxes: "))
    let verdict = try #require(settled.verdict)
    #expect(verdict.reasonLines == Array(settled.lines.dropFirst()))
    #expect(verdict.isSettled && !verdict.isWorthLonger)
    // Few steps are a reason to go on.
    recipe.options.epochs = 8
    let short = try advice(recipe, [0.01, 0.01, 0.01, 0.01, 0.02, 0.02, 0.02, 0.02])
    #expect(short.isWorthLonger && short.lines[1].hasPrefix("likely reason 1: only 8 steps: "))
  }

  @Test func `what has settled is not trained longer`() throws {
    let recipe = try recipe()
    let settled = try advice(recipe, [0.3, 0.6, 0.7, 0.8, 0.5, 0.5, 0.7, 0.81])
    #expect(!settled.isPoor && !settled.isWorthLonger)
    #expect(
      settled.lines == [
        "mAP@0.5 has settled: the second half of the epochs raised the best mAP@0.5 by 1.0 points, so "
          + "training longer will bring little"
      ])
    #expect(try advice(recipe, [0.3, 0.4, 0.5, 0.5, 0.6, 0.6, 0.7, 0.8]).isWorthLonger)
    // What is of little use is told as such, with what may be wrong.
    let middling = try advice(recipe, [0.1, 0.2, 0.3, 0.4, 0.4, 0.4, 0.4, 0.4])
    #expect(!middling.isPoor && !middling.isWorthLonger)
    #expect(middling.lines[0].hasPrefix("mAP@0.5 has settled: "))
    #expect(
      middling.lines[1]
        == "an mAP@0.5 of 0.4000 is low: networks that are of use mostly have 0.5 or more")
    #expect(middling.lines[2].hasPrefix("likely reason 1: "))
    #expect(settled.verdict?.reasons == [])
  }

  // What is of little use is never passed over in silence, whichever way its mAP went.
  @Test func `a network of little use is told to be, rising, wavering or after few epochs`() throws
  {
    let recipe = try recipe()
    let low = "an mAP@0.5 of 0.2800 is low: networks that are of use mostly have 0.5 or more"
    let rising = try advice(recipe, [0.02, 0.05, 0.1, 0.12, 0.15, 0.2, 0.25, 0.28])
    #expect(rising.isWorthLonger && rising.worth == .low)
    #expect(rising.lines.count == 2 && rising.lines[0].hasPrefix("mAP@0.5 still rises: "))
    #expect(rising.lines[1] == low)
    // 0.28 is 0.08 above the best of the first half, and the last quarter is below it.
    let wavering = try advice(recipe, [0.1, 0.2, 0.1, 0.2, 0.28, 0.2, 0.1, 0.15])
    #expect(wavering.isWorthLonger)
    #expect(
      wavering.lines[0] == "\(low). Train longer first: it goes up and down, and has not settled")
    #expect(wavering.lines[1].hasPrefix("likely reason 1: only 300 steps"))
    let few = try advice(recipe, [0.1, 0.2, 0.28])
    #expect(few.isWorthLonger)
    #expect(
      few.lines[0]
        == "\(low). Train longer first: after so few epochs nothing shows whether it has settled")
  }

  // 0.4809 is within chance of 0.5210 on few pictures, and of what is of use.
  @Test func `what chance may explain is not called low`() throws {
    let recipe = try recipe()
    let obstacles = try TrainingObstacles(recipe, tiny.dataset, NetworkSpec(tiny.configuration))
    let history = figures([0.3, 0.4, 0.5, 0.5210, 0.49, 0.49, 0.48, 0.4809])
    let found = TrainingAdvice(recipe, history, kept: history.last, start: nil, obstacles)
    #expect(found.isOfUseByChance)
    #expect(
      found.lines.last
        == "an mAP@0.5 of 0.4809 is within chance of the highest, 0.5210, so whether it is low the "
        + "pictures are too few to tell: networks that are of use mostly have 0.5 or more")
    #expect(!found.lines.joined().contains("likely reason") && found.verdict?.reasons == [])
    #expect(try !advice(recipe, [0.3, 0.4, 0.45]).isOfUseByChance)
    #expect(try !advice(recipe, [0.3, 0.4, 0.55]).isOfUseByChance)
  }

  // 0.49 − 0.44 is within chance of 30 objects (TrainingTrendTests): nobody is told that it rises.
  @Test func `a rise by chance is not told as one`() throws {
    let recipe = try recipe()
    let obstacles = try TrainingObstacles(recipe, tiny.dataset, NetworkSpec(tiny.configuration))
    let found = TrainingAdvice(
      recipe, figures([0.3, 0.35, 0.4, 0.4, 0.43, 0.45, 0.47, 0.49]), objects: 30, start: nil,
      obstacles)
    let text = found.lines.joined(separator: "\n")
    #expect(
      !text.contains("still rises") && text.contains("4.0 points, may be chance on so few"),
      "\(text)")
  }

  // The highest figure is of weights that nobody has.
  @Test func `what is said to be low is the mAP of the weights that are kept`() throws {
    var kept = figures([0.4393])[0]
    let recipe = try recipe()
    let obstacles = try TrainingObstacles(
      recipe, tiny.dataset, NetworkSpec(tiny.configuration))
    let history = figures([0.1, 0.2, 0.4681, 0.4393])
    func lines() -> String {
      TrainingAdvice(recipe, history, kept: kept, start: nil, obstacles).lines
        .joined(separator: "\n")
    }
    #expect(lines().contains("an mAP@0.5 of 0.4393 is low"))
    #expect(!lines().contains("0.4681"))
    kept.map50 = 0.19
    #expect(lines().contains("an mAP@0.5 of 0.1900 is low: below 0.2"))
  }

  // What it began with, or the best epoch, is named as what the last one is held against.
  @Test func `a loss by sparse training says what it is held against`() throws {
    var recipe = try recipe()
    recipe.sparsity = 0.01
    var history = figures([0.75, 0.7, 0.65])
    history[2].techniques = ["sparsity/gamma<0.01": 0.66, "sparsity/gamma50": 0.001]
    let obstacles = TrainingObstacles(
      recipe, tiny.dataset, try NetworkSpec(tiny.configuration))
    let before = TrainingAdvice(recipe, history, start: start(0.8), obstacles)
    #expect(before.prunablePercent == 65)
    // What a share costs was not measured, so nothing is promised.
    #expect(
      before.lines.first
        == "66 % of the scales are near zero: prune up to 65 % of the channels, and less where that costs "
        + "too much, which pruning measures")
    // What pruning would call at work is not advised; where that is nearly all, so is no pruning.
    let judged = { (share: Double) in
      TrainingAdvice(recipe, history, start: start(0.8), obstacles, harmlessShare: share)
    }
    #expect(judged(0.4).prunablePercent == 40 && judged(0.9).prunablePercent == 65)
    #expect(judged(0.4).lines.first?.contains("prune up to 40 % of the channels") == true)
    #expect(
      !judged(0.05).isSparse
        && judged(0.05).lines.first?.contains("no more than 5 % of the channels can go") == true)
    #expect(
      before.lines.last?.hasPrefix(
        "mAP@0.5 fell by 15.0 points, from 0.8000 before the training to 0.6500 in the last epoch")
        == true)
    let after = TrainingAdvice(recipe, history, start: nil, obstacles)
    #expect(after.lines.last?.contains("from 0.7500 in the best epoch to 0.6500") == true)
    // What ends above its start lost nothing, whatever a better epoch was.
    #expect(TrainingAdvice(recipe, history, start: start(0.66), obstacles).lines.count == 1)
  }
}
