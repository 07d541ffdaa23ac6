/// One thing that an audit found in a data set.
public struct AuditFinding: Hashable, Sendable, CustomStringConvertible {
  /// What sort of thing.
  public var kind: Kind
  /// The picture, label file or list.
  public var path: String
  /// The line in it, from 1, where there is one.
  public var line: Int?
  /// The other picture of two that are alike.
  public var other: String?
  /// How alike the two are: the correlation of their aligned thumbnails, at most 1; exactly 1 for
  /// equal files.
  public var similarity: Double?
  /// What was found and what was expected, in one line.
  public var reason: String

  init(
    _ kind: Kind, _ path: String, line: Int? = nil, other: String? = nil,
    similarity: Double? = nil, _ reason: String
  ) {
    (self.kind, self.path, self.line, self.other) = (kind, path, line, other)
    (self.similarity, self.reason) = (similarity, reason)
  }

  /// `path:line: reason`.
  public var description: String {
    DatasetProblem(path: path, line: line, reason: reason).description
  }

  /// The sorts of findings, in the order in which they are told.
  public enum Kind: String, CaseIterable, Hashable, Sendable {
    /// A list entry without a usable picture: missing, of another kind, or listed twice.
    case list
    /// A picture that cannot be decoded: empty, cut short, corrupt.
    case picture
    /// A picture whose contents are of another format than its extension says.
    case `extension`
    /// A label line that cannot be right, or a label file that cannot be read.
    case label
    /// A set that names no pictures to train on.
    case noTraining = "no-training"
    /// Training pictures without a single label.
    case unlabelled
    /// Label files in both places where a picture's may lie, that say different things.
    case labelConflict = "label-conflict"
    /// A picture of one split that is also in another, with the same bytes or the same pixels.
    case leak
    /// Two splits that are one list.
    case sharedList = "shared-list"
    /// A split of the set that is missing, or too small to judge by.
    case parts
    /// A picture of one split that looks like one of another.
    case likelyLeak = "likely-leak"
    /// Two equal files in one split.
    case duplicate
    /// Two pictures of one split that show the same: recompressed, resized or cropped.
    case nearDuplicate = "near-duplicate"
    /// A label file of two pictures whose names differ in their extension only.
    case sharedLabel = "shared-label"
    /// Class names that are not UTF-8, or that several classes have.
    case names
    /// A picture of more than 8 bits that is scaled by its own range.
    case depth
    /// Two boxes of one class on the same place.
    case duplicateBox = "duplicate-box"
    /// A box with a side under two pixels.
    case tinyBox = "tiny-box"
    /// A box that reaches over the picture's edge.
    case outsideBox = "outside-box"
    /// A box that covers nearly the whole picture.
    case hugeBox = "huge-box"
    /// A class with too few boxes in train to be learned.
    case fewBoxes = "few-boxes"
    /// A class with very few boxes beside the others, or none, in a split or in all.
    case imbalance

    /// Whether the set is broken by it. The others may be meant, and are warnings.
    public var isError: Bool {
      switch self {
      case .list, .picture, .extension, .label, .noTraining, .unlabelled, .labelConflict, .leak:
        true
      default: false
      }
    }

    /// Heads the findings of this kind.
    public var title: String {
      switch self {
      case .list: "list entries without a usable picture"
      case .picture: "pictures that cannot be decoded"
      case .extension: "pictures whose extension is of another format"
      case .label: "labels that cannot be right"
      case .noTraining: "sets without training pictures"
      case .unlabelled: "training pictures without a label"
      case .labelConflict: "pictures with two label files that differ"
      case .sharedLabel: "label files of two pictures"
      case .names: "class names"
      case .depth: "pictures of more than 8 bits that are scaled"
      case .leak: "pictures in more than one split"
      case .likelyLeak: "pictures that look alike in different splits"
      case .sharedList: "splits that are one list"
      case .parts: "splits that are missing or small"
      case .duplicate: "equal files"
      case .nearDuplicate: "pictures that show the same"
      case .duplicateBox: "boxes labelled twice"
      case .tinyBox: "boxes under two pixels"
      case .outsideBox: "boxes that reach over the picture's edge"
      case .hugeBox: "boxes that cover nearly the whole picture"
      case .fewBoxes: "classes with too few boxes to be learned"
      case .imbalance: "classes with few boxes beside the others, or none"
      }
    }

    /// What to do about them, below the findings of this kind, where it is not plain.
    public var advice: String? {
      switch self {
      case .list: "training skips these lines: correct them, or bring the pictures back"
      case .picture:
        "training skips these pictures: put whole ones in their place, or delete their lines from the list"
      case .label: "training skips these lines: correct them, for what they label is missing now"
      case .leak:
        "a network is then judged by pictures that it learned from; of each two, delete one's line "
          + "from its list, or divide the set anew by 'pare dataset split', which keeps both together"
      case .noTraining: "name a 'train' list, or divide the set by 'pare dataset split'"
      case .unlabelled:
        "label the pictures, or bring their label files to where they are looked for"
      case .fewBoxes: "label more pictures of them"
      case .likelyLeak:
        "1 is the same picture; copies that were compressed, resized or cropped are near it, and so "
          + "may be two pictures of one scene: look at both, and of two copies delete one's line from "
          + "its list"
      default: nil
      }
    }
  }
}
