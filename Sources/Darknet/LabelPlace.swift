/// Where the label file of a picture lies.
public enum LabelPlace: Hashable, Sendable, CaseIterable {
  /// In the folder `labels`, which stands in the path for the last one named `images` or
  /// `JPEGImages`.
  case labelsFolder
  /// Beside the picture.
  case besidePicture
}

extension LabelPlace: CustomStringConvertible {
  /// For messages: "in 'labels'".
  public var description: String {
    switch self {
    case .labelsFolder: "in 'labels' in place of 'images'"
    case .besidePicture: "beside the pictures"
    }
  }
}

extension DataFile {
  /// The label file of a picture as Darknet looks for it.
  ///
  /// The last folder of the path that is named `images` or `JPEGImages` becomes `labels`; without
  /// one the labels lie beside the picture. The extension becomes `.txt`.
  public static func labelPath(forPicture path: String) -> String {
    labelPaths(forPicture: path)[0].path
  }

  /// The places where a label file of a picture may lie; the first that exists counts.
  public static func labelPaths(
    forPicture path: String
  ) -> [(path: String, place: LabelPlace)] {
    var parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    let name = parts[parts.count - 1]
    let stem: Substring =
      if let dot = name.lastIndex(of: "."), dot != name.startIndex { name[..<dot] } else {
        name[...]
      }
    parts[parts.count - 1] = stem + ".txt"
    let beside = parts.joined(separator: "/")
    guard
      let folder = parts.dropLast().lastIndex(where: { $0 == "images" || $0 == "JPEGImages" })
    else { return [(beside, .besidePicture)] }
    parts[folder] = "labels"
    return [(parts.joined(separator: "/"), .labelsFolder), (beside, .besidePicture)]
  }

  /// The label file that a picture has, and where it was found; nil when it has none.
  public static func labelFile(
    ofPicture path: String
  ) -> (path: String, place: LabelPlace)? {
    labelPaths(forPicture: path).first { fileExists($0.path) }
  }
}
