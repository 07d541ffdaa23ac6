import Darknet
import Datasets
import Training

/// Everything that decides what is found wrong with a data set.
public struct AuditRecipe: Recipe {
  /// The `.data` file.
  public var data: String
  /// A cfg to take the input size and the number of anchors from.
  public var cfg: String?
  /// Width of the input in pixels; the cfg's own, or 416, unless given with ``height``.
  public var width: Int?
  /// Height of the input in pixels; the cfg's own, or 416, unless given with ``width``.
  public var height: Int?

  /// A recipe for a data set.
  public init(data: String) { self.data = data }
}

/// A look through a data set for what would spoil training or its figures.
///
/// ```swift
/// let outcome = try AuditRun(AuditRecipe(data: "set.data"))()
/// for finding in outcome.findings { print(finding) }
/// ```
public struct AuditRun {
  /// What was asked for.
  public let recipe: AuditRecipe
  /// What the boxes are measured for.
  public let network: FittedNetwork
  /// The set.
  public let audit: DatasetAudit

  private let observer: any RunObserver

  /// Reads the cfg and the labels.
  ///
  /// - Parameters:
  ///   - workers: threads that decode pictures; as many as the machine has cores unless given.
  ///   - observer: is told what happens; nobody is unless given.
  /// - Throws: an error of the files; ``RunError``.
  public init(
    _ recipe: AuditRecipe, workers: Int? = nil, observer: any RunObserver = SilentObserver()
  ) throws {
    try recipe.check()
    (self.recipe, self.observer) = (recipe, observer)
    network = try FittedNetwork(
      cfg: recipe.cfg, size: recipe.width.flatMap { width in recipe.height.map { (width, $0) } })
    var settings = DatasetAudit.Settings()
    (settings.inputWidth, settings.inputHeight) = (network.width, network.height)
    settings.fit = network.fit
    settings.workers = workers ?? processorCount
    audit = try DatasetAudit(DataFile(contentsOf: recipe.data), settings: settings)
  }

  /// Looks at all pictures.
  public func callAsFunction() -> DatasetAudit.Outcome {
    var current: DatasetAudit.Stage?
    defer { if current != nil { observer.end() } }
    return audit.run { stage, done, total in
      if stage != current {
        if current != nil { observer.end() }
        observer.begin(stage == .pictures ? "pictures" : "copies", pictures: total)
        current = stage
      }
      observer.advance(to: done)
    }
  }
}
