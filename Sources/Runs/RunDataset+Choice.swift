import Datasets
import Training

// Where a run's data set stands in for one that is not named.

extension RunDataset {
  /// The data set that is named, or else that of a run, which is then said.
  ///
  /// - Parameters:
  ///   - data: the one that is named.
  ///   - isSingleClass: whether all classes count as one whatever the run says.
  ///   - folder: the run, where one is named.
  /// - Throws: ``RunError/unusable(_:reason:)`` where the run does not know it, or is none.
  package static func chosen(
    _ data: String?, isSingleClass: Bool = false, ofRun folder: String?,
    _ observer: any RunObserver
  ) throws(RunError) -> (data: String, isSingleClass: Bool) {
    if let data { return (data, isSingleClass) }
    let folder = folder ?? ""
    try RunFolder.require(folder)
    let known = RunDataset(ofRun: folder)
    guard case .known(let data, let isSingle) = known else {
      throw .unusable(
        "--model \(folder)", reason: "\(known.problem(of: folder) ?? ""); name it with --data")
    }
    observer.remark(note(data, of: folder))
    return (data, isSingleClass || isSingle)
  }
}

extension PruningRecipe {
  /// Takes the data set of a run where none is named; without one nothing is measured.
  ///
  /// - Parameters:
  ///   - folder: the run, where one is named.
  ///   - isNeeded: whether something is asked for that cannot do without, besides what the recipe asks
  ///     for.
  /// - Returns: what to say of it.
  /// - Throws: ``RunError/unusable(_:reason:)`` where it is needed, and the run does not know it.
  package mutating func takeDataset(
    ofRun folder: String?, isNeeded: Bool
  ) throws(RunError) -> String? {
    guard data == nil, let folder else { return nil }
    let known = RunDataset(ofRun: folder)
    if let problem = known.problem(of: folder, without: split) {
      guard !isNeeded, !needsPictures else {
        throw .unusable("--model \(folder)", reason: "\(problem); name it with --data")
      }
      return "\(problem): nothing is measured; --data names it"
    }
    guard case .known(let data, let isSingle) = known else { return nil }
    (self.data, isSingleClass) = (data, isSingleClass || isSingle)
    return RunDataset.note(data, of: folder)
      + "; with --cfg and --weights in place of --model nothing is measured"
  }
}

extension CompareRecipe {
  /// Takes the data set of the runs among the operands where none is named and all that know one know
  /// the same; says so, or that nothing is measured.
  ///
  /// - Parameter isNeeded: whether something is asked for that cannot do without, besides intervals.
  /// - Throws: ``RunError/unusable(_:reason:)`` where it is needed and none can be taken.
  package mutating func takeDataset(
    isNeeded: Bool, _ observer: any RunObserver
  ) throws(RunError) {
    guard data == nil else { return }
    let runs = RunDatasets(of: operands)
    if let problem = runs.problem(without: split) {
      guard !isNeeded, resamples == nil else {
        throw .unusable(
          runs.records.first?.folder ?? "",
          reason: "\(problem); \(runs.disagreement ?? "name one with --data")")
      }
      observer.remark(
        "\(problem): nothing is measured"
          + (runs.disagreement == nil ? "; --data names one" : ""))
    } else if let known = runs.found.first {
      (data, isSingleClass) = (known.data, isSingleClass || known.isSingleClass)
      observer.remark(RunDataset.note(known.data, of: known.folder))
    }
  }
}
