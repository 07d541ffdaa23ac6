import Darknet
import Testing

@testable import Pruning

/// Thresholds, merges, floors and refusals on hand-written γ.
@Suite struct PrunerTests {
  private func chain(
    _ first: [Float] = [0.1, -0.5, 0.3, 0.9], _ second: [Float] = [0.2, 0.4, -0.6]
  ) throws -> (Configuration, NetworkParameters) {
    try handNetwork(conv(4) + conv(3), gamma: [0: first, 1: second])
  }

  // |γ| ascending: 0.1 0.2 0.3 0.4 0.5 0.6 0.9; ⌊7 · 0.5⌋ = 3, so the threshold is 0.4, which stays.
  @Test func `channels at the quantile and above stay`() throws {
    let (configuration, parameters) = try chain()
    let result = try prune(configuration, parameters, percent: 0.5)
    #expect(result.plan.threshold == 0.4)
    #expect(result.keptChannels[0] == [1, 3])
    #expect(result.keptChannels[1] == [1, 2])
    #expect(result.keptChannels[2] == Array(0..<6))
    #expect(abs(result.plan.removedShare - 3.0 / 7) < 1e-12)
    #expect(
      result.plan.layers == [
        LayerWidth(layer: 0, before: 4, after: 2), LayerWidth(layer: 1, before: 3, after: 2),
        LayerWidth(layer: 2, before: 6, after: 6),
      ])
    #expect(result.parameters.layers[0][.gamma]?.values == [-0.5, 0.9])
    #expect(result.masked.masks[1] == [0, 1, 1])
    #expect(result.configuration.sections[1]["filters"] == "2")
    #expect(result.plan.after.macs == 64 * (2 * 3 + 2 * 2 + 6 * 2))
  }

  // A method that keeps only what is above would also drop the 0.4.
  @Test func `a stricter comparison drops the threshold itself`() throws {
    let (configuration, parameters) = try chain()
    var method = PruningMethod.normal
    method.comparison = .above
    let result = try prune(configuration, parameters, method: method, percent: 0.5)
    #expect(result.keptChannels[1] == [2])
  }

  // The layers' largest are 0.9 and 0.6; five of seven lie below 0.6.
  @Test func `no layer is emptied up to what lies below the smallest of the layers' largest`()
    throws
  {
    let (configuration, parameters) = try chain()
    let pruner = try Pruner(configuration, parameters)
    #expect(pruner.emptyingPercent == 5.0 / 7)
    let result = try pruner.prune(percent: pruner.emptyingPercent)
    #expect(result.keptChannels[0] == [3])
    #expect(result.keptChannels[1] == [2])
  }

  // The first layer of a sum judges: its channels 0 and 1 take those of the second layer with them,
  // whatever these are worth.
  @Test func `what is to go counts with its own scale`() throws {
    let (configuration, parameters) = try handNetwork(
      conv(4) + conv(4) + "[shortcut]\nfrom=-2\nactivation=linear\n",
      gamma: [0: [0.001, -0.002, 1, 2], 1: [0.5, -0.6, 0.7, 0.8]])
    let pruner = try Pruner(configuration, parameters, method: .shortcut)
    #expect(
      try pruner.scalesToGo(PruningRequest(percent: 0.5)).sorted() == [0.001, 0.002, 0.5, 0.6])
    #expect(try pruner.scalesToGo(PruningRequest(percent: 0)).isEmpty)
  }

  // A depthwise kernel does nothing on a channel that is silent.
  @Test func `of a product that is to go the smallest scale counts`() throws {
    let (configuration, parameters) = try handNetwork(
      conv(4) + conv(4, groups: 4) + conv(2),
      gamma: [0: [1e-6, 2e-6, 1, 1.1], 1: [0.5, 0.6, 0.7, 0.8], 2: [1, 1]])
    let pruner = try Pruner(configuration, parameters)
    #expect(
      try pruner.scalesToGo(PruningRequest(percent: 0.4)).sorted() == [1e-6, 1e-6, 2e-6, 2e-6])
  }

  @Test func `a channel without a scale counts as at work`() throws {
    let (configuration, parameters) = try handNetwork(
      conv(4, batchNormalize: 0) + conv(2), gamma: [:])
    var method = PruningMethod.normal
    method.score = .filterNorm1
    let going = try Pruner(configuration, parameters, method: method)
      .scalesToGo(PruningRequest(percent: 0.5))
    #expect(going.contains(.infinity))
  }

  // 0.6 occurs twice; where the old systems crashed, four of seven lie below it.
  @Test func `the share that empties a layer does not mind ties`() throws {
    let (configuration, parameters) = try chain([0.1, 0.6, 0.3, 0.9], [0.2, 0.4, 0.6])
    #expect(try Pruner(configuration, parameters).emptyingPercent == 4.0 / 7)
  }

  // ⌊7 · 0.9⌋ = 6: the threshold is 0.9, and the second layer has nothing that large.
  @Test func `beyond the share that empties it a layer keeps its best channel, if forced`() throws {
    let (configuration, parameters) = try chain()
    let pruner = try Pruner(configuration, parameters)
    #expect(throws: PruningError.wouldEmpty(0.9, emptying: 5.0 / 7, most: 5.0 / 7)) {
      try pruner.prune(percent: 0.9)
    }
    let result = try pruner.prune(percent: 0.9, force: true)
    #expect(result.keptChannels[0] == [3])
    #expect(result.keptChannels[1] == [2])
  }

  // Sums live while one summand does: worths max(0.1, 0.8) and max(0.3, 0.2), twice each, beside
  // 0.5 and 0.6. ⌊6 · 0.4⌋ = 2: the threshold is 0.5.
  @Test func `channels that are added stay when any of them would`() throws {
    let (configuration, parameters) = try handNetwork(
      conv(2) + conv(2) + "[shortcut]\nfrom=-2\nactivation=linear\n" + conv(2),
      gamma: [0: [0.1, 0.3], 1: [-0.8, 0.2], 3: [0.5, 0.6]])
    let result = try prune(configuration, parameters, percent: 0.4)
    #expect(result.plan.threshold == 0.5)
    #expect(result.keptChannels[0] == [0])
    #expect(result.keptChannels[1] == [0])
    #expect(result.keptChannels[2] == [0])
    #expect(result.keptChannels[3] == [0, 1])
  }

  // Products die with their weakest part: worths min(0.9, 0.2) and min(0.5, 0.7), twice each.
  // ⌊6 · 0.4⌋ = 2 of 0.2 0.2 0.3 0.5 0.5 0.6.
  @Test func `a depthwise channel dies with its weakest part`() throws {
    let (configuration, parameters) = try handNetwork(
      conv(2) + conv(2, groups: 2) + conv(2),
      gamma: [0: [0.9, 0.5], 1: [0.2, 0.7], 2: [0.3, 0.6]])
    let result = try prune(configuration, parameters, percent: 0.4)
    #expect(result.plan.threshold == 0.3)
    #expect(result.keptChannels[0] == [1])
    #expect(result.keptChannels[1] == [1])
    #expect(result.keptChannels[2] == [0, 1])
    #expect(result.configuration.sections[2]["groups"] == "1")
    #expect(result.configuration.sections[2]["filters"] == "1")
  }

  // Outputs 0 and 1 are made of input 0, the others of input 1: worths max(min(0.9, 0.2),
  // min(0.9, 0.3)) = 0.3 and max(min(0.5, 0.7), min(0.5, 0.8)) = 0.5, three times each.
  // ⌊8 · 0.5⌋ = 4 of 0.3 0.3 0.3 0.4 0.5 0.5 0.5 0.6.
  @Test func `outputs of one depthwise input are judged together`() throws {
    let (configuration, parameters) = try handNetwork(
      conv(2) + conv(4, groups: 2) + conv(2),
      gamma: [0: [0.9, 0.5], 1: [0.2, 0.3, 0.7, 0.8], 2: [0.4, 0.6]])
    let result = try prune(configuration, parameters, percent: 0.5)
    #expect(result.plan.threshold == 0.5)
    #expect(result.keptChannels[1] == [2, 3])
    #expect(result.keptChannels[2] == [1])
    #expect(result.configuration.sections[2]["filters"] == "2")
  }

  // Two test cases above, but the first layer's channels are read as they are, too: worths 0.9
  // and 0.5.
  @Test func `a channel that something else reads outlives its depthwise partner`() throws {
    let (configuration, parameters) = try handNetwork(
      conv(2) + conv(2, groups: 2) + "[route]\nlayers=-2,-1\n" + conv(2),
      gamma: [0: [0.9, 0.5], 1: [0.2, 0.7], 3: [0.3, 0.6]])
    let result = try prune(configuration, parameters, percent: 0.4)
    // Of 0.3 0.5 0.5 0.6 0.9 0.9 the place 2.
    #expect(result.plan.threshold == 0.5)
    #expect(result.keptChannels[2] == [0, 1, 2, 3])
    #expect(result.keptChannels[3] == [1])
  }

  // Places 0 with 2 and 1 with 3. All four are read by the last layer: worths max(0.9, 0.2) and
  // max(0.1, 0.3). ⌊9 · 0.25⌋ = 2 of 0.3 0.3 0.4 0.5 0.6 0.7 0.8 0.9 0.9.
  @Test func `chunks of a grouped route stay equal`() throws {
    let (configuration, parameters) = try handNetwork(
      conv(4) + "[route]\nlayers=-1\ngroups=2\ngroup_id=1\n" + conv(3)
        + "[route]\nlayers=-1,-3\n" + conv(2),
      gamma: [0: [0.9, 0.1, 0.2, 0.3], 2: [0.4, 0.5, 0.6], 4: [0.7, 0.8]])
    let result = try prune(configuration, parameters, percent: 0.25)
    #expect(result.plan.threshold == 0.4)
    #expect(result.keptChannels[0] == [0, 2])
    #expect(result.keptChannels[1] == [0])
    #expect(try NetworkSpec(result.configuration).shapes[1].channels == 1)
  }

  // The same without the second reader: 0.9 and 0.1 are never read, so the worths are 0.2 and 0.3.
  @Test func `a chunk that nothing reads has no say`() throws {
    let (configuration, parameters) = try handNetwork(
      conv(4) + "[route]\nlayers=-1\ngroups=2\ngroup_id=1\n" + conv(3),
      gamma: [0: [0.9, 0.1, 0.2, 0.3], 2: [0.4, 0.5, 0.6]])
    let pruner = try Pruner(configuration, parameters)
    #expect(pruner.emptyingPercent == 2.0 / 7)
    let result = try pruner.prune(percent: 2.0 / 7)
    #expect(result.keptChannels[0] == [1, 3])
    #expect(result.keptChannels[1] == [1])
  }

  @Test func `the legacy scope leaves what it excludes`() throws {
    let (configuration, parameters) = try handNetwork(
      conv(2) + conv(2) + "[shortcut]\nfrom=-2\nactivation=linear\n" + conv(3),
      gamma: [0: [0.01, 0.02], 1: [0.01, 0.02], 3: [0.5, 0.6, 0.7]])
    let result = try prune(
      configuration, parameters, percent: 0.4, scope: PruningMethod.normal.legacyScope)
    #expect(result.keptChannels[0] == [0, 1])
    #expect(result.keptChannels[3] == [1, 2])
    let pruner = try Pruner(configuration, parameters, scope: .normal)
    let first = try #require(pruner.slots.outputs[0].first)
    #expect(
      pruner.exclusions[pruner.classes.classOfSlot[first]] == .outsideScope(layer: 0))
  }

  @Test func `nothing goes at zero percent`() throws {
    let (configuration, parameters) = try chain()
    let result = try prune(configuration, parameters, percent: 0)
    #expect(result.configuration == configuration)
    #expect(result.parameters == parameters)
    #expect(result.plan.before == result.plan.after)
  }

  @Test func `the smaller pair survives its files`() throws {
    let (configuration, parameters) = try chain()
    let result = try prune(configuration, parameters, percent: 0.5)
    let read = try Configuration(parsing: result.configuration.text, path: "again.cfg")
    #expect(read == result.configuration)
    #expect(try result.parameters == parametersAfterRoundTrip(result))
  }

  private func parametersAfterRoundTrip(_ result: PruningResult) throws -> NetworkParameters {
    let spec = try NetworkSpec(result.configuration)
    return try withTemporaryFile("compact.weights") { path in
      try WeightsFile.write(result.parameters, for: spec, to: path)
      return try WeightsFile.read(path, for: spec)
    }
  }

  // MARK: - Refusals

  @Test(arguments: [-0.1, 1, 60, .nan] as [Double])
  func `a share outside 0 to 1 is refused`(percent: Double) throws {
    let (configuration, parameters) = try chain()
    let pruner = try Pruner(configuration, parameters)
    let error = #expect(throws: PruningError.self) {
      try pruner.prune(percent: percent, force: true)
    }
    #expect(
      error?.description
        == "a share of \(percent) cannot be pruned, expected 0 or more and less than 1 "
        + "(as in 0.6 or 60%)")
  }

  @Test func `damaged parameters are refused with their place`() throws {
    let (configuration, parameters) = try chain([0.1, .nan, 0.3, 0.9])
    #expect(throws: PruningError.notFinite(layer: 0, role: .gamma, index: 1)) {
      try Pruner(configuration, parameters)
    }
    var negative = try chain().1
    negative.layers[1][.variance]?.values[2] = -1
    #expect(throws: PruningError.negativeVariance(layer: 1, channel: 2)) {
      try Pruner(configuration, negative)
    }
  }

  @Test func `an untrained network is refused`() throws {
    let (configuration, parameters) = try chain([1, 1, 1, 1], [1, 1, 1])
    let error = #expect(throws: PruningError.scalesAllEqual(1)) {
      try Pruner(configuration, parameters)
    }
    #expect(
      error?.description
        == "every batch normalisation scale is 1.0, so nothing says which channels matter; "
        + "train with --sparsity first")
  }

  @Test func `scores that are all equal are named for what they are`() throws {
    let (configuration, trained) = try chain()
    var parameters = trained
    for layer in 0..<2 {
      for index in parameters.layers[layer][.weight]?.values.indices ?? 0..<0 {
        parameters.layers[layer][.weight]?.values[index] = 0
      }
    }
    var method = PruningMethod.normal
    method.score = .filterNorm1
    let error = #expect(throws: PruningError.scoresAllEqual(.filterNorm1, 0)) {
      try Pruner(configuration, parameters, method: method)
    }
    #expect(
      error?.description
        == "every channel's score by 'l1' is 0.0, so nothing says which channels matter; "
        + "use another --score")
  }

  @Test(arguments: [ImportanceScore.taylor, .hessianDiagonal, .activationRank])
  func `a score that is measured has to be given`(score: ImportanceScore) throws {
    let (configuration, parameters) = try chain()
    var method = PruningMethod.normal
    method.score = score
    let error = #expect(throws: PruningError.scoresMissing(score)) {
      try Pruner(configuration, parameters, method: method)
    }
    #expect(error?.description.contains("'\(score.rawValue)' is measured on pictures") == true)
  }

  @Test func `a network without batch normalisation has no scales`() throws {
    let (configuration, parameters) = try handNetwork(conv(4, batchNormalize: 0), gamma: [:])
    let error = #expect(throws: PruningError.noScales) { try Pruner(configuration, parameters) }
    #expect(
      error?.description
        == "no convolution has batch normalisation, so there are no scales to judge channels by; "
        + "use another --score, such as l1")
    var method = PruningMethod.normal
    method.score = .filterNorm1
    let result = try Pruner(configuration, parameters, method: method).prune(percent: 0.5)
    #expect(result.keptChannels[0].count == 2)
  }

  // No shortcut, so no layer before one.
  @Test func `a scope without layers has nothing to prune`() throws {
    let (configuration, parameters) = try chain()
    let error = #expect(throws: PruningError.nothingToPrune(.layer)) {
      try Pruner(configuration, parameters, scope: .layer)
    }
    #expect(
      error?.description
        == "nothing to prune in the layers of '--scope legacy': every channel has to stay")
  }

  @Test func `weights of another network are refused`() throws {
    let (configuration, _) = try chain()
    let (_, parameters) = try handNetwork(conv(4) + conv(5), gamma: [:])
    let error = #expect(throws: PruningError.self) {
      try Pruner(configuration, parameters)
    }
    #expect(
      error?.description
        == "the weights belong to another cfg: 'beta' of layer 1 has shape [5], expected [3]")
    let short = NetworkParameters(layers: Array(parameters.layers.prefix(1)))
    let missing = #expect(throws: PruningError.self) {
      try Pruner(configuration, short)
    }
    #expect(
      missing?.description
        == "the weights belong to another cfg: 'beta' of layer 1 is missing, expected [3]")
  }

  // 5 / 7 = 71.428… %, rounded down so that what is printed can be typed.
  @Test func `a share that empties a layer is refused with the one that does not`() throws {
    #expect(
      PruningError.wouldEmpty(0.9, emptying: 5.0 / 7, most: 5.0 / 7).description
        == "90% of the channels is too much: beyond 71.42% of them a layer would lose all it has; "
        + "'--percent 71.42%' empties none, whatever it costs ('--curve' measures that); or add --force, which leaves such a layer its best channel (with a "
        + "--score other than gamma, '--normalize layer' may help)")
    let stage = PruningError.wouldEmpty(0.905, emptying: 0.5, of: 3...7, most: 0.4)
    #expect(
      stage.description.hasPrefix(
        "90.5% of the channels of layers 3 to 7 is too much: beyond 50% of them a layer would lose all "
          + "it has; '--percent 40%' empties none, whatever it costs ('--curve' measures that); or add "
          + "--force"))
    // Shares of their own are not one that could be typed.
    let own = PruningError.wouldEmpty(0.905, emptying: 0.5, of: 3...7, most: nil)
    #expect(own.description.contains("; ask for a smaller share of these layers; or add --force"))
    // Nobody is told of a share as if it had been asked for.
    #expect(
      stage.ofDefault.description.hasPrefix(
        "90.5% of the channels of layers 3 to 7, the default of --percent, is too much: "))
    #expect(PruningError.noBlocks.ofDefault == .noBlocks)
  }

  // 6×4 weights do not fit where 6×6 are needed, so nothing is shared; with two of the six channels
  // gone that are read they would.
  @Test func `a share of weights that never was does not begin`() throws {
    let (configuration, parameters) = try handNetwork(
      conv(4) + conv(6)
        + "[convolutional]\nshare_index=1\nbatch_normalize=1\nfilters=6\nsize=1\n"
        + "activation=leaky\n",
      gamma: [0: [5, 6, 7, 8], 1: [0.1, 0.2, 5, 6, 7, 8], 2: [5, 6, 7, 8, 9, 10]])
    let result = try Pruner(configuration, parameters).prune(percent: 0.125)
    let spec = try NetworkSpec(result.configuration)
    #expect(spec.outChannels(ofLayer: 1) == 4 && spec.outChannels(ofLayer: 2) == 6)
    #expect(result.configuration.sections[3]["share_index"] == nil)
    #expect(spec.layers[2].convolution?.shareIndex == nil)
  }

  @Test func `pruned twice, the cfg still says which layer it was`() throws {
    let (configuration, parameters) = try chain()
    let once = try Pruner(configuration, parameters).prune(percent: 0.3, force: true)
    let twice = try Pruner(once.configuration, once.parameters).prune(percent: 0.3, force: true)
    let comments = twice.configuration.sections.dropFirst().map(\.comment)
    let spec = try NetworkSpec(configuration)
    let narrow = try NetworkSpec(twice.configuration)
    for (layer, comment) in comments.enumerated() {
      let (before, after) = (spec.outChannels(ofLayer: layer), narrow.outChannels(ofLayer: layer))
      let width = after < before ? ", \(after) of \(before) channels" : ""
      #expect(comment?.split(separator: ":").first.map(String.init) == "layer \(layer)\(width)")
      // Through a file, the channels are those of the first cfg.
      let file = try Configuration(parsing: twice.configuration.text, path: "twice.cfg")
      let origin = try NetworkSpec(file).origin(ofLayer: layer)
      let kept = twice.keptChannels[layer].map { once.keptChannels[layer][$0] }
      #expect(origin.channels == kept && origin.layer == layer && origin.width == before)
    }
    #expect(comments.contains { $0?.contains(" of ") == true })
  }
}
