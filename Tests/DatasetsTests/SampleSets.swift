import Testing
import _TestSupport

@testable import Datasets

/// A data set of one picture of 40×20 in each form, written as that form's documentation has it.
///
/// The picture has one box around the pixels 10…19 × 0…19, so its label is `0.375 0.5 0.25 1`.
enum SampleSets {
  /// Writes a set into `set` in a folder.
  ///
  /// - Returns: the path of the annotation file, in the folder.
  static func write(_ format: DatasetFormat, to folder: TemporaryFolder) throws -> String {
    let (picture, annotation, bytes) = content(format)
    try folder.writePicture("set/" + picture, width: 40, height: 20)
    try folder.write(bytes, to: "set/" + annotation)
    for (name, text) in extras(format) { try folder.write(text, to: "set/" + name) }
    return "set/" + annotation
  }

  /// The picture's place, the annotation file's, and what that says.
  static func content(_ format: DatasetFormat) -> (String, String, [UInt8]) {
    switch format {
    case .voc:
      ("JPEGImages/000001.png", "Annotations/000001.xml", Array(voc("dog").utf8))
    case .dior:
      (
        "JPEGImages-trainval/00001.png", "Annotations/Horizontal Bounding Boxes/00001.xml",
        Array(voc("Expressway-Service-area").utf8)
      )
    case .coco:
      (
        "train2017/000000000009.png", "annotations/instances_train2017.json",
        Array(
          """
          {"info": {"year": 2017}, "licenses": [],
          "images": [{"license": 3,"file_name": "000000000009.png","height": 20,"width": 40,
            "date_captured": "2013-11-14 11:18:45","id": 9}],
          "annotations": [{"segmentation": [[10.0,0.0,20.0,0.0,20.0,20.0,10.0,20.0]],"area": 200,
            "iscrowd": 0,"image_id": 9,"bbox": [10.0,0.0,10.0,20.0],"category_id": 18,"id": 1}],
          "categories": [{"supercategory": "animal","id": 18,"name": "dog"}]}
          """.utf8)
      )
    case .oxfordhand:
      (
        "training_dataset/training_data/images/Buffy_1.png",
        "training_dataset/training_data/annotations/Buffy_1.mat", hand(MATBytes())
      )
    case .bdd100k:
      (
        "images/100k/train/0000f77c-6257be58.png", "labels/det_20/det_train.json",
        Array(
          """
          [{"name": "0000f77c-6257be58.jpg",
            "attributes": {"weather": "clear", "scene": "city street", "timeofday": "daytime"},
            "timestamp": 10000,
            "labels": [
              {"id": "0", "category": "car",
               "attributes": {"occluded": false, "truncated": false, "trafficLightColor": "NA"},
               "manualShape": true, "box2d": {"x1": 10.0, "y1": 0, "x2": 20.0, "y2": 20.0}},
              {"category": "lane", "poly2d": [{"vertices": [[1, 2], [3, 4]], "closed": false}]}]}]
          """.utf8)
      )
    case .visdrone:
      (
        "VisDrone2019-DET-train/images/0000002_00005_d_0000014.png",
        "VisDrone2019-DET-train/annotations/0000002_00005_d_0000014.txt",
        Array("10,0,10,20,1,4,0,0\n0,0,5,5,0,0,0,0\n1,1,5,5,1,11,0,0\n".utf8)
      )
    case .yolo:
      (
        "images/train/a.png", "data.yaml",
        Array(
          """
          # a set
          path: .  # root
          train: images/train
          val: images/train
          nc: 1
          names:
            0: 'dog'
          download: |
            import os
            for x in []: pass
          """.utf8)
      )
    case .darknet:
      ("images/a.png", "labels/a.txt", Array("0 0.375 0.5 0.25 1\n".utf8))
    }
  }

  /// Files that a form has besides.
  private static func extras(_ format: DatasetFormat) -> [(String, String)] {
    switch format {
    case .voc: [("ImageSets/Main/train.txt", "000001\n")]
    case .dior: [("ImageSets/Main/train.txt", "00001\n")]
    case .yolo: [("labels/train/a.txt", "0 0.375 0.5 0.25 1\n")]
    case .darknet:
      [
        ("set.data", "classes=1\ntrain=train.txt\nnames=set.names\n"), ("set.names", "dog\n"),
        ("train.txt", "images/a.png\n"),
      ]
    default: []
    }
  }

  /// The class of the box.
  static func className(_ format: DatasetFormat) -> String {
    switch format {
    case .voc, .coco, .yolo, .darknet: "dog"
    case .oxfordhand: "hand"
    case .bdd100k, .visdrone: "car"
    case .dior: "Expressway-Service-area"
    }
  }

  private static func voc(_ name: String) -> String {
    """
    <annotation>
      <folder>VOC2007</folder><filename>000001.jpg</filename>
      <source><database>The VOC2007 Database</database></source>
      <size><width>40</width><height>20</height><depth>3</depth></size>
      <segmented>0</segmented>
      <object>
        <name>\(name)</name><pose>Left</pose><truncated>1</truncated><difficult>0</difficult>
        <bndbox><xmin>11</xmin><ymin>1</ymin><xmax>20</xmax><ymax>20</ymax></bndbox>
      </object>
    </annotation>
    """
  }

  /// Corners (y, x) whose hull is 10…20 × 0…20; it is cut to 0…19 below.
  static func hand(_ writer: MATBytes, packed: Bool = false) -> [UInt8] {
    let points = [[0.0, 12], [3, 20], [25, 18], [-4, 10]].map { writer.doubles($0) }
    let hand = writer.structures(["a", "b", "c", "d"], [points])
    return writer.file(writer.cells([hand], name: "boxes"), packed: packed)
  }
}
