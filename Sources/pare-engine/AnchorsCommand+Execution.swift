import Boxes
import Commands
import Darknet
import Datasets
import Reports
import Runs
import Storage
import Terminal

extension AnchorsCommand: Executable {
  package func execute() throws {
    let json = try JSONOutput(report)
    if let output { try ResultFile.cfg.require(output, overwrites: overwrite) }
    let run = try AnchorsRun(recipe(takeData()), observer: ConsoleObserver(isQuiet: report.quiet))
    let outcome = try run()
    let (network, fit, verdict, heads) = (
      run.network, outcome.fit, outcome.verdict, outcome.heads
    )
    if report.printsTables {
      try Console.print("anchors \(fit.text)")
      try Console.print(
        "\(fit.summary) over \(counted(outcome.boxes, "box", "boxes")) at \(network.width)×\(network.height)"
      )
      if let verdict {
        try Console.print("the cfg's own: \(verdict.own.summary)")
        try Console.print(verdict.words(cfg: self.network.cfg ?? ""))
      }
      try Console.print()
      try Console.print(table(fit, heads))
      for line in sharingRemarks(fit, heads) { try Console.print(line) }
    }
    if let output { try write(run.configuration(outcome), outcome, to: output) }
    try json.write(
      .members([
        "anchors": fit.pairs, "bestPossibleRecall": fit.bestPossibleRecall,
        "meanIoU": fit.meanIoU, "boxes": outcome.boxes, "width": network.width,
        "height": network.height, "text": fit.text,
        "heads": JSONValue.array(heads.map(\.json)),
        "current": verdict.map {
          JSONValue.members([
            "anchors": $0.own.pairs, "bestPossibleRecall": $0.own.bestPossibleRecall,
            "meanIoU": $0.own.meanIoU,
          ])
        },
        "isWorthwhile": verdict?.isWorthwhile, "cfg": output.map(absolute),
      ]))
    let next = next(fit, verdict, run)
    try report.next(next.purpose, next.command)
  }

  /// Writes the cfg, where that changes anything.
  private func write(
    _ configuration: Configuration?, _ outcome: AnchorsRun.Outcome, to output: String
  ) throws {
    guard let configuration, let cfg = network.cfg else { return }
    let isSame = resolvedPath(output) == resolvedPath(cfg)
    let changes = try configuration != Configuration(contentsOf: cfg)
    if changes || !isSame { try writeAtomically(configuration.text, to: output) }
    guard report.printsTables else { return }
    let what = outcome.verdict?.isWorthwhile == true ? "the new anchors" : "its own anchors"
    try Console.print(
      isSame && !changes ? "\(output): left as it is" : "\(output): written with \(what)")
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

  /// Without a cfg, a built-in network that takes as many anchors. With one, the same cfg with these
  /// anchors where they are worth taking; what can be trained where they are written or not worth it.
  private func next(
    _ fit: AnchorFit, _ verdict: AnchorVerdict?, _ run: AnchorsRun
  ) -> (purpose: String, command: NextCommand) {
    let network = run.network
    guard let cfg = self.network.cfg, let verdict else {
      let small = [BuiltInNetwork.yolov4Tiny, .yolov4TinyThreeLevels, .yolov2Tiny]
      let name = small.first { fit.anchors.count.isMultiple(of: $0.headCount) } ?? .yolov2Tiny
      let size =
        network.width == network.height ? [network.width] : [network.width, network.height]
      return (
        "make a network with them",
        NextCommand("config", "new", name.rawValue, "--classes", "\(run.classNames.count)")
          + ["--img-size"] + size.map(String.init)
          + ["--anchors", fit.text, "--output", NextCommand.unused("\(name.rawValue).cfg")]
      )
    }
    if let output { return ("train it", .train(["--cfg", output], on: run.recipe.data)) }
    guard verdict.isWorthwhile else {
      guard let folder = self.network.model else {
        return ("train it as it is", .train(["--cfg", cfg], on: run.recipe.data))
      }
      return (
        "measure it as it is", NextCommand("test", "--model", folder, "--data", run.recipe.data)
      )
    }
    let base = self.network.model == nil ? cfg : fileName(of: self.network.model ?? "") + ".cfg"
    let path = String(base.hasSuffix(".cfg") ? base.dropLast(4) : base[...]) + "-anchors.cfg"
    return (
      "write the same network with the better anchors",
      NextCommand("anchors", "--data", run.recipe.data, "--cfg", cfg)
        + (self.network.imgSize.isEmpty
          ? [] : ["--img-size"] + self.network.imgSize.map(String.init))
        + (split == .train ? [] : ["--split", split.rawValue])
        + (method == .iou ? [] : ["--method", method.rawValue])
        + (mutations == 1000 ? [] : ["--mutations", "\(mutations)"])
        + (seed == 0 ? [] : ["--seed", "\(seed)"]) + ["--output", NextCommand.unused(path)]
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
