import Boxes
import Commands
import Darknet
import Datasets
import Foundation
import Reports
import Runs
import Terminal

extension AnchorsCommand: Executable {
  package func execute() throws {
    let json = try JSONOutput(report)
    let network = try FittedNetwork(network)
    let dataset = try openDataset(
      DataFile(contentsOf: data.data), DatasetSplit(split),
      observer: ConsoleObserver(isQuiet: report.quiet))
    let progress = ConsoleProgress(
      "sizes", total: dataset.pictures.count, isQuiet: report.quiet)
    let sizes = dataset.boxSizes(
      inputWidth: network.width, inputHeight: network.height,
      workers: ProcessInfo.processInfo.activeProcessorCount
    ) { progress.update($0) }
    progress.finish()
    let clustering = AnchorClustering(
      count: network.spec?.anchorCount ?? clusters ?? 9, method: method == .iou ? .iou : .legacy,
      mutations: mutations, seed: seed)
    let fit = AnchorFit(AnchorFit.rounded(try clustering(sizes)), to: sizes)
    let current = network.anchors.map { AnchorFit($0, to: sizes) }
    let known = network.spec.flatMap { BuiltInNetwork.recognized($0) }
    let heads = heads(network, fit, known)

    if report.printsTables {
      try Console.print("anchors \(fit.text)")
      try Console.print(
        "\(fit.summary) over \(counted(sizes.count, "box", "boxes")) at \(network.width)×\(network.height)"
      )
      if let current { try Console.print("the cfg's own: \(current.summary)") }
      try Console.print()
      try Console.print(table(fit, heads))
      for line in sharingRemarks(fit, heads) { try Console.print(line) }
    }
    try json.write(
      .members([
        "anchors": fit.pairs, "bestPossibleRecall": fit.bestPossibleRecall,
        "meanIoU": fit.meanIoU, "boxes": sizes.count, "width": network.width,
        "height": network.height, "text": fit.text,
        "heads": JSONValue.array(heads.map(\.json)),
        "current": current.map {
          JSONValue.members([
            "anchors": $0.pairs, "bestPossibleRecall": $0.bestPossibleRecall,
            "meanIoU": $0.meanIoU,
          ])
        },
      ]))
    let next = next(fit, network, known, classes: dataset.names.count)
    try report.next(next.purpose, next.command)
  }

  /// The built-in network that a cfg is.
  private typealias Known = (network: BuiltInNetwork, widthMultiple: Double)

  /// The same network with these anchors; without a cfg, a built-in one that takes as many.
  private func next(
    _ fit: AnchorFit, _ network: FittedNetwork, _ known: Known?, classes: Int
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

  /// What the anchors of one head find.
  private struct Head {
    let layer: Int
    let stride: Int
    let mask: [Int]
    let share: Double
    let meanIoU: Double

    var json: JSONValue {
      .members([
        "layer": layer, "stride": stride, "mask": mask, "share": share, "meanIoU": meanIoU,
      ])
    }
  }

  /// The heads that will have the anchors: of a built-in network, those of the cfg that the next
  /// command writes, where each anchor is in one head.
  private func heads(_ network: FittedNetwork, _ fit: AnchorFit, _ known: Known?) -> [Head] {
    guard let own = network.spec else { return [] }
    let anchors = fit.anchors.map { Anchor(width: $0.width, height: $0.height) }
    let written = known.flatMap { known in
      try? NetworkSpec(
        known.network.configuration(
          classes: own.classes ?? 80, anchors: anchors, width: own.net.width,
          height: own.net.height, channels: own.net.channels,
          widthMultiple: known.widthMultiple))
    }
    let spec = written ?? own
    let total = Double(max(fit.counts.reduce(0, +), 1))
    return spec.headAnchors.map { head in
      let count = head.mask.reduce(0) { $0 + fit.counts[$1] }
      let overlap = head.mask.reduce(0.0) { $0 + fit.meanIoUs[$1] * Double(fit.counts[$1]) }
      return Head(
        layer: head.layer, stride: spec.net.width / max(spec.shapes[head.layer].width, 1),
        mask: head.mask, share: Double(count) / total,
        meanIoU: count > 0 ? overlap / Double(count) : 0)
    }
  }

  /// Why the shares of the heads need not add up to 100 %: a cfg may give an anchor to several heads,
  /// or to none.
  private func sharingRemarks(_ fit: AnchorFit, _ heads: [Head]) -> [String] {
    guard !heads.isEmpty else { return [] }
    return fit.anchors.indices.compactMap { anchor in
      switch (heads.count { $0.mask.contains(anchor) }) {
      case 1: nil
      case 0: "anchor \(anchor) is in no head, so its boxes count in none"
      case let count: "anchor \(anchor) is in \(count) heads, and its boxes count in each"
      }
    }
  }

  private func table(_ fit: AnchorFit, _ heads: [Head]) -> Table {
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
