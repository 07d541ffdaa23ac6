import Boxes
import Commands
import Datasets
import Inference
import Reports
import Runs
import Terminal

/// The table of `test`: all classes first, then each.
func evaluationTable(_ outcome: Evaluation.Outcome, _ dataset: DetectionDataset) -> Table {
  let result = outcome.result
  var table = Table("class", "instances", "precision", "recall", "F1", "mAP@0.5", "mAP@0.5:0.95")
  let listed = dataset.pictures.count + dataset.missingPictures
  let pictures =
    result.images == listed
    ? counted(listed, "picture") : "\(grouped(result.images)) of \(counted(listed, "picture"))"
  table.append([
    "all (\(pictures))", grouped(result.instances), Figures.fixed(result.precision.ifMeasured, 3),
    Figures.fixed(result.recall.ifMeasured, 3), Figures.fixed(result.f1.ifMeasured, 3),
    Figures.fixed(result.map50.ifMeasured, 4), Figures.fixed(result.map.ifMeasured, 4),
  ])
  guard dataset.names.count > 1 else { return table }
  for (name, each) in zip(dataset.names, result.perClass) {
    table.append([
      name, grouped(each.instances), Figures.fixed(each.precision.ifMeasured, 3),
      Figures.fixed(each.recall.ifMeasured, 3), Figures.fixed(each.f1.ifMeasured, 3),
      Figures.fixed(each.ap50.ifMeasured, 4), Figures.fixed(each.ap.ifMeasured, 4),
    ])
  }
  return table
}

extension EvaluationResult {
  /// The confidence that precision and recall are read at; nil where nothing is found.
  var bestConfidence: Double? { instances > 0 && f1 > 0 ? confidence : nil }
}

/// What classes without an object do to the mean; nil where all have some.
func absentClasses(_ result: EvaluationResult) -> String? {
  let absent = result.perClass.count { $0.instances == 0 }
  guard absent > 0, result.instances > 0 else { return nil }
  guard result.style == .darknet else {
    return "\(counted(absent, "class", "classes")) without an object here "
      + (absent == 1 ? "does not count" : "do not count")
  }
  return "mAP is the mean over all \(result.perClass.count) classes, as Darknet's; "
    + "\(counted(absent, "class", "classes")) without an object here "
    + (absent == 1 ? "counts as 0" : "count as 0")
}

/// Where on their curves precision, recall and F1 are read, and which confidence to use.
///
/// - Parameter used: the confidence that is best on validation pictures; nil where it is not known.
func workingPoint(_ result: EvaluationResult, used: Double? = nil) -> String {
  guard result.instances > 0 else {
    return "no figures: not one box is labelled in these pictures"
  }
  guard result.f1 > 0 else { return "not one labelled object is found, at any confidence" }
  let figures = "precision, recall and F1 are those at confidence"
  let confidence = Figures.fixed(result.confidence, 3)
  guard result.style != .legacy else { return "\(figures) \(confidence)" }
  let best = "\(figures) \(confidence), where the mean F1 of the classes is highest"
  guard let used else { return best }
  let option = "--conf-thres \(Figures.significant(DetectionQuality.rounded(confidence: used)))"
  return used == result.confidence
    ? "\(best); use it so (\(option))"
    : "\(best) on these pictures; for use take \(option), which is best on the validation pictures"
}

/// The object of `test --json`.
///
/// - Parameters:
///   - codes: those that it was measured on; nil of a float network.
///   - engine: what ran it.
///   - isJudged: whether the figures say what the network is worth.
///   - page: the report of the output folder, where there is one.
func evaluationJSON(
  _ outcome: Evaluation.Outcome, _ dataset: DetectionDataset, feeding: Feeding, codes: PairCodes?,
  engine: EngineKind, isJudged: Bool = true, files: [(picture: String, labels: String?)]?,
  page: String? = nil
) -> JSONValue {
  let result = outcome.result
  let times = outcome.milliseconds
  let confidence: Double? = result.instances > 0 ? result.confidence : nil
  let quality = isJudged ? result.quality : nil
  return .members([
    "images": result.images, "listed": dataset.pictures.count + dataset.missingPictures,
    "instances": result.instances,
    "confidence": confidence,
    "precision": result.precision.ifMeasured, "recall": result.recall.ifMeasured,
    "f1": result.f1.ifMeasured, "map50": result.map50.ifMeasured, "map": result.map.ifMeasured,
    "isPoor": quality?.isPoor, "worth": quality?.worth.rawValue,
    "classes": JSONValue.array(
      zip(dataset.names, result.perClass).map { name, each in
        .members([
          "name": name, "instances": each.instances, "precision": each.precision.ifMeasured,
          "recall": each.recall.ifMeasured, "f1": each.f1.ifMeasured,
          "ap50": each.ap50.ifMeasured, "ap": each.ap.ifMeasured,
        ])
      }),
    "milliseconds": JSONValue.members([
      "preprocess": times.preprocess, "inference": times.inference,
      "postprocess": times.postprocess,
    ]),
    "skipped": JSONValue.array(
      (dataset.listProblems + outcome.problems).map {
        .members(["path": absolute($0.path), "reason": $0.reason])
      }),
    "files": files.map { files in
      JSONValue.array(
        files.map {
          .members(["path": absolute($0.picture), "labels": $0.labels.map(absolute)])
        })
    },
    "feeding": feeding.json, "quantization": codes?.json, "engine": engine.rawValue,
    "report": page.map(absolute),
  ])
}
