import Boxes
import Commands
import Darknet
import Datasets
import Foundation
import Reports
import Runs
import Terminal

extension DatasetCheckCommand: Executable {
  package func execute() throws {
    let json = try JSONOutput(report)
    let network = try FittedNetwork(network)
    var settings = DatasetAudit.Settings()
    (settings.inputWidth, settings.inputHeight) = (network.width, network.height)
    settings.workers = workers ?? ProcessInfo.processInfo.activeProcessorCount
    let audit = try DatasetAudit(DataFile(contentsOf: data.data), settings: settings)
    let outcome = run(audit)
    let anchors = AnchorAdvice(outcome.boxSizes, for: network)

    if report.printsTables {
      if outcome.labelPlaces[.besidePicture] != nil {
        let places = LabelPlace.allCases.compactMap { place in
          outcome.labelPlaces[place].map { "of \(counted($0, "picture")) \(place)" }
        }
        try Console.print("labels found: \(places.joined(separator: ", "))\n")
      }
      for kind in AuditFinding.Kind.allCases {
        try print(outcome.findings.filter { $0.kind == kind }, of: kind)
      }
      for line in anchors.lines(data: data.data, network) { try Console.print(line) }
      let warnings = outcome.findings.count - outcome.errorCount
      try Console.print(
        "\(counted(outcome.images, "picture"))\(background(outcome)), "
          + "\(counted(outcome.boxes, "box", "boxes")), "
          + "\(counted(outcome.errorCount, "error")), \(counted(warnings, "warning"))")
    }
    try json.write(value(audit, outcome, anchors))
    guard outcome.errorCount == 0 else { throw EngineError.problemsFound(outcome.errorCount) }
    if try report.division(audit.parts, of: data.data) { return }
    // With a cfg it is known what the set is for.
    if self.network.cfg == nil {
      try report.next("look at it", NextCommand("dataset", "stats", "--data", data.data))
    } else {
      let next = NextCommand.network(
        for: data.data, cfg: self.network.cfg, classes: audit.names.count,
        size: self.network.imgSize)
      try report.next(next.purpose, next.command)
    }
  }

  private func background(_ outcome: DatasetAudit.Outcome) -> String {
    outcome.background == 0 ? "" : " (\(grouped(outcome.background)) without a box)"
  }

  private func run(_ audit: DatasetAudit) -> DatasetAudit.Outcome {
    var bars: [DatasetAudit.Stage: ConsoleProgress] = [:]
    let outcome = audit.run { stage, done, total in
      let bar =
        bars[stage]
        ?? ConsoleProgress(
          stage == .pictures ? "pictures" : "copies", total: total, done: done,
          isQuiet: report.quiet)
      bars[stage] = bar
      bar.update(done)
      if done == total { bar.finish() }
    }
    return outcome
  }

  /// The number of findings of one kind and the first ten.
  private func print(_ findings: [AuditFinding], of kind: AuditFinding.Kind) throws {
    guard !findings.isEmpty else { return }
    let count = counted(findings.count, kind.isError ? "error" : "warning")
    try Console.print("\(count): \(kind.title)")
    for finding in findings.prefix(10) { try Console.print("  \(finding)") }
    if findings.count > 10 {
      try Console.print("  and \(grouped(findings.count - 10)) more; '--json' lists all")
    }
    if let advice = kind.advice { try Console.print("  \(advice)") }
    try Console.print()
  }

  private func value(
    _ audit: DatasetAudit, _ outcome: DatasetAudit.Outcome, _ anchors: AnchorAdvice
  ) -> JSONValue {
    .members([
      "problems": JSONValue.array(
        outcome.findings.map { finding in
          .members([
            "kind": finding.kind.rawValue, "severity": finding.kind.isError ? "error" : "warning",
            "path": absolute(finding.path), "line": finding.line, "reason": finding.reason,
            "other": finding.other.map(absolute), "similarity": finding.similarity,
          ])
        }),
      "images": outcome.images, "background": outcome.background, "boxes": outcome.boxes,
      "labelPlaces": JSONValue.object(
        LabelPlace.allCases.compactMap { place in
          outcome.labelPlaces[place].map { JSONValue.Member(place.key, .integer($0)) }
        }),
      "classes": JSONValue.array(
        zip(audit.names, outcome.classCounts).map { .members(["name": $0, "instances": $1]) }),
      "anchors": anchors.suggested?.pairs,
      "bestPossibleRecall": anchors.suggested?.bestPossibleRecall,
      "currentBestPossibleRecall": anchors.current?.bestPossibleRecall,
    ])
  }
}

extension LabelPlace {
  fileprivate var key: String {
    switch self {
    case .labelsFolder: "labelsFolder"
    case .besidePicture: "besidePicture"
    }
  }
}

/// Anchors that would fit, beside those that the cfg has.
private struct AnchorAdvice {
  /// Nil when there are too few different boxes.
  let suggested: AnchorFit?
  /// Nil without a cfg.
  let current: AnchorFit?
  private let size: String

  init(_ sizes: [BoxSize], for network: FittedNetwork) {
    let count = network.spec?.anchorCount ?? 9
    suggested = (try? AnchorClustering(count: count)(sizes)).map {
      AnchorFit(AnchorFit.rounded($0), to: sizes)
    }
    current = network.anchors.map { AnchorFit($0, to: sizes) }
    size = "\(network.width)×\(network.height)"
  }

  /// Without a cfg it is not known how many anchors there should be.
  func lines(data: String, _ network: FittedNetwork) -> [String] {
    let cfg = network.spec?.configuration.path ?? NextCommand.cfg(beside: data)
    let command = NextCommand("anchors", "--data", data, "--cfg", cfg)
    guard let current else {
      return suggested == nil
        ? [] : ["anchors that suit the boxes, once you have a cfg:", "  \(command)", ""]
    }
    var lines = ["the cfg's anchors at \(size): \(current.summary)"]
    if let suggested {
      let verdict = AnchorVerdict(own: current, others: suggested)
      lines += [
        "the best for these boxes: \(suggested.summary)"
          + (verdict.isWorthwhile ? "; to take them:" : ""),
        verdict.isWorthwhile ? "  \(command)" : verdict.words(cfg: cfg),
      ]
    }
    return lines + [""]
  }
}
