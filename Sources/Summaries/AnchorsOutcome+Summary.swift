import Boxes
import Commands
import Darknet
import Datasets
import Diagnosis
import Reports
import Runs
import Storage
import Terminal

extension AnchorsRun.Outcome {
  /// The anchors, and how well they suit the boxes.
  package func lines(of run: AnchorsRun) -> Lines {
    let network = run.network
    var lines = Lines()
    lines.add("anchors \(fit.text)")
    lines.add(
      "\(fit.summary) over \(counted(boxes, "box", "boxes")) at \(network.sizeInWords)")
    if let verdict {
      lines.add("the cfg's own: \(verdict.own.summary)")
      lines.add(verdict.words(cfg: run.recipe.cfg ?? ""))
    }
    lines.add()
    lines.add(table)
    lines.add(sharingRemarks)
    return lines
  }

  /// What is told after the ``lines(of:)``: what became of the cfg, the object for programs, and what
  /// to type next.
  ///
  /// - Parameters:
  ///   - command: what was asked for.
  ///   - isWritten: whether the cfg was written; nil where that was not asked for.
  package func summary(
    of run: AnchorsRun, _ command: AnchorsCommand, isWritten: Bool?
  ) -> Summary {
    let network = run.network
    var summary = Summary()
    if let isWritten, let output = command.output {
      let what = verdict?.isWorthwhile == true ? "the new anchors" : "its own anchors"
      let size = isWritten ? otherSize(network) : ""
      summary.lines.add("\(output): \(isWritten ? "written with \(what)" : "left as it is")\(size)")
    }
    summary.json = .members([
      "anchors": fit.pairs, "bestPossibleRecall": fit.bestPossibleRecall,
      "meanIoU": fit.meanIoU, "boxes": boxes, "width": network.width,
      "height": network.height, "resize": network.fit.rawValue, "text": fit.text,
      "heads": JSONValue.array(heads.map(\.json)),
      "current": verdict.map {
        JSONValue.members([
          "anchors": $0.own.pairs, "bestPossibleRecall": $0.own.bestPossibleRecall,
          "meanIoU": $0.own.meanIoU,
        ])
      },
      "isWorthwhile": verdict?.isWorthwhile, "cfg": command.output.map(absolute),
    ])
    summary.next = [next(run, command)].compactMap(\.self)
    return summary
  }

  /// That the cfg is for another size now, which its anchors are of; empty where it has its own.
  private func otherSize(_ network: FittedNetwork) -> String {
    guard let own = network.spec?.net, (own.width, own.height) != (network.width, network.height)
    else { return "" }
    return ", and for \(network.width)×\(network.height) pixels, for which they are; it had "
      + "\(own.width)×\(own.height)"
  }

  /// Without a cfg, a built-in network that takes as many anchors. With one, the same cfg with these
  /// anchors where they are worth taking, and what can be trained where they are written. Anchors that are
  /// hardly better are no reason to train a network again.
  private func next(_ run: AnchorsRun, _ command: AnchorsCommand) -> NextStep? {
    let (network, asked) = (run.network, command.network)
    guard let cfg = asked.cfg, let verdict else {
      let small = [BuiltInNetwork.yolov4Tiny, .yolov4TinyThreeLevels, .yolov2Tiny]
      let name = small.first { fit.anchors.count.isMultiple(of: $0.headCount) } ?? .yolov2Tiny
      return Self.network(
        name.rawValue, with: fit, at: (network.width, network.height), isAsked: asked.size != nil,
        classes: run.classNames.count)
    }
    /// The training of a cfg, or what makes one for the classes of the data set.
    func training(_ cfg: String) -> NextStep {
      NextCommand.network(
        for: run.recipe.data, cfg: cfg, classes: run.classNames.count, size: asked.imgSize)
    }
    // A network for other classes cannot be trained: one for these is made first.
    if run.disagreement != nil { return training(command.output ?? cfg) }
    if let output = command.output {
      return verdict.isWorthwhile || !RunRequest.isThere(for: output) ? training(output) : nil
    }
    guard verdict.isWorthwhile else {
      return asked.model.map {
        ("measure it as it is", NextCommand("test", "--model", $0, "--data", run.recipe.data))
      }
    }
    let base = asked.model.map { fileName(of: $0) + ".cfg" } ?? cfg
    let path = String(base.hasSuffix(".cfg") ? base.dropLast(4) : base[...]) + "-anchors.cfg"
    return (
      "write the same network with the better anchors",
      NextCommand("anchors", "--data", run.recipe.data, "--cfg", cfg)
        + (asked.imgSize.isEmpty ? [] : ["--img-size"] + asked.imgSize.map(String.init))
        + (command.split == .train ? [] : ["--split", command.split.rawValue])
        + (command.method == .iou ? [] : ["--method", command.method.rawValue])
        + (command.mutations == 1000 ? [] : ["--mutations", "\(command.mutations)"])
        + (command.seed == 0 ? [] : ["--seed", "\(command.seed)"]) + [
          "--output", NextCommand.unused(path),
        ]
    )
  }

  /// A built-in network with anchors that were found at some size; without a GPU it is a small one, and
  /// unless the size was asked for they are scaled to its own.
  static func network(
    _ name: String, with fit: AnchorFit, at size: (width: Int, height: Int), isAsked: Bool,
    classes: Int, hasGraphicsProcessor: Bool = GraphicsProcessors.present().isUsable
  ) -> NextStep {
    let isScaled = !hasGraphicsProcessor && !isAsked
    let factor = isScaled ? Float(NextCommand.smallSize) / Float(size.width) : 1
    let anchors = AnchorFit.rounded(
      fit.anchors.map { BoxSize(width: $0.width * factor, height: $0.height * factor) })
    let sizes = size.width == size.height ? [size.width] : [size.width, size.height]
    return NextCommand.make(
      name, classes: classes, size: isScaled ? [] : sizes,
      anchors: AnchorFit.text(of: isScaled ? anchors : fit.anchors), output: "\(name).cfg",
      hasGraphicsProcessor: hasGraphicsProcessor)
  }

  /// Why the shares of the heads need not add up to 100 %: a cfg may give an anchor to several heads,
  /// or to none.
  var sharingRemarks: [String] {
    guard !heads.isEmpty else { return [] }
    return fit.anchors.indices.compactMap { anchor in
      switch (heads.count { $0.mask.contains(anchor) }) {
      case 1: nil
      case 0: "anchor \(anchor) is in no head, so its boxes count in none"
      case let count: "anchor \(anchor) is in \(count) heads, and its boxes count in each"
      }
    }
  }

  var table: Table {
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

extension FittedNetwork {
  /// "416×416", and how pictures are brought there unless they keep their proportions.
  var sizeInWords: String {
    "\(width)×\(height)" + (fit.keepsProportions ? "" : " (resize \(fit.rawValue))")
  }
}

extension AnchorsRun.Head {
  fileprivate var json: JSONValue {
    .members([
      "layer": layer, "stride": stride, "mask": mask, "share": share, "meanIoU": meanIoU,
    ])
  }
}
