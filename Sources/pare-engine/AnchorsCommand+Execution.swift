import Boxes
import Commands
import Darknet
import Datasets
import Foundation
import Reports
import Terminal

extension AnchorsCommand: Executable {
  package func execute() throws {
    let json = try JSONOutput(report)
    let network = try FittedNetwork(network)
    let dataset = try openDataset(DataFile(contentsOf: data.data), split)
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
    let heads = heads(network, fit)

    if report.printsTables {
      try Console.print("anchors \(fit.text)")
      try Console.print(
        "\(fit.summary) over \(counted(sizes.count, "box", "boxes")) at \(network.width)×\(network.height)"
      )
      if let current { try Console.print("the cfg's own: \(current.summary)") }
      try Console.print()
      try Console.print(table(fit, heads).text)
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

  private func heads(_ network: FittedNetwork, _ fit: AnchorFit) -> [Head] {
    guard let spec = network.spec else { return [] }
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
