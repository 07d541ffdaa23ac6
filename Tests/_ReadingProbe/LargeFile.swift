import CZlib
import Darknet
import Datasets

/// A file of many megabytes, made when it is asked for.
struct LargeFile {
  var name: String
  var bytes: () -> [UInt8]

  /// How large the files are, in bytes.
  static let size = 8 << 20

  init(_ name: String, _ bytes: @escaping () -> [UInt8]) { (self.name, self.bytes) = (name, bytes) }

  /// `head`, then `piece` over and over up to ``size``, then `tail`; `%` in a piece becomes a
  /// number of seven digits that counts up.
  init(_ name: String, _ head: String = "", repeating piece: String, _ tail: String = "") {
    self.init(name) {
      let parts = piece.utf8.split(separator: UInt8(ascii: "%"), omittingEmptySubsequences: false)
        .map(Array.init)
      var bytes = Array(head.utf8)
      bytes.reserveCapacity(Self.size + 1024)
      var number = 1_000_000
      while bytes.count < Self.size {
        for (index, part) in parts.enumerated() {
          if index > 0 {
            var digits: [UInt8] = []
            var rest = number
            while rest > 0 {
              digits.append(UInt8(ascii: "0") + UInt8(rest % 10))
              rest /= 10
            }
            bytes += digits.reversed()
          }
          bytes += part
        }
        number += 1
      }
      return bytes + Array(tail.utf8)
    }
  }
}

// MARK: - Annotations

extension [LargeFile] {
  static var voc: [LargeFile] {
    let size = "<annotation><size><width>40</width><height>20</height></size>"
    func object(_ box: String) -> String {
      "<object><name>x</name><bndbox>\(box)</bndbox></object>"
    }
    let box = "<xmin>1</xmin><ymin>1</ymin><xmax>9.%</xmax><ymax>9</ymax>"
    return [
      LargeFile("valid", size, repeating: object(box), "</annotation>"),
      LargeFile("names", size, repeating: "<object><name>c%</name></object>", "</annotation>"),
      LargeFile("tiny records", size, repeating: "<object/>", "</annotation>"),
      LargeFile("nesting", repeating: "<a>"),
      LargeFile("nesting in objects", "<annotation>", repeating: "<object>"),
      LargeFile("long text", "<annotation><filename>", repeating: "abc &amp;"),
      LargeFile(
        "long name", "<annotation><object><name>", repeating: "abc ",
        "</name></object></annotation>"),
      LargeFile("long tag", "<annotation><", repeating: "abc"),
      LargeFile(
        "long number", "<annotation><object><name>x</name><bndbox><xmin>", repeating: "1",
        "</xmin></bndbox></object></annotation>"),
      LargeFile("pieces of text", "<annotation><filename>", repeating: "a<!---->"),
      LargeFile("attributes", "<annotation ", repeating: "a='1' "),
      LargeFile("open quote", "<annotation a='", repeating: "x "),
      LargeFile("line breaks", "<annotation>", repeating: "\n"),
    ]
  }

  static var coco: [LargeFile] {
    let categories = #""categories":[{"id":1,"name":"x"}]"#
    let image = #"{"images":[{"id":1,"file_name":"a.png","width":40,"height":20}],"#
    let object = #"{"image_id":1,"category_id":1,"bbox":[1,1,2.%,2]},"#
    let empty = #""images":[],"categories":[],"annotations":[]}"#
    return [
      LargeFile(
        "valid", image + categories + #","annotations":["#, repeating: object,
        #"{"image_id":1,"category_id":1,"bbox":[1,1,2,2]}]}"#),
      LargeFile(
        "images without files", #"{"annotations":[],\#(categories),"images":["#,
        repeating: #"{"id":%,"file_name":"b%.png"},"#, #"{"id":0,"file_name":"a.png"}]}"#),
      LargeFile(
        "images of one file", #"{"annotations":[],\#(categories),"images":["#,
        repeating: #"{"id":%,"file_name":"a.png"},"#, #"{"id":0,"file_name":"a.png"}]}"#),
      LargeFile(
        "images in folders", #"{"annotations":[],\#(categories),"images":["#,
        repeating: #"{"id":%,"file_name":"b/%.png"},"#, #"{"id":0,"file_name":"a.png"}]}"#),
      LargeFile(
        "objects of unlisted images", image + categories + #","annotations":["#,
        repeating: #"{"image_id":%,"category_id":1,"bbox":[1,1,2,2]},"#,
        #"{"image_id":1,"category_id":1,"bbox":[1,1,2,2]}]}"#),
      LargeFile(
        "objects of unlisted categories", image + categories + #","annotations":["#,
        repeating: #"{"image_id":1,"category_id":%,"bbox":[1,1,2,2]},"#,
        #"{"image_id":1,"category_id":1,"bbox":[1,1,2,2]}]}"#),
      LargeFile(
        "categories", image + #""annotations":[],"categories":["#,
        repeating: #"{"id":%,"name":"c%"},"#, #"{"id":0,"name":"a"}]}"#),
      LargeFile(
        "tiny records", #"{"images":["#, repeating: "{},", "{}]," + String(empty.dropFirst(12))),
      LargeFile("nesting", repeating: "["),
      LargeFile("nesting of objects", repeating: #"{"a":"#),
      LargeFile("nesting in an outline", #"{"annotations":[{"segmentation":"#, repeating: "["),
      LargeFile(
        "long outline", #"{"annotations":[{"segmentation":[["#, repeating: "12.5,", "1]]}]}"),
      LargeFile(
        "long mask", #"{"annotations":[{"segmentation":{"size":[9,9],"counts":""#, repeating: "00",
        #""}}]}"#),
      LargeFile("long text", #"{"images":[{"file_name":""#, repeating: "abc\\n", #""}]}"#),
      LargeFile("long text passed over", #"{"x":""#, repeating: "abc\\n", "\"," + empty),
      LargeFile("long key", #"{""#, repeating: "a", #"":1}"#),
      LargeFile("long number", #"{"images":[{"width":"#, repeating: "1", "}]}"),
      LargeFile("open quote", #"{"images":[{"file_name":""#, repeating: "a"),
      LargeFile("equal keys", "{", repeating: #""x":1,"#, empty),
      LargeFile("equal keys in a record", #"{"images":[{"#, repeating: #""id":1,"#, #""id":1}]}"#),
      LargeFile("line breaks", "{", repeating: "\n"),
    ]
  }

  static var bdd100k: [LargeFile] {
    let box = #"{"category":"car","box2d":{"x1":1,"y1":1,"x2":9.%,"y2":9}},"#
    return [
      LargeFile("valid", #"[{"name":"a.jpg","labels":["#, repeating: box, "{}]}]"),
      LargeFile("frames without files", "[", repeating: #"{"name":"%"},"#, "{}]"),
      LargeFile(
        "frames of one file",
        #"[{"name":"a","labels":[{"category":"car","box2d":{"x1":1,"y1":1,"x2":9,"y2":9}}]},"#,
        repeating: #"{"name":"a"},"#, "{}]"),
      LargeFile("tiny records", "[", repeating: "{},", "{}]"),
      LargeFile("frames without names", #"{"frames":["#, repeating: "{},", "{}]}"),
      LargeFile(
        "categories", #"[{"name":"a","labels":["#,
        repeating: #"{"category":"c%","box2d":{"x1":1,"y1":1,"x2":9,"y2":9}},"#, "{}]}]"),
      LargeFile("nesting", repeating: "["),
      LargeFile("long text", #"[{"name":""#, repeating: "abc", "\"}]"),
      LargeFile("long number", #"[{"labels":[{"box2d":{"x1":"#, repeating: "9", "}}]}]"),
      LargeFile("equal keys", "[{", repeating: #""labels":[],"#, #""name":"a"}]"#),
    ]
  }

  static var visDrone: [LargeFile] {
    [
      LargeFile("valid", repeating: "1,1,9.%,9,1,4,0,0\n"),
      LargeFile("ignored", repeating: "1,1,9,9,0,0,0,0\n"),
      LargeFile("one column", repeating: "1\n"),
      LargeFile("commas", repeating: ",,,,,,,\n"),
      LargeFile("words", repeating: "a,a,a,a,a,a,a,a\n"),
      LargeFile("long numbers", repeating: "1,1,9,9,1,1e%,0,99999999999999999999999\n"),
      LargeFile("one line", repeating: "1,"),
      LargeFile("one number", repeating: "1"),
      LargeFile("line breaks", repeating: "\n"),
    ]
  }

  static var labels: [LargeFile] {
    [
      LargeFile("valid", repeating: "1 .5 .5 .5 .%\n"),
      LargeFile("one label", repeating: "0 1 1 1 1\n"),
      LargeFile("one column", repeating: "1\n"),
      LargeFile("words", repeating: "a b c d e\n"),
      LargeFile("no area", repeating: "0 0 0 0 0\n"),
      LargeFile("long numbers", repeating: "0 .5 .5 .5 1e%\n"),
      LargeFile("one line", repeating: "1 "),
      LargeFile("one number", repeating: "1"),
      LargeFile("line breaks", repeating: "\n"),
    ]
  }

  static var descriptions: [LargeFile] {
    [
      LargeFile("keys", "train: images\nnames: [x]\n", repeating: "a%: b\n"),
      LargeFile("names", "train: images\nnames:\n", repeating: "- c%\n"),
      LargeFile("flow", "train: images\nnames: [", repeating: "c%,", "]\n"),
      LargeFile("open quote", "train: \"", repeating: "a"),
    ]
      + [("lists", "train:\n", "- a\n"), ("flow under the limit", "names: [", "a,")].map {
        LargeFile.small($0.0, $0.1, repeating: $0.2, limit: YOLODescription.maximumBytes)
      }
  }

  static var lists: [LargeFile] {
    [
      LargeFile("one picture", repeating: "images/a.png\n"),
      LargeFile("missing pictures", repeating: "images/%.png\n"),
      LargeFile("short lines", repeating: "a\n"),
      LargeFile("comments", repeating: "#\n"),
      LargeFile("one line", repeating: "a"),
      LargeFile("line breaks", repeating: "\n"),
    ]
  }

  static var names: [LargeFile] {
    [
      LargeFile("names", repeating: "c%\n"), LargeFile("short names", repeating: "a\n"),
      LargeFile("one name", repeating: "a "), LargeFile("line breaks", repeating: "\n"),
    ] + [
      LargeFile.small("names under the limit", repeating: "a\n", limit: NamesFile.maximumBytes)
    ]
  }

  /// Oxford's hands.
  static var matlab: [LargeFile] {
    let header = MATFileBytes.header
    let limit = MATFile.maximumBytes
    func cells(_ cell: [UInt8], upTo limit: Int) -> [UInt8] {
      let count = (limit - 256) / cell.count
      let cells = [[UInt8]](repeating: cell, count: count).flatMap { $0 }
      return MATFileBytes.matrix(1, [1, count], "boxes", cells)
    }
    let points = [[1, 2], [1, 9], [8, 2], [8.0, 9]].map(MATFileBytes.doubles)
    let hand = MATFileBytes.structure(["a", "b", "c", "d"], points)
    return [
      LargeFile("too large") { header + [UInt8](repeating: 0, count: LargeFile.size) },
      LargeFile("valid") { header + cells(hand, upTo: limit) },
      LargeFile("empty cells") { header + cells(MATFileBytes.element(14, []), upTo: limit) },
      LargeFile("empty numbers") {
        header
          + cells(MATFileBytes.matrix(6, [0, 0], "", MATFileBytes.element(9, [])), upTo: limit)
      },
      LargeFile("structures") {
        header + cells(MATFileBytes.structure(["a"], [MATFileBytes.element(14, [])]), upTo: limit)
      },
      LargeFile("claims") { header + MATFileBytes.claim },
      LargeFile("packed bomb") {
        header + MATFileBytes.packed([UInt8](repeating: 0, count: 1 << 26))
      },
      LargeFile("packed bombs") {
        let bomb = MATFileBytes.packed(
          MATFileBytes.matrix(
            6, [1, 1 << 18], "boxes", MATFileBytes.element(2, [UInt8](repeating: 0, count: 1 << 18))
          ))
        return header + [[UInt8]](repeating: bomb, count: limit / bomb.count - 1).flatMap { $0 }
      },
      LargeFile("packed hands") { header + MATFileBytes.packed(cells(hand, upTo: limit)) },
    ]
  }
}

extension LargeFile {
  /// A file just below a parser's limit.
  static func small(
    _ name: String, _ head: String = "", repeating piece: String, limit: Int
  ) -> LargeFile {
    LargeFile(name) {
      let count = (limit - head.utf8.count) / piece.utf8.count
      return [UInt8](head.utf8) + [UInt8](String(repeating: piece, count: count).utf8)
    }
  }
}
