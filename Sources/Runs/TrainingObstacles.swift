import Boxes
import Darknet
import Datasets
import Reports
import Terminal
import Training

/// What may keep a network from learning, read off the plan of its training, its pictures and its
/// anchors: likely reasons where it came to nothing.
package struct TrainingObstacles {
  /// Optimizer steps of the whole training, about.
  package let steps: Int
  /// Likely reasons, the likeliest first; words, without a full stop.
  package let reasons: [String]

  /// Fewer steps are few, whatever is trained.
  static let fewSteps = 2000
  /// A class with fewer boxes is hardly learned.
  private static let fewBoxes = 50
  /// Smaller boxes, in pixels of the input, are hard to find.
  private static let smallSide: Float = 12
  /// Anchors that fit a smaller share of the boxes are wrong for them.
  private static let fittingShare = 0.9

  /// Looks at a training.
  package init(_ recipe: TrainingRecipe, _ train: DetectionDataset, _ spec: NetworkSpec) {
    let options = recipe.options
    steps = options.epochs * options.stepsPerEpoch(pictures: train.labelledCount)
    var reasons: [String] = []
    if steps < Self.fewSteps {
      let pictures = options.batchSize * options.accumulationSteps
      let hasLarge = options.accumulationSteps > 1 && pictures > 16
      let smaller = hasLarge ? ", or more steps of fewer pictures (--nominal-batch 16)" : ""
      reasons.append("only \(counted(steps, "step")): more epochs\(smaller)")
    }
    if recipe.beginning == .randomNumbers {
      reasons.append(
        "random numbers at the start: published weights help (--weights FILE --pretrain)")
    }
    let labels = train.pictures.flatMap(\.labels)
    if let rare = Self.rarest(labels, train.names), rare.count < Self.fewBoxes {
      reasons.append("few boxes: \(grouped(rare.count)) of '\(rare.name)'")
    }
    let sizes = labels.map {
      BoxSize(
        width: $0.width * Float(options.imageWidth), height: $0.height * Float(options.imageHeight))
    }
    let sides = sizes.map { min($0.width, $0.height) }.sorted()
    if !sides.isEmpty, case let side = sides[sides.count / 2], side < Self.smallSide {
      reasons.append(
        "small objects: half of the boxes are below \(Int(side.rounded(.up))) pixels at "
          + "\(options.imageWidth)×\(options.imageHeight) (--img-size)")
    }
    let anchors = spec.headAnchors.flatMap(\.anchors)
      .map { BoxSize(width: $0.width, height: $0.height) }
    let share = AnchorFit(anchors, to: sizes).bestPossibleRecall
    if !anchors.isEmpty, share < Self.fittingShare {
      reasons.append("anchors that fit \(Figures.percent(share, 0)) of the boxes (pare anchors)")
    }
    reasons.append("labels that are wrong: the report shows pictures with their boxes")
    self.reasons = reasons
  }

  /// The class with the fewest boxes among those that have some.
  private static func rarest(_ labels: [Label], _ names: [String]) -> (name: String, count: Int)? {
    var counts = [Int](repeating: 0, count: names.count)
    for label in labels where counts.indices.contains(label.classIndex) {
      counts[label.classIndex] += 1
    }
    return zip(names, counts).filter { $0.1 > 0 }.min { $0.1 < $1.1 }.map { ($0.0, $0.1) }
  }
}
