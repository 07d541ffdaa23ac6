import Darknet
import Vision

/// A form that data sets are distributed in.
public enum DatasetFormat: String, CaseIterable, Codable, Hashable, Sendable {
  /// Pascal VOC: an XML file a picture.
  case voc
  /// COCO: a JSON file a split.
  case coco
  /// The Oxford hand data set: a MATLAB file a picture.
  case oxfordhand
  /// BDD100K: a JSON file a split or a picture.
  case bdd100k
  /// VisDrone-DET: a text file a picture, folders named after their splits.
  case visdrone
  /// DIOR: VOC's XML with horizontal boxes.
  case dior
  /// Label files with a `data.yaml`.
  case yolo
  /// Label files with a `.data` file or a list.
  case darknet

  /// Whether one file may be the source, in place of a folder.
  var takesFile: Bool {
    switch self {
    case .coco, .bdd100k, .yolo, .darknet: true
    case .voc, .oxfordhand, .visdrone, .dior: false
    }
  }

  var reader: any AnnotationReader {
    switch self {
    case .voc: VOCReader(layout: .voc)
    case .coco: COCOReader()
    case .oxfordhand: OxfordHandReader()
    case .bdd100k: BDD100KReader()
    case .visdrone: VisDroneReader()
    case .dior: VOCReader(layout: .dior)
    case .yolo: YOLOReader()
    case .darknet: DarknetReader()
    }
  }
}

/// Reads the pictures of one form of data set, with their boxes, classes and splits.
///
/// A reader knows where the files of its form lie and what they say. What they have in common,
/// numbering the classes, leaving out what repeats, writing, is done with the set that it fills.
protocol AnnotationReader {
  /// Reads the data set at `source` into `set`; originals are only read.
  ///
  /// - Throws: when there is no such data set, or a file that describes all of it is broken; a
  ///   broken file of one picture, or a broken record, is noted in the set and skipped.
  func read(_ source: String, options: AnnotationOptions, into set: inout AnnotationSet) throws

  /// Whether `source` looks like a set of this form: by names, and by the beginning of one file.
  func recognizes(_ source: String) -> Bool
}

/// What a user may choose about reading.
struct AnnotationOptions {
  var keepsDifficult = false
  var keepsCrowds = false
  /// Whether pictures outside of the source may be named, and folders above it.
  var allowsOutside = false
}

extension DatasetSplit {
  /// The split that a file or folder is about, by the words in its name: `train2017`, `det_val`,
  /// `VisDrone2019-DET-test-dev`, `JPEGImages-trainval`; nil when none is in it.
  init?(wordIn name: String) {
    // Digits end a word, as in train2017.
    let words = name.lowercased().split { !$0.isLetter }
    guard let split = words.compactMap({ DatasetSplit(folderName: String($0)) }).first else {
      return nil
    }
    self = split
  }
}

/// The folders directly in `path` and, with `path` itself, the places where a data set may begin.
func foldersBelow(_ path: String) throws(FileError) -> [String] {
  try folderContents(path).map { joined(path, $0) }.filter(isFolderOfSet)
}
