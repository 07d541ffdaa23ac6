/// What can be wrong with stored predictions, what they are compared with, and sizes to cluster.
public enum BoxesError: Error, Hashable, Sendable {
  /// The file cannot be read.
  case unreadable(path: String, reason: String)
  /// The file is not what ``StoredPredictions`` writes.
  case malformed(path: String, reason: String)
  /// Two sets have different class names.
  case differentNames([String], [String])
  /// A picture is there twice.
  case repeatedImage(String)
  /// A picture is in one set of predictions only.
  case unpairedImage(String)
  /// Two evaluators saw different numbers of pictures.
  case differentImageCounts(Int, Int)
  /// Two evaluators have different rules or classes.
  case differentRules
  /// A picture, where one is known by name, has other ground truths in the other set.
  case differentGroundTruths(image: String?)
  /// No picture has a ground truth to find.
  case nothingToFind
  /// There are fewer different sizes of objects than anchors are wanted.
  case tooFewSizes(found: Int, needed: Int)
}

extension BoxesError: CustomStringConvertible {
  /// One line: where, what was found, what was expected.
  public var description: String {
    switch self {
    case .unreadable(let path, let reason): "\(path): \(reason)"
    case .malformed(let path, let reason):
      "\(path): not a file of stored predictions, as 'test --save-predictions' writes it: \(reason)"
    case .differentNames(let a, let b):
      "predictions of different classes: \(a.joined(separator: ", ")) "
        + "and \(b.joined(separator: ", "))"
    case .repeatedImage(let image): "picture '\(image)' is there twice"
    case .unpairedImage(let image):
      "picture '\(image)' was predicted by one of the two only; measure both on the same list of "
        + "pictures"
    case .differentImageCounts(let a, let b):
      "predictions of \(a) and of \(b) pictures cannot be paired"
    case .differentRules: "evaluations of different styles or classes cannot be paired"
    case .differentGroundTruths(let image):
      "the two were tested on different ground truths"
        + (image.map { " of picture '\($0)'" } ?? "")
    case .nothingToFind: "no picture has a ground truth, so there is nothing to compare"
    case .tooFewSizes(let found, let needed):
      "\(needed) anchors need at least as many different sizes of objects, found \(found): label more, "
        + "or go on with the anchors that the cfg has"
    }
  }
}
