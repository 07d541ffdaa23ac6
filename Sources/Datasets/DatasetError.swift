import Darknet
import Vision

/// What can go wrong with a data set as a whole; what is wrong with single pictures and labels is
/// a ``DatasetProblem``, which stops nothing.
public enum DatasetError: Error, Equatable, CustomStringConvertible {
  /// A list or folder without one usable picture, and what is wrong with its first.
  case noPictures(path: String, first: DatasetProblem? = nil)
  /// A list whose pictures have no labels at all, `pictures` of them.
  case noLabels(path: String, pictures: Int)
  /// A set whose labels are all of other classes than those that were given: `found` has some of
  /// them, `names` is where the given ones come from.
  case otherClasses(path: String, pictures: Int, found: [String], names: String)
  /// A folder without annotation files of the expected kind.
  case noAnnotations(path: String, expected: String)
  /// A set that cannot be read in the form that was asked for, and looks like another.
  case otherForm(String, what: String, command: String)
  /// Packed files in place of a data set.
  case archive(path: String, kind: String)
  /// A file that describes a whole data set, or a split of it, and cannot be read to its end.
  case brokenAnnotations(path: String, line: Int?, reason: String)
  /// A list of which more than `count` lines name no picture, or one that was named before.
  case uselessLines(list: String, count: Int)
  /// A folder of which `count` files are no pictures.
  case uselessFiles(folder: String, count: Int)
  /// A place in a `data.yaml` that is a folder above that file.
  case aboveSource(String, path: String, file: String)
  /// A picture that would be written over itself.
  case writesOverSource(path: String)
  /// A picture that its format's encoder refused.
  case cannotEncode(path: String, format: PictureFormat)
  /// A setting outside of its range.
  case invalidSetting(String, value: String, expected: String)

  /// One line: where, what was found, what was expected.
  public var description: String {
    switch self {
    case .noPictures(let path, let first):
      "\(path): not one usable picture" + (first.map { "; the first: \($0)" } ?? "")
        + Self.remedy(first?.reason ?? "")
    case .noLabels(let path, let pictures):
      "\(path): \(Self.none(of: pictures)) has a label; expected at least one"
    case .otherClasses(let path, let pictures, let found, let names):
      "\(path): \(Self.none(of: pictures)) has a label of a class in \(names); the labels are "
        + "of " + found.prefix(5).map { "'\($0.excerpt)'" }.joined(separator: ", ")
        + (found.count > 5 ? ", …" : "") + "; without '--names' these are the classes"
    case .noAnnotations(let path, let expected): "\(path): no annotations; expected \(expected)"
    case .otherForm(let reason, let what, let command): "\(reason); \(what): \(command)"
    case .archive(let path, let kind):
      "\(path): is a \(kind); unpack it, and name the folder that comes out"
    case .brokenAnnotations(let path, let line, let reason):
      DatasetProblem(path: path, line: line, reason: reason).description
    case .uselessLines(let list, let count):
      "\(list): more than \(count) lines name no picture, or one a second time; "
        + "is it the list of another place?"
    case .uselessFiles(let folder, let count):
      "\(folder): more than \(count) files there are no pictures; is it the right folder?"
    case .aboveSource(let place, let path, let file):
      "\(file): '\(place.excerpt)' is \(path.printablePath), a folder above this file; name the "
        + "folder of the pictures, or allow it with '--allow-outside'"
    case .writesOverSource(let path): "\(path): the output would replace this original"
    case .cannotEncode(let path, let format): "\(path): cannot be encoded as \(format.name)"
    case .invalidSetting(let name, let value, let expected):
      "\(name) is \(value); expected \(expected)"
    }
  }

  /// "none of the 12 pictures".
  private static func none(of pictures: Int) -> String {
    pictures == 1 ? "not even the only picture" : "none of the \(pictures) pictures"
  }

  /// What to do where the first picture of a list, and so all, are gone for a reason.
  private static func remedy(_ reason: String) -> String {
    guard reason.contains(", listed in ") else { return "" }
    if reason.hasPrefix("is a link to ") {
      return "; put the pictures back there, or import the set anew from where they are"
    }
    return reason.hasPrefix("there is no such picture")
      ? "; where the pictures have moved, correct the paths in that list, or import the set anew"
      : ""
  }
}

/// One thing that is wrong with one file of a data set; it was skipped and the work goes on.
public struct DatasetProblem: Hashable, Sendable, CustomStringConvertible {
  /// The file.
  public var path: String
  /// The line in it, from 1, where there is one.
  public var line: Int?
  /// What was found and what was expected, in one line.
  public var reason: String

  /// A problem with a file, at a line of it if `line` is given.
  public init(path: String, line: Int? = nil, reason: String) {
    (self.path, self.line, self.reason) = (path, line, reason)
  }

  /// `path:line: reason`.
  public var description: String {
    line.map { "\(path):\($0): \(reason)" } ?? "\(path): \(reason)"
  }
}

/// The text of an error without the path that begins it.
package func reason(_ error: any Error, at path: String) -> String {
  let text = String(describing: error)
  return text.hasPrefix(path + ": ") ? String(text.dropFirst(path.count + 2)) : text
}
