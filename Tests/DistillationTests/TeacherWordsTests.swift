import Darknet
import Datasets
import Networks
import Testing
import Training
import _TestSupport
import _TrainingSupport

@testable import Distillation

/// What is said of teachers before a training, and what a run keeps of their classes.
@Suite struct TeacherWordsTests {
  private var run: TinyRun

  init() throws { run = try TinyRun() }

  private func tiny(
    _ network: BuiltInNetwork = .yolov4Tiny, classes: Int = 4, anchors: [Anchor]? = nil
  ) throws -> Configuration {
    try network.configuration(
      classes: classes, anchors: anchors, width: 64, height: 64, widthMultiple: 0.125)
  }

  /// Two layers and a head of stride 32, whose one feature has one channel; or, without the first of
  /// them, a head without any feature.
  private func toy(hasFeature: Bool) throws -> Configuration {
    let convolution = hasFeature ? "size=1\nstride=1" : "size=32\nstride=32"
    let first = "[convolutional]\nfilters=1\nsize=32\nstride=32\nactivation=linear\n"
    return try Configuration(
      parsing: "[net]\nwidth=64\nheight=64\nchannels=3\n\(hasFeature ? first : "")"
        + "[convolutional]\nfilters=27\n\(convolution)\nactivation=linear\n"
        + "[yolo]\nmask=0,1,2\nanchors=10,10,20,20,40,40\nclasses=4\nnum=3\n", path: "toy.cfg")
  }

  /// What a training of one epoch says.
  private func log(
    _ student: Configuration, _ teacher: Configuration, _ strategies: [any DistillationStrategy],
    names: [String]? = nil, hasUnlabelled: Bool = false, until: Double = 1
  ) throws -> [String] {
    var run = run
    run.configuration = student
    var options = run.options(epochs: 1)
    if hasUnlabelled {
      run.dataset.append(unlabelled: run.dataset.pictures.map(\.path))
      options.unlabelledShare = 0.5
    }
    let source = try writeTeacher(
      teacher, names: names ?? run.dataset.names, at: run.folder + "/teacher")
    let technique = try DistillationTechnique(
      DistillationOptions(teachers: [source], strategies: strategies, until: until),
      teachers: [Teacher(source) { _ in }], student: NetworkSpec(student), names: run.dataset.names,
      sizes: [(64, 64)])
    return try run.train("a", options, techniques: [technique]).log
  }

  /// The rows of the table, a space between cells.
  private func rows(_ log: [String]) throws -> [String] {
    let title = try #require(log.firstIndex(of: "layers that are compared:"))
    let table = log[(title + 3)...].prefix { $0.hasPrefix(" ") || $0.hasPrefix("─") }
    #expect(table.allSatisfy { $0.count <= 80 })
    return table.filter { !$0.hasPrefix("─") }
      .map { $0.split(separator: " ").joined(separator: " ") }
  }

  private func squares(_ sides: [Float]) -> [Anchor] {
    (sides + sides).map { Anchor(width: $0, height: $0) }
  }

  // yolov3 has heads 82, 94 and 106 of strides 32, 16 and 8; yolov4-tiny the first two.
  @Test func `heads without a partner, and classes that the student has not, are in the table`()
    throws
  {
    let more = try rows(log(tiny(.yolov3), tiny(), [BinaryStrategy()]))
    #expect(more.contains("106 – 8 head: the teacher has none of this stride"))
    let names = run.dataset.names + ["bus", "cow"]
    let fewer = try rows(log(tiny(), tiny(.yolov3, classes: 6), [BinaryStrategy()], names: names))
    #expect(fewer.contains("– 106 8 head: the student has none of this stride"))
    for head in ["– 82 32 left out: ", "– 94 16 left out: "] {
      let row = try #require(fewer.first { $0.hasPrefix(head) })
      #expect(row.hasSuffix("2 of 6 classes"))
    }
  }

  // Of three anchors the student's all lie nearest to one.
  @Test func `anchors of the teacher that nothing is compared with are told`() throws {
    let found = try rows(
      log(
        tiny(anchors: squares([19, 20, 21])), tiny(anchors: squares([2, 20, 60])),
        [BinaryStrategy()]))
    #expect(
      found.suffix(2) == ["– 30 32 left out: 2 of 3 anchors", "– 37 16 left out: 2 of 3 anchors"])
  }

  // Anchors of half the size overlap by a quarter; those of one network fit other inputs as they are.
  @Test func `a teacher of another input size is said to be where anchors are far from its own`()
    throws
  {
    func notes(side: Int, anchors: [Float]) throws -> [String] {
      let teacher = try BuiltInNetwork.yolov4Tiny.configuration(
        classes: 4, anchors: squares(anchors), width: side, height: side, widthMultiple: 0.125)
      return try log(tiny(anchors: squares([10, 20, 40])), teacher, [BinaryStrategy()])
        .filter { $0.contains("overlaps it by") }
    }
    let other = try notes(side: 128, anchors: [80, 160, 320])
    #expect(other.count == 1, "\(other)")
    #expect(
      other[0].hasPrefix(
        "\(run.folder)/teacher.cfg was trained at 128 pixels, and the student is at 64: anchors are in "
          + "pixels of the input, so at stride 32 an anchor's nearest one of "), "\(other)")
    #expect(
      other[0].hasSuffix(
        " only. Take a teacher of 64 pixels, or train the student at 128 (--img-size 128) with anchors for "
          + "that size"))
    let same = try notes(side: 64, anchors: [80, 160, 320])
    #expect(
      same.count == 2 && same.allSatisfy { $0.hasSuffix("anchors of like shapes teach more") })
    #expect(try notes(side: 128, anchors: [10, 20, 40]).isEmpty)
  }

  // yolov4-tiny's neck at stride 32 is layer 27; the toy has a head and nothing before it.
  @Test func `features that cannot be matched are told, and that heads alone are compared`() throws
  {
    let log = try log(
      tiny(anchors: squares([10, 20, 40])), toy(hasFeature: false), [AutoStrategy()])
    #expect(
      try rows(log) == [
        "30 1 32 head: 3 equal anchors, all classes",
        "27 – 32 neck: the teacher has none at this place",
        "37 – 16 head: the teacher has none of this stride",
      ])
    #expect(
      log.contains {
        $0.hasPrefix(
          "'auto' compares features too, and none of the student's layers can be matched")
          && $0.hasSuffix("it compares heads alone")
      })
  }

  @Test func `a strategy that needs features is refused where none can be matched`() throws {
    let cfg = run.folder + "/teacher.cfg"
    for strategy in [PearsonStrategy(), CrossHeadStrategy()] as [any DistillationStrategy] {
      #expect(throws: DistillationError.noFeatures(strategy: strategy.name, teacher: cfg)) {
        try log(tiny(), toy(hasFeature: false), [strategy])
      }
    }
  }

  @Test func `one channel is one channel`() throws {
    let found = try rows(log(toy(hasFeature: true), toy(hasFeature: true), [AttentionStrategy()]))
    #expect(
      found == [
        "0 0 32 1 channel", "2 2 32 head: 3 equal anchors, all classes",
      ])
  }

  @Test func `when pictures without labels teach nothing any more is said`() throws {
    let found = try log(
      tiny(), tiny(), [BinaryStrategy()], hasUnlabelled: true, until: 0.5)
    #expect(
      found.contains(
        "distillation: binary, constant, without the teacher after 50 % of the epochs, when pictures "
          + "without labels teach nothing any more"))
  }

  @Test func `classes that the teacher does not know are told, and what they are without labels`()
    throws
  {
    let names = ["bus"] + run.dataset.names.dropFirst()
    func notes(_ strategy: any DistillationStrategy, hasUnlabelled: Bool) throws -> [String] {
      try log(tiny(), tiny(), [strategy], names: names, hasUnlabelled: hasUnlabelled)
        .filter { $0.contains(" \(run.dataset.names[0])") }
    }
    let cfg = run.folder + "/teacher.cfg"
    let first =
      "\(cfg) does not know \(run.dataset.names[0]): learned from labels alone, and where such an object "
      + "is to be found heads are not compared"
    #expect(try notes(BinaryStrategy(), hasUnlabelled: false) == [first])
    #expect(
      try notes(BinaryStrategy(), hasUnlabelled: true) == [
        first,
        "\(cfg) takes \(run.dataset.names[0]) in pictures without labels for background, and so teaches",
      ])
    #expect(try notes(PearsonStrategy(), hasUnlabelled: true) == [first])
  }

  // (416 / 64)² = 42.25.
  @Test func `weights that are meant for larger pictures are warned of`() throws {
    let legacy = try #require(AttentionStrategy.legacy(number: 2))
    #expect(legacy.warning(width: 416, height: 416) == nil)
    #expect(legacy.warning(width: 64, height: 64)?.contains("counts 42 times as much") == true)
    #expect(AttentionStrategy().warning(width: 64, height: 64) == nil)
    let source = try writeTeacher(tiny(), names: run.dataset.names, at: run.folder + "/teacher")
    let technique = try DistillationTechnique(
      DistillationOptions(teachers: [source], strategies: [legacy]),
      teachers: [Teacher(source) { _ in }], student: NetworkSpec(run.configuration),
      names: run.dataset.names, sizes: [(64, 64), (416, 416)])
    #expect(technique.warnings.count == 1)
  }

  // MARK: Names of classes

  @Test func `a run goes on with the classes that it began with`() throws {
    let names = run.dataset.names
    let source = try writeTeacher(tiny(), names: names, at: run.folder + "/teacher")
    var lines: [String] = []
    func teacher(_ source: TeacherSource) throws -> Teacher {
      lines = []
      return try Teacher(source) { lines.append($0) }
    }
    let begun = try teacher(source).source
    #expect(begun.names == names && lines.isEmpty)
    #expect(try teacher(begun).names == names && lines.isEmpty)

    // The same network, whose file says other names now.
    _ = try writeTeacher(tiny(), names: names.reversed(), at: run.folder + "/teacher")
    func classes(_ teacher: Teacher) throws -> [Int]? {
      try Pairing(
        student: NetworkSpec(run.configuration), names: names, teacher: teacher, width: 64,
        height: 64
      ).classes?.teacher
    }
    #expect(try classes(teacher(source)) == [3, 2, 1, 0])
    #expect(try classes(teacher(begun)) == nil)
    #expect(
      lines == [
        "\(run.folder)/teacher.names: the classes \(names.reversed().joined(separator: ", ")), which is "
          + "not what the run began with; it goes on with the classes "
          + names.joined(separator: ", ")
      ])
    // Or says none.
    _ = try writeTeacher(tiny(), at: run.folder + "/teacher")
    #expect(try classes(teacher(begun)) == nil)
    #expect(
      lines.count == 1 && lines[0].contains("teacher.names: no names of classes, which is not"))
  }
}
