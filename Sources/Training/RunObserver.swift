import Datasets

/// Who watches a run: what is said and how far it is goes here, and from here it can be stopped.
/// Whatever an observer leaves out is not told.
public protocol RunObserver: AnyObject {
  /// Takes a line that a reader has to see.
  func note(_ line: String)
  /// Takes a line that a reader can do without.
  func remark(_ line: String)
  /// Takes a line about what may be wrong, and keeps nothing from going on.
  func warn(_ line: String)
  /// Takes the entries of a list that were passed over.
  ///
  /// - Parameters:
  ///   - what: "pictures skipped"; `one` is the same for a single one.
  func list(_ entries: [any CustomStringConvertible], what: String, one: String?)
  /// A network is judged on the pictures that it is trained on.
  ///
  /// - Parameters:
  ///   - data: the `.data` file that names one list for both.
  ///   - parts: how many pictures its lists have; none to judge by, for the list is that of
  ///     training.
  func judgesOnTrainingPictures(of data: String, parts: DatasetParts)
  /// Takes the name of a task, such as an evaluation, and how many pictures it has.
  func begin(_ task: String, pictures: Int)
  /// Takes the name of a task that goes through a network, and how many layers it has.
  func begin(_ task: String, layers: Int)
  /// Takes the name of a video within a task, and how many frames it has, where it says.
  func begin(_ video: String, frames: Int?)
  /// Takes how many of the last one's pictures, layers or frames are done.
  func advance(to done: Int)
  /// The last one has ended, be it by an error.
  func end()

  /// Whether the run should save what there is and end as soon as it can.
  var shouldStop: Bool { get }
  /// Whether a training's figures are wanted after the present batch. Reading them waits for the
  /// device, so say yes every few steps only.
  var wantsFigures: Bool { get }
  /// Takes what the loss of a training that begins or goes on is the sum of.
  func begin(loss parts: [LossPart])
  /// Takes the figures of the network before the first step, nil where there was nothing to find.
  func began(with figures: ValidationFigures?)
  /// Takes the figures of a batch.
  func progress(_ progress: TrainingProgress)
  /// Takes the progress of a validation.
  func validated(_ images: Int, of total: Int)
  /// Takes the figures of a finished epoch.
  ///
  /// - Parameter telling: names of ``EpochFigures/techniques``, the most telling first.
  func finished(_ figures: EpochFigures, telling: [String], isBest: Bool)
}

extension RunObserver {
  /// Tells nobody.
  public func note(_ line: String) {}
  /// Tells nobody.
  public func remark(_ line: String) {}
  /// Tells nobody.
  public func warn(_ line: String) {}
  /// Tells nobody.
  public func list(_ entries: [any CustomStringConvertible], what: String, one: String?) {}
  /// Tells nobody.
  public func judgesOnTrainingPictures(of data: String, parts: DatasetParts) {}
  /// Tells nobody.
  public func begin(_ task: String, pictures: Int) {}
  /// Tells nobody.
  public func begin(_ task: String, layers: Int) {}
  /// Tells nobody.
  public func begin(_ video: String, frames: Int?) {}
  /// Tells nobody.
  public func advance(to done: Int) {}
  /// Tells nobody.
  public func end() {}
  /// Goes on to the end.
  public var shouldStop: Bool { false }
  /// Wants none.
  public var wantsFigures: Bool { false }
  /// Tells nobody.
  public func begin(loss parts: [LossPart]) {}
  /// Remarks on it.
  public func began(with figures: ValidationFigures?) {
    if let figures { remark("before training: \(figures.mapInWords)") }
  }
  /// Tells nobody.
  public func progress(_ progress: TrainingProgress) {}
  /// Tells nobody.
  public func validated(_ images: Int, of total: Int) {}
  /// Tells nobody.
  public func finished(_ figures: EpochFigures, telling: [String], isBest: Bool) {}
}

/// An observer that tells nobody.
public final class SilentObserver: RunObserver {
  /// Silence.
  public init() {}
}
