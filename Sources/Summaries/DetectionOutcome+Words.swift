import Boxes
import Reports
import Runs
import Terminal

extension DetectionOutcome {
  /// Objects in all pictures and frames.
  ///
  /// - Parameter overlap: the IoU above which two boxes are of one object.
  func objects(overlap: Float) -> ObjectCount {
    sources.reduce(into: ObjectCount()) { count, source in
      for (_, found) in Dictionary(grouping: source.found, by: \.frame) {
        count.add(found.map(\.detection), overlap: overlap)
      }
    }
  }

  /// What was found in all, and what another confidence would change; empty where nothing was looked
  /// at.
  ///
  /// - Parameters:
  ///   - quality: what the network is worth on validation pictures, where that is known.
  ///   - confidence: from which boxes were taken.
  ///   - isOfSomeClasses: whether boxes of the others were left out.
  func summary(
    _ objects: ObjectCount, quality: DetectionQuality?, confidence: Float,
    isOfSomeClasses: Bool = false
  ) -> [String] {
    guard isUsed else { return [] }
    let looked = sources.reduce(0) { $0 + ($1.video?.frames ?? 1) }
    let hasVideos = sources.contains { $0.video != nil }
    let all = counted(looked, hasVideos ? "frame" : "picture")
    let limit = "of confidence \(confidence) or more"
    let found = sources.reduce(0) { $0 + $1.found.count }
    var lines: [String] = []
    if found == 0 {
      lines.append(
        "nothing\(isOfSomeClasses ? " of the classes of --classes" : "") in \(all) has a confidence of "
          + "\(confidence) or more")
    } else {
      let mean = Figures.fixed(Double(objects.objects) / Double(max(looked, 1)), 1)
      let boxes = found == objects.objects ? "" : "\(counted(found, "box", "boxes")) around "
      lines.append(
        "\(boxes)\(counted(objects.objects, "object")) in \(all), \(mean) in each on the average, "
          + limit)
    }
    if objects.hasManyOfSeveralClasses {
      lines.append(
        "\(grouped(objects.ofSeveralClasses)) of these objects "
          + (objects.ofSeveralClasses == 1 ? "has" : "have")
          + " boxes of several classes; --best-class --agnostic-nms leave the surest one")
    }
    return lines + [advice(quality, confidence, found: found)].compactMap(\.self)
  }

  /// Which confidence the network is best with, and what that would change.
  private func advice(
    _ quality: DetectionQuality?, _ confidence: Float, found: Int
  ) -> String? {
    guard let quality, quality.recall > 0 else {
      return found > 0
        ? nil
        : "--conf-thres takes another limit; 'pare test' prints the one at which the network is best"
    }
    let best = quality.usedConfidence
    let place =
      "on its validation pictures the network is best at confidence \(Figures.significant(best)), where "
      + "it \(quality.finding)"
    if Float(best) == confidence { return place }
    let effect =
      Float(best) < confidence ? "finds more" : "leaves out boxes that are more likely wrong"
    return "\(place): --conf-thres \(Figures.significant(best)) \(effect)"
  }
}
