import Darknet
import Datasets
import Inference
import Terminal
import Training

/// A list of a data set, checked against the network that is trained or judged on it. What was
/// skipped is told.
///
/// - Parameters:
///   - spec: the network, which must have the data's classes; a set without labels gives no figure,
///     and may have others.
///   - names: a file of class names in place of the data's own.
///   - isSingleClass: whether all classes count as one.
///   - allowsNoLabels: whether pictures without any label will do.
package func openDataset(
  _ data: DataFile, _ split: DatasetSplit, for spec: NetworkSpec? = nil, names: String? = nil,
  isSingleClass: Bool = false, allowsNoLabels: Bool = false, observer: any RunObserver
) throws -> DetectionDataset {
  guard let list = data.list(split) else { throw RunError.noSplit(split.rawValue, data: data.path) }
  let classes = try names.map { try NamesFile(contentsOf: $0).names } ?? data.classNames()
  // The names alone disagree where network and data are of as many classes.
  if let spec, let names, classes.count != data.classes, !isSingleClass,
    ClassDisagreement(spec, other: data.path, classes: data.classes) == nil
  {
    throw DataError.wrongNumberOfNames(
      classes.count, names: names, classes: data.classes, data: data.path)
  }
  if let spec, !isSingleClass, !allowsNoLabels {
    try requireClasses(classes.count, of: names ?? data.path, spec)
  }
  let dataset: DetectionDataset
  do {
    dataset = try DetectionDataset(
      list: list, names: classes, isSingleClass: isSingleClass, allowsNoLabels: allowsNoLabels)
  } catch let error as DataError { throw error.named(split.rawValue, by: data) }
  tellSkipped(dataset.listProblems, dataset.labelProblems, of: list, observer)
  tellLabelPlaces(dataset, observer)
  guard !isSingleClass, dataset.labelCount > 0 else { return dataset }
  if let spec { try requireClasses(classes.count, of: names ?? data.path, spec) }
  // Labels are numbers of the set's classes: under other names they would mean something else.
  if let names, classes.count != data.classes {
    throw DataError.wrongNumberOfNames(
      classes.count, names: names, classes: data.classes, data: data.path)
  }
  return dataset
}

/// Refuses a network whose classes are not as many as those of a data set or a file of names.
package func requireClasses(_ classes: Int, of other: String, _ spec: NetworkSpec) throws {
  if let disagreement = ClassDisagreement(spec, other: other, classes: classes) {
    throw disagreement
  }
}

/// Says which entries of a list were skipped, and which lines of label files.
func tellSkipped(
  _ entries: [DatasetProblem], _ labels: [DatasetProblem], of list: String,
  _ observer: any RunObserver
) {
  observer.list(entries, what: "entries of \(list) skipped", one: nil)
  observer.list(labels, what: "lines of label files skipped", one: nil)
}

/// Says where labels were found when some lie beside their pictures, and what is odd about them.
package func tellLabelPlaces(_ dataset: DetectionDataset, _ observer: any RunObserver) {
  observer.list(
    dataset.labelConflicts, what: "label files differ from another of their picture",
    one: "label file differs from another of its picture")
  observer.list(
    dataset.sharedLabels, what: "label files belong to two pictures",
    one: "label file belongs to two pictures")
  let isBeside = dataset.pictures.contains { DataFile.labelPaths(forPicture: $0.path).count > 1 }
  guard isBeside, dataset.labelPlaces[.besidePicture] != nil else { return }
  let places = LabelPlace.allCases.compactMap { place in
    dataset.labelPlaces[place].map { "of \(counted($0, "picture")) \(place)" }
  }
  observer.note("labels found: \(places.joined(separator: ", "))")
}

/// A data set of one class needs a network of one.
package func requireSingleClass(_ spec: NetworkSpec) throws {
  let classes = spec.classes ?? 0
  guard classes == 1 else {
    throw RunError.notSingleClass(cfg: spec.configuration.path, classes: classes)
  }
}
