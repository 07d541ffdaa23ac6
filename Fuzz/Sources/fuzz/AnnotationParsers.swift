import Datasets

/// The parsers of other data sets' annotation files.
func annotationParsers() -> [Parser] {
  [cocoParser(), bdd100kParser(), vocParser(), handParser(), visDroneParser(), yamlParser()]
}

private let jsonWords = [
  "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u00e9", "\\ud83d\\ude00", "\\ud800", "null", "true",
  "false", "0", "-1", "1e9", "1e999", "7.0", "99999999999999999999", "{}", "[]", "\u{FEFF}", "\n",
  "[[[[[[[[[[[[[[[[", "]]]]]]]]]]]]]]]]",
]

/// COCO's instances, outlines in all three forms.
private func cocoParser() -> Parser {
  let file = #"""
    {"info":{"year":2017},"licenses":[{"id":1}],"images":[
      {"license":3,"file_name":"a.jpg","height":20,"width":40,"id":9},
      {"file_name":"b\u00e9\ud83d\ude00\n.jpg","id":"b","width":null}],
     "annotations":[
      {"segmentation":[[10.0,0.0,20.0,0,20,20,10,20]],"iscrowd":0,"image_id":9,
       "bbox":[10.0,0.0,10.0,20.0],"category_id":3,"id":1768},
      {"segmentation":[[2,1,6,9],[5,0,8,3,7]],"image_id":9,"category_id":3,"id":2},
      {"segmentation":{"counts":[5,2,13],"size":[4,5]},"iscrowd":1,"image_id":9,"category_id":1},
      {"segmentation":{"counts":"524O4","size":[4,5]},"iscrowd":true,"image_id":"b",
       "category_id":7.0,"id":4},
      {"image_id":9,"category_id":3},{"bbox":[1,2,3]}],
     "categories":[{"supercategory":"x","id":3,"name":" red\ncell"},{"id":1,"name":"b"}]}
    """#
  return Parser(
    name: "coco", seeds: [Array(file.utf8)],
    words: jsonWords + [
      "\"images\":[]", "\"bbox\":[1,2,3,4],", "\"counts\":\"", "\"size\":[9,9],",
      "\"segmentation\":null,", "\"id\":1,",
    ]
  ) { file in
    let annotations = try oneLineFaults { try COCOAnnotations(contentsOf: file.path) }
    for fault in annotations.faults { try requireOneLine(fault) }
    try require(annotations.faults.count <= annotations.faultCount, "more faults than were counted")
    try require(annotations.objectCount * 20 <= file.bytes.count, "objects from nowhere")
    for category in annotations.categories {
      try require(!category.name.isEmpty, "a class without a name")
      try require(!category.name.contains { $0.isNewline }, "a name of two lines")
    }
    for picture in annotations.pictures {
      for size in [picture.size?.width, picture.size?.height] {
        try require(size.map { (1...1_000_000).contains($0) } ?? true, "a size that none has")
      }
    }
  }
}

/// BDD100K's frames: a list of them, and one a file.
private func bdd100kParser() -> Parser {
  let list = #"""
    [{"name":"a.jpg","attributes":{"weather":"clear"},"timestamp":10000,"labels":[
      {"id":"0","category":"car","box2d":{"x1":10.0,"y1":0,"x2":20.0,"y2":20.0}},
      {"category":"traffic light","box2d":{"x1":1,"y1":"2"},"manualShape":true},
      {"category":"lane","box2d":null,"poly2d":[{"vertices":[[1,2],[3,4]],"closed":false}]}]},
     {"name":"b.jpg","labels":null},{}]
    """#
  let picture = #"""
    {"frames":[{"timestamp":1,"objects":[{"category":"a","box2d":{"x1":1,"y1":2,"x2":3,"y2":4}}]}],
     "name":"b1c66a42","attributes":{}}
    """#
  return Parser(
    name: "bdd100k", seeds: [Array(list.utf8), Array(picture.utf8)],
    words: jsonWords + ["\"labels\":[", "\"frames\":[", "\"box2d\":{}", "\"name\":\"x\","]
  ) { file in
    var frames = 0
    let annotations = try oneLineFaults {
      try BDD100KAnnotations(contentsOf: file.path) { _ in frames += 1 }
    }
    for fault in annotations.faults { try requireOneLine(fault) }
    try require(
      frames <= annotations.frameCount && frames * 2 <= file.bytes.count, "frames from nowhere")
  }
}

/// Pascal VOC's XML.
private func vocParser() -> Parser {
  let file = """
    <?xml version="1.0" encoding="UTF-8"?><!DOCTYPE annotation [ <!ELEMENT a "]>"> ]>
    <!-- c --><annotation v="1" w='&lt;'>
    <filename>a&amp;b.jpg</filename><size><width>640</width><height>480</height></size>
    <object><name><![CDATA[RBC]]></name><difficult>0</difficult><bndbox><xmin>1.5</xmin>
    <ymin>2</ymin><xmax>30</xmax><ymax>40</ymax></bndbox><part/></object>
    <object><name>&#65;&#x42;&quot;&apos;&gt;</name><difficult>1</difficult></object></annotation >
    """
  return Parser(
    name: "voc", seeds: [Array(file.utf8)],
    words: [
      "<object>", "</object>", "<name>", "<a/>", "</", "<", ">", "&#xD800;", "&x;", "<!--", "-->",
      "<![CDATA[", "]]>", "<?", "?>", "<!DOCTYPE", "\u{FEFF}", "'", "=", "<annotation>",
    ]
  ) { file in
    let annotation = try oneLineFaults { try VOCAnnotation(parsing: file.bytes) }
    try require(annotation.objects.count * 8 <= file.bytes.count, "objects from nowhere")
    for object in annotation.objects {
      try require(!object.name.contains { $0.isNewline }, "a name of two lines")
      // Both ends are included: equal numbers are a pixel.
      let (width, height) = (
        object.corners[2] - object.corners[0], object.corners[3] - object.corners[1]
      )
      try require(width >= 0 && height >= 0 && width + height > 0, "a box without an area")
    }
    for fault in annotation.faults { try requireOneLine(fault) }
  }
}

/// MATLAB's files, as the Oxford hand data set has them.
private func handParser() -> Parser {
  func hands(_ writer: MATBytes, packed: Bool = false) -> [UInt8] {
    let points = [[0.0, 12], [3, 20], [25, 18], [-4, 10]].map { writer.doubles($0) }
    let hand = writer.structures(["a", "b", "c", "d"], [points])
    return writer.file(
      writer.cells([hand, writer.cells([hand])], name: "boxes"), packed: packed)
  }
  func numbers(_ writer: MATBytes) -> [UInt8] {
    let types: [UInt64] = [1, 2, 3, 4, 5, 6, 7, 9, 12, 13, 16, 17, 18]
    return writer.file(
      types.flatMap { type in
        writer.matrix(
          6, [1, 2], "x\(type)", writer.element(type, [UInt8](repeating: 7, count: 16)))
          + writer.matrix(8, [1, 16], "y\(type)", writer.element(type, Array(1...16)))
      } + writer.matrix(5, [1, 1], "sparse", []) + writer.number(14, 4) + writer.number(0, 4))
  }
  let other = MATBytes(isBigEndian: true, usesSmallElements: false)
  return Parser(
    name: "mat",
    seeds: [
      hands(MATBytes()), hands(MATBytes(), packed: true), hands(other), hands(other, packed: true),
      numbers(MATBytes()), numbers(other),
    ],
    words: [
      "\u{E}\0\0\0", "\u{1}\0\0\0", "\0\0\0\0", "\0\0\0\u{7F}", "\u{7F}\u{7F}\u{7F}\u{7F}", "IM",
      "MATLAB 7.3",
    ]
  ) { file in
    let mat = try oneLineFaults { try MATFile(parsing: file.bytes) }
    var values = Array(mat.variables.values)
    while let value = values.popLast() {
      switch value {
      case .numbers(let numbers):
        for index in 0..<min(numbers.count, 100) { _ = numbers[index] }
      case .cells(let cells): values += cells
      case .structures(let fields): values += fields.values.flatMap { $0 }
      case .other: break
      }
    }
  }
}

/// VisDrone's lines; it never throws.
private func visDroneParser() -> Parser {
  let lines = "684,8,273,116,0,0,0,0\n406,119,265,70,1,4,0,1,\r\n\n1,2,3,4,1,11,0,0\n1,2,3\n"
  return Parser(
    name: "visdrone", seeds: [Array(lines.utf8)],
    words: [",", ",,", "-1", "12", "1.5", "1e999", "nan", "\n", "\r", " ", "1,2,3,4,1,1,0,0\n"]
  ) { file in
    let annotation = VisDroneAnnotation(parsing: file.bytes)
    try require(annotation.objectCount * 15 <= file.bytes.count + 1, "objects from nowhere")
    try require(
      annotation.faults.count == min(annotation.faultCount, VisDroneAnnotation.listedFaults),
      "a bad line that is not listed")
    for fault in annotation.faults { try requireOneLine(fault) }
  }
}

/// A `data.yaml`.
private func yamlParser() -> Parser {
  let lines = """
    %YAML 1.2
    ---
    path: "../x \\u00e9 # y"   # a comment
    train: [a, 'b, c',
      "d"]
    val:
    - a
    - 'it''s'
    test: don't # cut
    nc: 2
    names:
      0: 'a'
      1: b c
    download: |
      import x
        y
    deep:
      a: {b: c}
    anchor: &x
      y: z
    """
  let flow = "train: a\nnames: {0: a, \"1\": b}\nroboflow:\n  license: x\n  list:\n  - a\n"
  let list = "val: [a]\nnames: [a, b]\n"
  return Parser(
    name: "yaml", seeds: [Array(lines.utf8), Array(flow.utf8), Array(list.utf8)],
    words: [
      ":", ": ", "- ", "[", "]", "{", "}", ",", "'", "\"", "#", " #", "|", ">", "&a", "*a", "!",
      "\n",
      "\n  ", "\r\n", "\t", "---\n", "nc: 1\n", "names:\n", "names: [a]\n", "train: b\n",
      "\u{FEFF}",
      "~", "\\",
    ]
  ) { file in
    let description = try oneLineFaults { try YOLODescription(parsing: file.bytes) }
    try require(!description.names.isEmpty && !description.places.isEmpty, "nothing is described")
    for name in description.names {
      try require(!name.isEmpty && !name.contains { $0.isNewline }, "a name that is no line")
    }
  }
}

/// What `body` returns; a fault that it throws must be one line.
private func oneLineFaults<Value>(_ body: () throws -> Value) throws -> Value {
  do { return try body() } catch let fault as AnnotationFault {
    try requireOneLine(fault)
    throw fault
  }
}
