import Darknet
import Datasets

/// A parser that takes any bytes: valid inputs to mutate, and what is run on each mutation.
struct Parser: Sendable {
  /// What the command line calls it.
  var name: String
  /// Valid inputs.
  var seeds: [[UInt8]]
  /// Pieces of the format that mutations insert whole.
  var words: [String]
  /// Runs the parser on a file of the input; errors that it throws are part of its work.
  var run: @Sendable (ScratchFile) throws -> Void
}

/// Every parser there is. To fuzz another one, write its value below and list it here.
func allParsers() throws -> [Parser] {
  try [
    configurationParser(), weightsParser(), dataParser(), namesParser(), labelParser(), zipParser(),
    pickleParser(), safetensorsParser(),
  ] + annotationParsers()
}

private let numbers = [
  "0", "-1", "1", "2", "3", "65536", "99999999999999999999", "nan", "1e99", "",
]

/// The cfg: parsed, written, typed, and its shapes found at two sizes.
private func configurationParser() throws -> Parser {
  var texts = try [BuiltInNetwork.yolov3Tiny, .yolov4Tiny, .yoloFastest].map {
    try $0.configuration(classes: 2, width: 64).text
  }
  // The short ones come up more often, because a mutation of theirs is more often alone.
  texts += [everyBlock, everyBlock, gaussianHead, gaussianHead, regionHead, mixedHeads]
  texts += [sharedWeights, tooDeep]
  return Parser(
    name: "cfg", seeds: texts.map { Array($0.utf8) },
    words: numbers + [
      "[net]", "[convolutional]", "[route]", "[shortcut]", "[yolo]", "[maxpool]", "[crnn]", "[x]",
      "]", "=", ",", "#", ";", "\r\n", "\n\n", "groups=2\n", "from=-1\n", "layers=-1,-2\n",
      "activation=mish\n", "pad=1\n", "filters=8\n", "size=3\n", "stride=2\n", "xnor=1\n",
      "share_index=0\n", "antialiasing=2\n", "weights_type=per_feature\n", "nms_kind=x\n",
      "policy=steps\n", "scale_wh=1\n", "num=7\n", "tree=a\n", "mask=1,1\n", "[sam]\nfrom=-1\n",
    ]
  ) { file in
    let configuration = try Configuration(contentsOf: file.path)
    let again = try Configuration(parsing: configuration.text, path: "x.cfg")
    try require(again == configuration, "the canonical text says something else")
    let spec = try NetworkSpec(configuration)
    try require(spec.shapes.count == spec.layers.count, "a layer without a shape")
    _ = spec.warnings.map(\.description)
    _ = try spec.profile(width: 96, height: 64)
    _ = try spec.headStrides(width: spec.net.height, height: spec.net.width)
    for layer in spec.layers.indices {
      try require(
        spec.layers[layer].sources.allSatisfy(spec.layers.indices.contains), "a source that is none"
      )
      _ = (spec.inChannels(ofLayer: layer), spec.outChannels(ofLayer: layer))
    }
    _ = (spec.classes, spec.inputShape, spec.parameterCount)
  }
}

/// The weights of a small network with every kind of parameter.
private func weightsParser() throws -> Parser {
  let spec = try NetworkSpec(Configuration(parsing: everyBlock, path: "x.cfg"))
  let wider = try NetworkSpec(
    Configuration(
      parsing: everyBlock.replacing("filters=21", with: "filters=27")
        .replacing("classes=2", with: "classes=4"), path: "wider.cfg"))
  let floats = (spec.weightsByteCount - 20) / 4
  var wide: [UInt8] = [0, 0, 0, 0, 2, 0, 0, 0, 5, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0]
  var narrow: [UInt8] = [0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0]
  for index in 0..<floats {
    withUnsafeBytes(of: Float(index).bitPattern.littleEndian) {
      wide += $0
      narrow += $0
    }
  }
  // The convolutions before the first shortcut with weights.
  let backbone = try wide.prefix(
    20 + 4
      * spec.parameterLayout().prefix(7).joined().reduce(0) {
        $0 + $1.count
      })
  // As if for 4 classes: 2 more in each of 3 anchors, 4 inputs and a bias each.
  let moreClasses = wide + [UInt8](repeating: 0, count: 4 * 2 * 3 * (4 + 1))
  return Parser(
    name: "weights", seeds: [wide, narrow, moreClasses, Array(backbone)],
    words: ["\0\0\0\0", "\0\0\u{0}\u{7F}", "\u{7F}\u{7F}\u{7F}\u{7F}", "\u{1}"]
  ) { file in
    let copy = file.path + ".copy"
    // A backbone, another number of classes, and another network's file: each by itself.
    let attempts: [() throws -> Void] = [
      { _ = try WeightsFile.read(bytes: file.bytes, path: file.path, for: spec) },
      { _ = try WeightsFile.readBackbone(file.path, for: spec) },
      { _ = try WeightsFile.readBackbone(file.path, for: spec, layers: 40) },
      {
        let contents = try WeightsFile.readByShape(file.path, for: spec)
        _ = contents.skipped.map(\.description)
        try require(
          contents.loaded.allSatisfy { !contents.parameters.layers[$0].isEmpty }, "an empty layer")
      },
      { _ = try WeightsFile.readByShape(file.path, for: spec, sourceClasses: 4) },
      { _ = try WeightsFile.readByShape(file.path, of: wider, for: spec) },
    ]
    for attempt in attempts {
      do { try attempt() } catch let error as WeightsError { try requireOneLine(error) }
    }
    let parameters = try WeightsFile.read(file.path, for: spec)
    try require(parameters.layers.count == spec.layers.count, "a layer was lost")
    _ = parameters.firstImplausibleArray()
    try WeightsFile.write(parameters, for: spec, to: copy)
    try require(try ScratchFile.bytes(copy) == file.bytes, "the copy has other bytes")
  }
}

/// The `.data` file, and lists of pictures with their label paths.
private func dataParser() -> Parser {
  let data = """
    # a data set
    classes = 3
    train  = lists/train.txt
    valid=./val.txt
    test=/x/test.txt
    names = a.names
    backup = backup/
    eval=
    """
  let list = "images/a.jpg\n./b/JPEGImages/c d.jpeg\r\n/x/images/e.png\n# no\n\n../f\n"
  return Parser(
    name: "data", seeds: [Array(data.utf8), Array(list.utf8)],
    words: numbers + ["classes=", "train=", "=", "\r", "\n", "#", "/", "..", "\u{FEFF}", "images/"]
  ) { file in
    // One text is both: neither parser knows what the file is called.
    if let pictures = try? DataFile.pictures(inList: file.path) {
      for (index, picture) in pictures.enumerated() {
        try require(picture.hasPrefix("/"), "a picture without an absolute path")
        try require(pictures[index] == picture, "a picture that is another one when asked for")
        _ = DataFile.labelPath(forPicture: picture)
      }
    }
    let data = try DataFile(contentsOf: file.path)
    // The format cannot say that a path ends in white space or in a control character, which count
    // as white space at the end of a line; one cut at its last "/" may.
    let ends = [data.train, data.valid, data.test, data.names].compactMap { $0?.utf8.last }
    guard !ends.contains(where: { $0 <= 0x20 || $0 == 0x7F }) else { return }
    try require(
      try DataFile(parsing: data.text, path: data.path) == data, "text of its own differs")
    for split in DataFile.Split.allCases {
      do { _ = try data.pictures(split) } catch { try requireOneLine(error) }
    }
    do { _ = try data.classNames() } catch { try requireOneLine(error) }
  }
}

/// The `.names` file.
private func namesParser() -> Parser {
  Parser(
    name: "names", seeds: [Array("red cell\nwhite cell\r\nplatelet\n\n".utf8)],
    words: ["\n", "\r\n", "\r", " ", "\u{FEFF}", "é", "\0"]
  ) { file in
    let names = try NamesFile(contentsOf: file.path)
    try require(
      try NamesFile(parsing: names.text, path: "x.names").names == names.names,
      "text of its own differs")
  }
}

/// A label file: it never throws; bad lines are counted and listed.
private func labelParser() -> Parser {
  let labels = """
    0 0.5 0.5 0.25 0.125
    2 .1 1e-1 2.5E-2 0.03125

    1 1 0 0.999999 1
    0 0.5 0.5 0.25 0.125
    """
  return Parser(
    name: "labels",
    seeds: [Array(labels.utf8), Array("3 0.5 0.5 0 1\r\n1 2 3\n0 -1 0 nan inf\n".utf8)],
    words: numbers + [" ", "\t", "\n", "\r", "-", ".", "e", "inf", "0.5 ", "1e-45", "2 0 0 1 1\n"]
  ) { file in
    for classCount in [1, 3] {
      let labels = try LabelFile(contentsOf: file.path, classCount: classCount)
      for label in labels.labels {
        let numbers = [label.centerX, label.centerY, label.width, label.height]
        try require(numbers.allSatisfy { (0...1).contains($0) }, "a label outside of the picture")
        try require(label.width > 0 && label.height > 0, "a label without area")
        try require((0..<classCount).contains(label.classIndex), "a label of no class")
      }
      try require(Set(labels.labels).count == labels.labels.count, "a label twice")
      try require(
        labels.problems.count == min(labels.badLines, LabelFile.listedLines + 1),
        "a bad line that is not listed")
      for problem in labels.problems { try requireOneLine(problem) }
      // Eight decimals lose the smallest sizes.
      guard labels.labels.allSatisfy({ min($0.width, $0.height) > 1e-6 }) else { continue }
      let text = Array(LabelFile.text(of: labels.labels).utf8)
      let again = LabelFile(parsing: text, path: "x.txt", classCount: classCount)
      try require(again.badLines == 0, "text of its own has bad lines")
    }
  }
}

/// What a parser promised and did not keep.
struct BrokenPromise: Error, CustomStringConvertible {
  var description: String
}

/// Throws ``BrokenPromise`` unless `condition` holds.
func require(_ condition: Bool, _ promise: String) throws {
  if !condition { throw BrokenPromise(description: promise) }
}

/// Throws ``BrokenPromise`` when the error's or problem's text could not be printed as one line.
func requireOneLine(_ error: Any) throws {
  let message = "\(error)"
  try require(
    !message.utf8.contains { $0 < 0x20 || $0 == 0x7F } && message.utf8.count < 2000,
    "an error that is not one line")
}
