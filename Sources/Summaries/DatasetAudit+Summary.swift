import Boxes
import Commands
import Darknet
import Datasets
import Reports
import Runs
import Terminal

extension DatasetAudit.Outcome {
  /// What is told of a data set that was looked through.
  ///
  /// - Parameters:
  ///   - command: what was asked for.
  package func summary(of run: AuditRun, _ command: DatasetCheckCommand) -> Summary {
    let (audit, network, data) = (run.audit, run.network, run.recipe.data)
    let anchors = AnchorAdvice(boxSizes, for: network)
    var summary = Summary()
    summary.lines = lines
    summary.lines.add(anchors.lines(data: data, network))
    summary.lines.add(total)
    // Whoever names a trained network wants to know why it finds little.
    let trained = command.network.model.flatMap { model in
      TrainingVerdict(ofRun: model).map { (model, $0) }
    }
    if errorCount == 0, let verdict = trained?.1 {
      if isFaultless(anchors) {
        summary.lines.add(verdict.faultlessData)
      }
      summary.lines.add(verdict.reasonLines)
    }
    summary.json = json(audit, anchors)
    if errorCount > 0, areLeaksAlone {
      summary.next = [DatasetImport.next(sharing: images, data)].compactMap(\.self)
      return summary
    }
    summary.next = audit.parts.next(data) {
      if let model = trained?.0 {
        return trained?.1.next(model)
      }
      // With a cfg it is known what the set is for.
      return command.network.cfg.map {
        NextCommand.network(
          for: data, cfg: $0, classes: audit.names.count, size: command.network.imgSize)
      } ?? ("look at it", NextCommand("dataset", "stats", "--data", data))
    }
    return summary
  }

  /// Whether nothing but pictures in several splits is broken: dividing the set anew mends that.
  package var areLeaksAlone: Bool {
    findings.allSatisfy { !$0.kind.isError || $0.kind == .leak }
  }

  /// Whether the boxes and the anchors are as they should be, however few the pictures are.
  private func isFaultless(_ anchors: AnchorAdvice) -> Bool {
    findings.allSatisfy { [.parts, .fewBoxes].contains($0.kind) } && !anchors.isWorthwhile
  }

  /// What was found, kind by kind.
  var lines: Lines {
    var lines = Lines()
    if labelPlaces[.besidePicture] != nil {
      let places = LabelPlace.allCases.compactMap { place in
        labelPlaces[place].map { "of \(counted($0, "picture")) \(place)" }
      }
      lines.add("labels found: \(places.joined(separator: ", "))\n")
    }
    for kind in AuditFinding.Kind.allCases { lines.add(self.lines(of: kind)) }
    return lines
  }

  /// How much was looked through, and how much is wrong with it.
  private var total: String {
    let withoutBox = background == 0 ? "" : " (\(grouped(background)) without a box)"
    return "\(counted(images, "picture"))\(withoutBox), \(counted(boxes, "box", "boxes")), "
      + "\(counted(errorCount, "error")), \(counted(findings.count - errorCount, "warning"))"
  }

  /// The number of findings of one kind and the first ten.
  private func lines(of kind: AuditFinding.Kind) -> Lines {
    let findings = findings.filter { $0.kind == kind }
    var lines = Lines()
    guard !findings.isEmpty else { return lines }
    let count = counted(findings.count, kind.isError ? "error" : "warning")
    lines.add("\(count): \(kind.title)")
    for finding in findings.prefix(10) { lines.add("  \(finding)") }
    if findings.count > 10 {
      lines.add("  and \(grouped(findings.count - 10)) more; '--json' lists all")
    }
    if let advice = kind.advice { lines.add("  \(advice)") }
    lines.add()
    return lines
  }

  private func json(_ audit: DatasetAudit, _ anchors: AnchorAdvice) -> JSONValue {
    .members([
      "problems": JSONValue.array(
        findings.map { finding in
          .members([
            "kind": finding.kind.rawValue, "severity": finding.kind.isError ? "error" : "warning",
            "path": absolute(finding.path), "line": finding.line, "reason": finding.reason,
            "other": finding.other.map(absolute), "similarity": finding.similarity,
          ])
        }),
      "images": images, "background": background, "boxes": boxes,
      "labelPlaces": JSONValue.object(
        LabelPlace.allCases.compactMap { place in
          labelPlaces[place].map { JSONValue.Member(place.key, .integer($0)) }
        }),
      "classes": JSONValue.array(
        zip(audit.names, classCounts).map { .members(["name": $0, "instances": $1]) }),
      "anchors": anchors.suggested?.pairs,
      "bestPossibleRecall": anchors.suggested?.bestPossibleRecall,
      "currentBestPossibleRecall": anchors.current?.bestPossibleRecall,
    ])
  }
}

extension TrainingVerdict {
  /// What is said of a trained network whose labels and anchors have no fault.
  var faultlessData: String {
    let found = "nothing wrong is found with labels and anchors"
    // Of a network that has not learned the pictures that there are more would not be learned either.
    let remedy =
      largerNetwork == nil
      ? ": more pictures, and more different ones, are what may help"
        + (isWorthLonger ? ", as may longer training" : "")
      : ""
    return found + remedy + (isSettled && !isWorthLonger ? "; training longer brought little" : "")
  }

  /// What to type next for the network of a run: more epochs where they are likely to help, else what
  /// the first reason asks for; nil where that is no command.
  func next(_ run: String) -> NextStep? {
    guard isWorthLonger else {
      return largerNetwork.map { words in
        (
          purpose: words.first == "help" ? "choose a larger network" : "make a larger network",
          command: NextCommand() + words
        )
      }
    }
    // What it finds is what led here.
    return Remedy(prolonging: run)?.step ?? (
      purpose: "see what it finds and what it misses",
      command: NextCommand("detect", "--model", run, "--source")
        + [NextCommand.Placeholder.picture.rawValue]
    )
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
    size = network.sizeInWords
  }

  /// Whether others than those of the cfg are to be taken.
  var isWorthwhile: Bool {
    guard let current, let suggested else { return false }
    return AnchorVerdict(own: current, others: suggested).isWorthwhile
  }

  /// Without a cfg it is not known how many anchors there should be.
  func lines(data: String, _ network: FittedNetwork) -> [String] {
    let cfg = network.spec?.configuration.path ?? NextCommand.cfg(of: data)
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
