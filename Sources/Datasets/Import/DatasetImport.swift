import Darknet

/// What an import or a merge did.
public struct DatasetImport: Hashable, Sendable {
  /// Pictures written to the lists.
  public var images = 0
  /// Boxes written to the label files.
  public var boxes = 0
  /// Pictures of each list.
  public var splitCounts: [DatasetSplit: Int] = [:]
  /// How many pictures of a merged set are in more than one list, by their paths or their contents.
  public var picturesInSeveralLists = 0
  /// The classes in the order of their numbers, and how many boxes each has.
  public var classes: [ClassCount] = []
  /// Boxes that were left out because the set itself says that they do not count.
  public var leftOut: [LeftOut: Int] = [:]
  /// What was left out because something is wrong with it, and what that is.
  public var skipped: [DatasetProblem] = []
  /// How much that is; more than ``skipped`` has entries when one file has very many.
  public var skippedCount = 0
  /// How many pictures nothing was found for that labels them; the forms that have a file a picture
  /// leave them out, in Darknet's form and YOLO's they are background.
  public var picturesWithoutLabels = 0
  /// The first of these pictures, at most ``listedFiles``.
  public var unlabelledPictures: [String] = []
  /// Whether these were taken, as background.
  public var takesUnlabelled = false
  /// How many pictures were left out because none of the boxes that they have could be used.
  public var picturesWithoutUsableLabels = 0
  /// The first of these pictures, at most ``listedFiles``.
  public var unusablePictures: [String] = []
  /// How many files of labels or annotations have no picture.
  public var labelsWithoutPicture = 0
  /// The first of these files, at most ``listedFiles``.
  public var unmatchedLabels: [String] = []
  /// How many pictures' labels were found where, in Darknet's form and YOLO's.
  public var labelPlaces: [LabelPlace: Int] = [:]
  /// Files of a kind that are listed one by one.
  public static let listedFiles = 1000
  /// What was taken, but looks odd.
  public var warnings: [DatasetProblem] = []
  /// The path of the `.data` file.
  public var data = ""

  /// A class and its boxes.
  public struct ClassCount: Hashable, Sendable {
    /// As in the `.names` file.
    public var name: String
    /// How many boxes.
    public var boxes: Int
  }

  /// Kinds of boxes that do not count.
  public enum LeftOut: String, CaseIterable, Hashable, Sendable {
    /// VOC's `difficult` objects, which its evaluation ignores.
    case difficult = "difficult objects"
    /// COCO's `iscrowd` regions, each around many objects, which its evaluation ignores.
    case crowd = "crowd regions"
    /// VisDrone's ignored regions, and objects that its evaluation ignores.
    case ignored = "ignored regions"
    /// Categories that are not among the set's detection classes.
    case otherCategory = "boxes of other categories"

    /// One of them.
    public var singular: String {
      switch self {
      case .difficult: "difficult object"
      case .crowd: "crowd region"
      case .ignored: "ignored region"
      case .otherCategory: "box of another category"
      }
    }
  }
}
