import Boxes
import Darknet
import Datasets
import Foundation
import Inference
import Quantization
import Testing
import Training
import _TestSupport
import _TrainingSupport

@testable import Runs

/// Likely reasons for a low mAP, from what a run can know.
@Suite struct TrainingObstaclesTests {
  private let (tiny, folder): (TinyRun, TemporaryFolder)
  private let recipe: TrainingRecipe

  init() throws {
    (tiny, folder) = (try TinyRun(pictures: 4), try TemporaryFolder())
    recipe = try TrainingRecipe(
      cfg: folder.write(tiny.configuration.text, to: "n.cfg"),
      data: tiny.folder + "/data/data.data")
  }

  /// The reasons for a training on the drawn pictures with these labels in each.
  private func reasons(
    _ labels: [Label], folder: String? = nil, isWorthLonger: Bool = false
  ) throws -> [String] {
    var train = tiny.dataset
    for index in train.pictures.indices { train.pictures[index].labels = labels }
    return try TrainingObstacles(
      recipe, train, NetworkSpec(tiny.configuration), folder: folder
    ).reasons(isWorthLonger: isWorthLonger)
  }

  private func label(_ classIndex: Int, _ side: Float, height: Float? = nil) -> Label {
    Label(
      classIndex: classIndex, centerX: 0.5, centerY: 0.5, width: side, height: height ?? side)
  }

  // 4 pictures with 13 boxes of class 0 are 52, with 12 of class 1 48, with 1 of class 2 are 4.
  @Test func `classes with few boxes are named, the rarest first, with what to aim at`() throws {
    let labels =
      (0..<13).map { _ in label(0, 0.5) } + (0..<12).map { _ in label(1, 0.5) } + [label(2, 0.5)]
    let names = tiny.dataset.names
    #expect(
      try reasons(labels).contains(
        "few boxes: a class needs 50 or more to be learned, and '\(names[2])' has 4 in 4 pictures, "
          + "'\(names[1])' has 48 in 4 pictures: label more pictures of them"))
    #expect(
      try !reasons((0..<13).map { _ in label(0, 0.5) }).contains { $0.hasPrefix("few boxes") })
  }

  // In 64 pixels 0.1 is 6.4, 0.5 is 32. Three of four boxes are small; a quarter of all is below 6.4, so
  // that 12 takes 120 pixels, a multiple of 32 above is 128.
  @Test func `small objects are counted at the network's size, with a larger one`() throws {
    let small = [label(0, 0.5), label(0, 0.1, height: 0.9), label(0, 0.1), label(0, 0.1)]
    #expect(
      try reasons(small).contains(
        "small objects: 75 % of the boxes are narrower than 12 pixels at 64×64: train at a larger "
          + "size (--img-size 128)"))
    let few = [label(0, 0.5), label(0, 0.5), label(0, 0.5), label(0, 0.5), label(0, 0.1)]
    #expect(try !reasons(few).contains { $0.hasPrefix("small objects") })
  }

  // The smallest anchor of a head is 23×27, or 621, for objects in 416 pixels; boxes are 2 to 7 pixels
  // high and as wide.
  @Test func `anchors are judged as 'pare anchors' does, with the command that mends them`() throws
  {
    let labels = (2...7).map { label(0, Float($0) / 64) }
    let line = try #require(try reasons(labels).first { $0.hasPrefix("anchors that do not fit: ") })
    // The best for each is its own: 1. The sizes cover 4, 9, … 49 of 621: 139 / 621 / 6 on the average.
    #expect(line.contains("is 0.04, that of others 1.00 ('pare anchors --data "), "\(line)")
    #expect(line.hasSuffix("n.cfg --overwrite', then train anew)") && !line.contains("--img-size"))
    // The anchors that are written are for the size of the training.
    var other = recipe
    (other.options.testWidth, other.options.testHeight) = (96, 96)
    let dataset = DetectionDataset(
      pictures: tiny.dataset.pictures.map { .init(path: $0.path, labels: labels) },
      names: tiny.dataset.names)
    let found = try TrainingObstacles(other, dataset, NetworkSpec(tiny.configuration))
      .reasons(isWorthLonger: false)
    #expect(found.contains { $0.contains("n.cfg --img-size 96 --output ") }, "\(found)")
    // The run's own cfg has that size; the one that it began with has not.
    var resized = tiny.configuration
    (resized.sections[0]["width"], resized.sections[0]["height"]) = ("96", "96")
    let ofRun = try TrainingObstacles(other, dataset, NetworkSpec(resized))
      .reasons(isWorthLonger: false)
    #expect(ofRun.contains { $0.contains("n.cfg --img-size 96 --output ") }, "\(ofRun)")
  }

  // By their paths alone: here two lists name them, once through a link.
  @Test func `validation pictures that are trained on are told with their share`() throws {
    func dataset(_ paths: [String]) -> DetectionDataset {
      DetectionDataset(pictures: paths.map { .init(path: $0, labels: []) }, names: ["a"])
    }
    let paths = try ["x/a.jpg", "x/b.jpg", "x/c.jpg", "x/d.jpg"].map {
      try folder.write("", to: $0)
    }
    try FileManager.default.createSymbolicLink(
      atPath: folder.file("y"), withDestinationPath: folder.file("x"))
    let train = dataset(Array(paths.prefix(3)))
    let linked = dataset([folder.file("y/c.jpg"), folder.file("y/d.jpg")])
    let line = try #require(linked.sharedPictures(with: train, of: "s.data"))
    #expect(
      line.hasPrefix("s.data: 1 of the 2 validation pictures (50 %) is trained on too, so "),
      "\(line)")
    #expect(line.hasSuffix("'pare dataset check --data s.data' lists them"))
    let all = try #require(train.sharedPictures(with: train, of: "s.data"))
    #expect(all.contains("3 of the 3 validation pictures (100 %) are trained on too"))
    #expect(dataset([paths[3]]).sharedPictures(with: train, of: "s.data") == nil)
  }

  @Test func `classes that are learned and not judged are named before the training`() throws {
    func dataset(_ classes: [Int]) -> DetectionDataset {
      DetectionDataset(
        pictures: [.init(path: "a.jpg", labels: classes.map { label($0, 0.5) })],
        names: ["a", "b", "c"])
    }
    let train = dataset([0, 1])
    #expect(
      dataset([0]).absentClasses(besides: train, of: "s.data")
        == "s.data: no validation picture has a box of 'b', so its AP is not measured")
    #expect(dataset([1, 0]).absentClasses(besides: train, of: "s.data") == nil)
    // Without any there is no figure, which is said elsewhere.
    #expect(dataset([]).absentClasses(besides: train, of: "s.data") == nil)
  }

  @Test func `few steps count as long as more are likely to help`() throws {
    #expect(try reasons([label(0, 0.5)], isWorthLonger: true)[0].hasPrefix("only 300 steps: more"))
    #expect(try !reasons([label(0, 0.5)]).contains { $0.hasPrefix("only ") })
  }

  // There are none for a network of an eighth of the width.
  @Test func `published weights are named where they fit`() throws {
    func takes(_ configuration: Configuration, weights: String? = nil) throws -> Bool {
      var recipe = recipe
      recipe.weights = weights
      return try TrainingObstacles(recipe, tiny.dataset, NetworkSpec(configuration))
        .takesPublishedWeights
    }
    let whole = try BuiltInNetwork.yolov4Tiny.configuration(classes: 4)
    #expect(try takes(whole) && !takes(tiny.configuration))
    #expect(try !takes(whole, weights: folder.write("", to: "yolov4-tiny.conv.29")))
  }

  /// Writes what the best weights are worth into a folder; its path.
  private func known(_ map50: Double, classes: [Double?]) throws -> String {
    var description = ModelDescription(
      channels: 3, feeding: recipe.options.feeding, classes: tiny.dataset.names)
    description.validation = DetectionQuality(
      map50: map50, map: 0.1, precision: 0.5, recall: 0.5, confidence: 0.2, classes: classes)
    let run = RunFolder(path: folder.path)
    try run.writeJSON(description, to: run.modelPath)
    return folder.path
  }

  private static let powers =
    "steps that are powers of two, where others fit values better, if no hardware needs them "

  private static func few(_ weights: Int, _ activations: Int, _ remedy: String) -> String {
    "few bits: down to \(weights) of weights and \(activations) of activations, where 8 lose less "
      + "(\(remedy))"
  }

  @Test(
    arguments: [
      (.lsq, 4, 4, few(4, 4, "--w-bit 8 --a-bit 8")), (.google, 8, 6, few(8, 6, "--a-bit 8")),
      (.ternary, 8, 8, few(2, 8, "--quantize google")),
      (.tpsq, 8, 8, powers + "(--quantize lsq)"),
      (.pow2, 5, 8, few(5, 8, "--w-bit 8") + "; and " + powers + "(--quantize google)"),
      (.google, 8, 8, nil), (nil, 4, 4, nil),
    ] as [(QuantizationScheme?, Int, Int, String?)])
  func `few bits and powers of two are reasons`(
    scheme: QuantizationScheme?, weightBits: Int, activationBits: Int, reason: String?
  ) throws {
    func reasons(_ change: (inout QuantizationOptions) -> Void = { _ in }) throws -> [String] {
      var recipe = recipe
      recipe.quantization = scheme.map {
        var options = QuantizationOptions.byTraining(
          $0, weightBits: weightBits, activationBits: activationBits)
        change(&options)
        return .init(options)
      }
      return try TrainingObstacles(recipe, tiny.dataset, NetworkSpec(tiny.configuration))
        .reasons(isWorthLonger: true)
    }
    let words = ["few bits", "steps that are powers"]
    func codes(_ lines: [String]) -> String? {
      lines.first { line in words.contains { line.hasPrefix($0) } }
    }
    #expect(try codes(reasons()) == reason)
    guard scheme == .google, reason == nil else { return }
    // Bits of a single layer are said where they are.
    let layer = try reasons { $0.layerBits = [0: .init(weights: 3, activations: 8)] }
    #expect(
      codes(layer)
        == Self.few(3, 8, "in the file of --layer-bits"))
  }

  @Test func `codes are no reason for a network that was poor in float`() throws {
    var recipe = recipe
    recipe.weights = try folder.write("", to: "model.weights")
    recipe.quantization = .init(.byTraining(.lsq, weightBits: 2, activationBits: 2))
    for (map50, isReason) in [(0.05, false), (0.8, true)] {
      _ = try known(map50, classes: [])
      let found = try TrainingObstacles(recipe, tiny.dataset, NetworkSpec(tiny.configuration))
        .reasons(isWorthLonger: true)
      #expect(found.contains { $0.hasPrefix("few bits") } == isReason, "\(map50): \(found)")
    }
  }

  @Test func `classes that are hardly found are named, be there boxes of them or not`() throws {
    let labels = (0..<13).map { _ in label(0, 0.5) }
    let path = try known(0.3, classes: [0.9, 0.009, nil, 0.01])
    let lines = try reasons(labels, folder: path)
    let names = tiny.dataset.names
    #expect(
      lines.contains {
        $0.hasPrefix(
          "hardly found at all: '\(names[1])': look at their boxes ('pare dataset stats ")
      }, "\(lines)")
    #expect(
      lines.contains {
        $0.hasPrefix(
          "few boxes: a class needs 50 or more to be learned, and '\(names[1])' has none, "
            + "'\(names[3])' has none: label more pictures of them")
      }, "\(lines)")
    // Where no class is found that is there, mAP says it.
    let none = try known(0, classes: [0, 0.009, nil, 0])
    #expect(try !reasons(labels, folder: none).contains { $0.hasPrefix("hardly found") })
  }

  @Test func `the training's own pictures tell what is known by heart from what is not learned`()
    throws
  {
    let path = try known(0.3, classes: [])
    let obstacles = try TrainingObstacles(
      recipe, tiny.dataset, NetworkSpec(tiny.configuration), folder: path)
    func words(_ map50: Double) -> String {
      obstacles.trialInWords(map50: map50, pictures: 50) ?? ""
    }
    #expect(
      words(0.91)
        == "it knows its own pictures by heart: on 50 pictures that it was trained on mAP@0.5 is "
        + "0.9100, on the validation pictures 0.3000: more pictures, and more different ones")
    #expect(words(0.5).hasPrefix("it knows its own pictures by heart: "))
    #expect(
      words(0.49)
        == "it has not learned its own pictures: on 50 pictures that it was trained on mAP@0.5 is "
        + "0.4900, no more: it has 0.125 of the width of yolov4-tiny, and the whole may learn more "
        + "('pare config new yolov4-tiny --classes 4 --img-size 64 --output wider.cfg')")
    // 0.6 is 0.15 above 0.45.
    _ = try known(0.45, classes: [])
    #expect(words(0.6).isEmpty)
  }
}
