import Boxes
import Darknet
import Datasets
import Foundation
import Inference
import Training

/// Everything that decides which anchors are found for a data set.
public struct AnchorsRecipe: Recipe {
  /// The `.data` file.
  public var data: String
  /// The list that they are to fit.
  public var split = DatasetSplit.train
  /// Whether all classes count as one.
  public var isSingleClass = false
  /// The cfg whose anchors they would replace.
  public var cfg: String?
  /// Width of the input in pixels; the cfg's own, or 416, unless given with ``height``.
  public var width: Int?
  /// Height of the input in pixels; the cfg's own, or 416, unless given with ``width``.
  public var height: Int?
  /// How many; as many as the cfg has, or 9, unless given.
  public var count: Int?
  /// What makes a good set.
  public var method = AnchorClustering.Method.iou
  /// Changes that are tried after clustering.
  public var mutations = 1000
  /// Seed of whatever is drawn.
  public var seed: UInt64 = 0

  /// A recipe for a data set.
  public init(data: String) { self.data = data }
}

/// Finds anchors that suit a data set.
public struct AnchorsRun {
  /// What was asked for.
  public let recipe: AnchorsRecipe
  /// What they are found for.
  public let network: FittedNetwork
  /// Names of the data set's classes.
  public var classNames: [String] { dataset.names }

  private let dataset: DetectionDataset
  private let observer: any RunObserver

  /// What the anchors of one head find.
  public struct Head {
    /// Its layer.
    public let layer: Int
    /// Input pixels per cell.
    public let stride: Int
    /// Its anchors, by index.
    public let mask: [Int]
    /// The share of all boxes that one of its anchors suits best.
    public let share: Double
    /// How well it does, as the mean over these.
    public let meanIoU: Double
  }

  /// What was found.
  public struct Outcome {
    /// The anchors, and how well they do.
    public let fit: AnchorFit
    /// How well the cfg's own do beside them; nil without a cfg.
    public let verdict: AnchorVerdict?
    /// Boxes that they were found for.
    public let boxes: Int
    /// The heads that will have them; none without a cfg.
    public let heads: [Head]
  }

  /// Opens the cfg and the data set.
  ///
  /// - Parameter observer: is told what happens; nobody is unless given.
  /// - Throws: an error of the files; ``RunError``.
  public init(
    _ recipe: AnchorsRecipe, observer: any RunObserver = SilentObserver()
  ) throws {
    try recipe.check()
    (self.recipe, self.observer) = (recipe, observer)
    network = try FittedNetwork(
      cfg: recipe.cfg,
      size: recipe.width.flatMap { width in recipe.height.map { (width, $0) } })
    dataset = try openDataset(
      DataFile(contentsOf: recipe.data), recipe.split, isSingleClass: recipe.isSingleClass,
      observer: observer)
    // Shapes of boxes do not depend on classes, but nothing can be trained so.
    if let disagreement { observer.warn("\(disagreement)") }
  }

  /// Where the cfg is for other classes than the data set's.
  public var disagreement: ClassDisagreement? {
    network.spec.flatMap {
      ClassDisagreement($0, other: recipe.data, classes: dataset.names.count)
    }
  }

  /// Measures the boxes and finds the anchors.
  public func callAsFunction() throws -> Outcome {
    observer.begin("sizes", pictures: dataset.pictures.count)
    let sizes = dataset.boxSizes(
      inputWidth: network.width, inputHeight: network.height, fit: network.fit,
      workers: processorCount
    ) { observer.advance(to: $0) }
    observer.end()
    let clustering = AnchorClustering(
      count: network.spec?.anchorCount ?? recipe.count ?? 9, method: recipe.method,
      mutations: recipe.mutations, seed: recipe.seed)
    let fit = AnchorFit(AnchorFit.rounded(try clustering(sizes)), to: sizes)
    let verdict = network.anchors.map {
      AnchorVerdict(own: AnchorFit($0, to: sizes), others: fit)
    }
    return Outcome(
      fit: fit, verdict: verdict, boxes: sizes.count,
      heads: try configuration(fit).map { heads(fit, try NetworkSpec($0)) } ?? [])
  }

  /// The cfg at the input size of the recipe, with the anchors where these are worth taking, else
  /// with its own; nil without a cfg.
  public func configuration(_ outcome: Outcome) throws -> Configuration? {
    guard let verdict = outcome.verdict else { return nil }
    return try configuration(verdict.isWorthwhile ? verdict.others : nil)
  }

  /// The cfg at the input size of the recipe, with other anchors where some are given.
  private func configuration(_ fit: AnchorFit?) throws -> Configuration? {
    guard let spec = network.spec else { return nil }
    guard let fit else {
      var own = spec.configuration
      if network.width != spec.net.width { own.sections[0]["width"] = "\(network.width)" }
      if network.height != spec.net.height { own.sections[0]["height"] = "\(network.height)" }
      return own
    }
    return try spec.withAnchors(
      fit.anchors.map { Anchor(width: $0.width, height: $0.height) }, width: network.width,
      height: network.height)
  }

  /// The heads of the cfg that has the anchors.
  private func heads(_ fit: AnchorFit, _ spec: NetworkSpec) -> [Head] {
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
}
