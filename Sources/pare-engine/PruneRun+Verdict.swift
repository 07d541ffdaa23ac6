import Commands
import Darknet
import Datasets
import Networks
import Pruning
import Reports
import Training

/// What is said before anything is removed.
extension PruneRun {
  /// Pictures that each point of the curve is measured on, at most.
  private static let curvePictures = 200

  /// Layers whose shares are listed, at most; the report has all.
  private static let listedLayers = 12

  /// Prints what the scales say.
  func verdict(_ request: PruningRequest) throws -> PruningVerdict {
    let scales = model.parameters.layers.map { ($0[.gamma]?.values ?? []).map(abs) }
    let verdict = PruningVerdict(
      scales: scales, classes: spec.classes, going: try pruner.scalesToGo(request))
    guard options.report.printsTables, !verdict.quantiles.isEmpty else { return verdict }
    let quantiles = zip(PruningVerdict.shares, verdict.quantiles).map { share, value in
      "\(Int(100 * share)) %: \(Figures.significant(Double(value)))"
    }
    try Console.print("scales: " + quantiles.joined(separator: ", "))
    let list = verdict.silentShares.filter { $0.share > 0 }.map {
      "\($0.layer): \(Int(100 * $0.share)) %"
    }
    if !list.isEmpty {
      try Console.print("near zero, by layer: " + list.joined(separator: ", "))
    }
    let emptying = pruner.emptyingPercents.sorted { $0.percent < $1.percent }
      .prefix(Self.listedLayers).map {
        "\($0.layer): \(Figures.fixed(100 * $0.percent, 1)) %"
      }
    if !emptying.isEmpty {
      try Console.print(
        "layers are emptied beyond this share of all, least first: "
          + emptying.joined(separator: ", "))
    }
    try Console.print("advice: \(verdict.advice)")
    return verdict
  }

  /// Measures mAP at rising shares with statistics re-estimated.
  ///
  /// - Throws: ``PruningError/beyondCliff(_:cliff:)`` when the request is, unless it is forced.
  func curve(_ request: PruningRequest) throws -> PruningCurve? {
    guard options.judgement.curve, let dataset, method.judgement != .nothing else { return nil }
    var some = dataset
    some.pictures = Array(dataset.pictures.prefix(Self.curvePictures))
    var curve = PruningCurve(
      original: try evaluate(model.network(on: device), some).result.map50, points: [])
    for tenth in 1...9 {
      var request = request
      request.percent = Double(tenth) / 10
      request.ranges = []
      let compact = try network(pruner(request, force: true))
      try recalibrate(compact)
      let map50 = try evaluate(compact, some, label: "\(10 * tenth) %").result.map50
      curve.points.append(.init(percent: request.percent, map50: map50))
    }
    if options.report.printsTables {
      var table = Table("share", "mAP@0.5", "")
      for point in curve.points {
        table.append([
          "\(Int((100 * point.percent).rounded())) %", Figures.fixed(point.map50, 4),
          point.percent == curve.cliff ? "cliff" : "",
        ])
      }
      try Console.print(table.text)
    }
    if let cliff = curve.cliff, request.percent >= cliff, !options.channels.force {
      throw PruningError.beyondCliff(request.percent, cliff: cliff)
    }
    return curve
  }
}
