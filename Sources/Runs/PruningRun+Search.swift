import Darknet
import Datasets
import Inference
import Networks
import Pruning
import Reports

/// Requests that are searched for: the share that reaches a target, the best of many candidates.
extension PruningRun {
  /// What the recipe asks for, with what its target leaves to be found.
  func settledRequest() throws -> SettledRequest {
    var settled = SettledRequest(request: recipe.request)
    switch recipe.target {
    case nil: break
    case .size(let figure, let budget):
      settled = try smallestShare(within: budget, of: figure, recipe.request)
    case .latency(let budget): settled = try fastEnough(budget, recipe.request)
    case .loss(let points):
      settled.request.percent = try largestShare(losing: points, recipe.request)
    case .bestCandidate(let count, let share, let delta):
      settled.request = try bestCandidate(
        of: CandidateSampler(share: share, delta: delta), count: count, base: recipe.request)
    case .stages(let boundaries, let percents):
      settled.request.ranges = try ranges(
        boundaries, percents, otherwise: recipe.request.percent)
    }
    return settled
  }

  /// The stages with their shares.
  private func ranges(
    _ boundaries: [Int], _ percents: [Double], otherwise percent: Double
  ) throws -> [PruningRequest.LayerRange] {
    let ends = boundaries + [spec.layers.count]
    let stages =
      boundaries.isEmpty ? spec.stages : zip([0] + boundaries, ends).map { $0..<max($0, $1) }
    let list = stages.map { "\($0.lowerBound)–\($0.upperBound - 1)" }.joined(separator: ", ")
    if let last = boundaries.last, last >= spec.layers.count {
      throw RunError.unusable(
        "--boundaries \(last)", reason: "the network has layers 0 to \(spec.layers.count - 1)")
    }
    guard percents.isEmpty || percents.count == stages.count else {
      throw RunError.unusable(
        "--percents",
        reason: "\(percents.count) shares for \(stages.count) stages of layers: \(list)")
    }
    observer.note("stages: \(list)")
    return stages.enumerated().map { index, layers in
      .init(layers: layers, percent: percents.isEmpty ? percent : percents[index])
    }
  }

  /// The smallest share that brings a figure within a budget.
  private func smallestShare(
    within budget: PruningTarget.Budget, of figure: PruningTarget.Figure, _ request: PruningRequest
  ) throws -> SettledRequest {
    let whole = Double(figure.value(try spec.cost(width: size.width, height: size.height)))
    func value(_ share: Double) throws -> Double {
      var request = request
      request.percent = share
      return Double(
        figure.value(try pruner.cost(request, width: size.width, height: size.height)))
    }
    let held = HeldFigure(figure: figure, budget: budget, whole: whole)
    let found = try TargetSearch(steps: 20)(upTo: largestAllowed) { try value($0) <= held.limit }
    guard let share = found.past else {
      throw held.outOfReach(
        least: try min(value(0), value(largestAllowed)), forced: try value(Self.nearlyAll),
        isForced: recipe.force)
    }
    var settled = SettledRequest(request: request)
    settled.request.percent = share
    if whole <= held.limit { settled.met = held.met }
    return settled
  }

  /// The largest share of channels below all.
  private static let nearlyAll = 1 - 0x1p-52

  /// The largest share that may be pruned.
  private var largestAllowed: Double {
    recipe.force ? Self.nearlyAll : min(pruner.emptyingPercent, Self.nearlyAll)
  }

  /// The smallest share with which a picture takes no longer than a budget on this machine, with
  /// widths at the edges of the measured staircases.
  private func fastEnough(
    _ budget: PruningTarget.Budget, _ request: PruningRequest
  ) throws -> SettledRequest {
    var request = request
    request.staircases = try measuredStaircases(multiple: request.multiple)
    let whole = try model.network(on: device)
    try whole.fold()
    let original = try Self.engine.engine(whole)
    var shortest: (milliseconds: Double, held: HeldFigure)?
    var met: String?
    /// Whether a share is fast enough.
    func isFast(_ share: Double) throws -> Bool {
      // In turn with the whole network each time, so that slow moments of the machine meet both;
      // and the shortest pass of each, because other work only adds.
      let result = try candidate(share, request)
      let candidate = try Self.engine.engine(network(result))
      var measured = try Latency.alternating(
        [original, candidate], width: size.width, height: size.height
      ).map(\.fastest)
      // The whole network is as fast as itself, whatever a busy machine made of the two.
      if result.plan.removesNothing { measured[1] = measured[0] }
      let held = HeldFigure(figure: nil, budget: budget, whole: measured[0])
      if measured[1] < shortest?.milliseconds ?? .infinity { shortest = (measured[1], held) }
      observer.note(
        "\(Figures.percent(share)) of the channels: \(Figures.fixed(measured[1], 2)) ms a picture, "
          + "the whole network \(Figures.fixed(measured[0], 2))")
      if measured[1] <= held.limit, result.plan.removesNothing { met = held.met }
      return measured[1] <= held.limit
    }
    let found = try TargetSearch(steps: 8)(upTo: largestAllowed, isPast: isFast)
    guard let share = found.past else {
      guard let (least, held) = shortest else { preconditionFailure("a search tries shares") }
      // What --force would come to is measured too.
      if !recipe.force { _ = try isFast(Self.nearlyAll) }
      throw held.outOfReach(
        least: least, forced: shortest?.milliseconds ?? least, isForced: recipe.force)
    }
    request.percent = share
    return SettledRequest(request: request, met: met)
  }

  private func measuredStaircases(multiple: Int) throws -> [Int: WidthStaircase] {
    let start = ContinuousClock.now
    let staircases = try pruner.staircases(
      width: size.width, height: size.height, multiple: multiple, on: device)
    let edges = staircases.values.reduce(0) { $0 + $1.edges.count }
    let points = staircases.values.reduce(0) { $0 + $1.points.count }
    observer.note(
      "latency of \(staircases.count) convolutions measured in "
        + "\(Figures.fixed((.now - start) / .seconds(1), 1)) s: \(edges) of \(points) widths are "
        + "the last of their step")
    return staircases
  }

  /// The largest share that loses no more than so many points, of mAP@0.5 and of mAP@0.5:0.95.
  private func largestShare(losing points: Double, _ request: PruningRequest) throws -> Double {
    guard let dataset else { return 0 }
    let whole = try evaluate(
      model.network(on: device), dataset, label: "the whole network"
    ).result
    let found = try TargetSearch(steps: 7) { share in
      guard share > 0 else { return false }
      guard recipe.force || share <= pruner.emptyingPercent else { return true }
      let compact = try network(candidate(share, request))
      if recipe.recalibrates { try recalibrate(compact) }
      let result = try evaluate(compact, dataset, label: "at \(Figures.percent(share))").result
      let drops = (100 * (whole.map - result.map), 100 * (whole.map50 - result.map50))
      observer.note(
        "\(Figures.percent(share)) of the channels: \(Figures.fixed(drops.0, 2)) points of mAP@0.5:0.95 lost, "
          + "\(Figures.fixed(drops.1, 2)) of mAP@0.5")
      return whole.points(lostBy: result) > points
    }
    let share = found.before ?? 0
    observer.note(
      "\(Figures.percent(share)) of the channels lose at most \(Figures.significant(points)) "
        + "point\(points == 1 ? "" : "s") of mAP@0.5:0.95 and of mAP@0.5")
    return share
  }

  /// The best of many drawn networks, each with its statistics re-estimated.
  private func bestCandidate(
    of sampler: CandidateSampler, count: Int, base: PruningRequest
  ) throws -> PruningRequest {
    guard let dataset else { return base }
    var best: (request: PruningRequest, map50: Double)?
    let candidates = try sampler(pruner, count: count, base: base)
    let pictures = dataset.pictures.count
    let confidence: Float = 0.1
    // One task: of many candidates a log needs to know which were the best so far.
    observer.remark(
      "candidates are chosen by mAP@0.5 of boxes above a confidence of \(confidence); the figures of the "
        + "result are of all boxes, so they differ")
    observer.begin("candidates", pictures: candidates.count * pictures)
    defer { observer.end() }
    for (number, request) in candidates.enumerated() {
      let compact = try network(pruner.prune(request, force: true))
      try recalibrate(compact)
      // A higher threshold than in the final evaluation: the order is what counts
      // (docs/formulas.md 7.11).
      let map50 = try evaluate(
        compact, dataset, confidence: confidence, label: nil, after: number * pictures
      ).result.map50
      guard map50 > best?.map50 ?? -1 else { continue }
      best = (request, map50)
      observer.remark(
        "candidate \(number + 1) of \(candidates.count) is the best so far: mAP@0.5 "
          + Figures.fixed(map50, 4))
    }
    return best?.request ?? base
  }

  private func candidate(_ share: Double, _ request: PruningRequest) throws -> PruningResult {
    var request = request
    request.percent = share
    return try pruner.prune(request, force: true)
  }
}
