import Boxes
import Commands
import Darknet
import Datasets
import Reports
import Runs
import Terminal

extension AnchorsCommand: Executable {
  package func execute() throws {
    let json = try JSONOutput(report)
    let run = try AnchorsRun(recipe(takeData()), observer: ConsoleObserver(isQuiet: report.quiet))
    let outcome = try run()
    let (network, fit, current, heads) = (
      run.network, outcome.fit, outcome.current, outcome.heads
    )
    if report.printsTables {
      try Console.print("anchors \(fit.text)")
      try Console.print(
        "\(fit.summary) over \(counted(outcome.boxes, "box", "boxes")) at \(network.width)×\(network.height)"
      )
      if let current { try Console.print("the cfg's own: \(current.summary)") }
      try Console.print()
      try Console.print(table(fit, heads))
      for line in sharingRemarks(fit, heads) { try Console.print(line) }
    }
    try json.write(
      .members([
        "anchors": fit.pairs, "bestPossibleRecall": fit.bestPossibleRecall,
        "meanIoU": fit.meanIoU, "boxes": outcome.boxes, "width": network.width,
        "height": network.height, "text": fit.text,
        "heads": JSONValue.array(heads.map(\.json)),
        "current": current.map {
          JSONValue.members([
            "anchors": $0.pairs, "bestPossibleRecall": $0.bestPossibleRecall,
            "meanIoU": $0.meanIoU,
          ])
        },
      ]))
    let next = next(fit, network, outcome.known, classes: run.classNames.count)
    try report.next(next.purpose, next.command)
  }

  /// The data set: that of the run where none is named.
  private func takeData() throws -> String {
    try data ?? RunDataset.required(ofRun: network.model ?? "", isQuiet: report.quiet).data
  }

  private func recipe(_ data: String) -> AnchorsRecipe {
    var recipe = AnchorsRecipe(data: data)
    (recipe.split, recipe.cfg) = (DatasetSplit(split), network.cfg)
    if let size = network.size { (recipe.width, recipe.height) = (size.width, size.height) }
    recipe.count = clusters
    recipe.method =
      switch method {
      case .iou: .iou
      case .legacy: .legacy
      }
    (recipe.mutations, recipe.seed) = (mutations, seed)
    return recipe
  }

  /// The same network with these anchors; without a cfg, a built-in one that takes as many.
  private func next(
    _ fit: AnchorFit, _ network: FittedNetwork, _ known: AnchorsRun.Known?, classes: Int
  ) -> (purpose: String, command: NextCommand) {
    if let cfg = network.spec?.configuration.path, known == nil {
      return (
        "write them into the heads of \(cfg), and check it", NextCommand("config", "check", cfg)
      )
    }
    let small = [BuiltInNetwork.yolov4Tiny, .yolov4TinyThreeLevels, .yolov2Tiny]
    let (name, multiple) =
      known ?? (small.first { fit.anchors.count.isMultiple(of: $0.headCount) } ?? .yolov2Tiny, 1)
    let size = network.width == network.height ? [network.width] : [network.width, network.height]
    var command = NextCommand("config", "new", name.rawValue, "--classes", "\(classes)")
    if let channels = network.spec?.net.channels, channels != 3 {
      command.words += ["--channels", "\(channels)"]
    }
    if multiple != 1 { command.words += ["--width-multiple", Figures.significant(multiple, 6)] }
    command.words += ["--img-size"] + size.map(String.init) + ["--anchors", fit.text, "--output"]
    let path = network.spec.map {
      String($0.configuration.path.dropLast(".cfg".count)) + "-anchors.cfg"
    }
    return (
      "make a network with them", command + [NextCommand.unused(path ?? "\(name.rawValue).cfg")]
    )
  }

  /// Why the shares of the heads need not add up to 100 %: a cfg may give an anchor to several heads,
  /// or to none.
  private func sharingRemarks(_ fit: AnchorFit, _ heads: [AnchorsRun.Head]) -> [String] {
    guard !heads.isEmpty else { return [] }
    return fit.anchors.indices.compactMap { anchor in
      switch (heads.count { $0.mask.contains(anchor) }) {
      case 1: nil
      case 0: "anchor \(anchor) is in no head, so its boxes count in none"
      case let count: "anchor \(anchor) is in \(count) heads, and its boxes count in each"
      }
    }
  }

  private func table(_ fit: AnchorFit, _ heads: [AnchorsRun.Head]) -> Table {
    let total = Double(max(fit.counts.reduce(0, +), 1))
    var table = Table("anchor", "width", "height", "best for", "mean IoU")
    for (index, anchor) in fit.anchors.enumerated() {
      table.append([
        "\(index)", Figures.fixed(Double(anchor.width), 1),
        Figures.fixed(Double(anchor.height), 1),
        Figures.percent(Double(fit.counts[index]) / total), Figures.fixed(fit.meanIoUs[index], 3),
      ])
    }
    for (number, head) in heads.enumerated() {
      let mask = head.mask.map(String.init).joined(separator: ",")
      table.append(
        [
          "layer \(head.layer), stride \(head.stride): \(mask)", "", "",
          Figures.percent(head.share), Figures.fixed(head.meanIoU, 3),
        ], isSeparated: number == 0)
    }
    return table
  }
}

extension AnchorsRun.Head {
  fileprivate var json: JSONValue {
    .members([
      "layer": layer, "stride": stride, "mask": mask, "share": share, "meanIoU": meanIoU,
    ])
  }
}
