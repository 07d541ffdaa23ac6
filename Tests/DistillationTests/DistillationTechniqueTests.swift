import Darknet
import Datasets
import Foundation
import Networks
import Pruning
import Testing
import Torch
import Training
import _TorchSupport
import _TrainingSupport

@testable import Distillation

@Suite(.serialized, .libtorch(.determinism)) struct DistillationTechniqueTests {
  /// A teacher of another width, so that adapters are needed.
  private func teacher(
    _ run: TinyRun, _ name: String = "teacher", widthMultiple: Double = 0.25,
    network: BuiltInNetwork = .yolov4Tiny, seed: UInt64 = 9
  ) throws -> TeacherSource {
    try writeTeacher(
      network.configuration(classes: 4, width: 64, height: 64, widthMultiple: widthMultiple),
      names: run.dataset.names, seed: seed, at: "\(run.folder)/\(name)")
  }

  private func technique(
    _ run: TinyRun, _ sources: [TeacherSource], _ strategies: [any DistillationStrategy],
    schedule: DistillationSchedule = .constant, until: Double = 1
  ) throws -> DistillationTechnique {
    try DistillationTechnique(
      DistillationOptions(
        teachers: sources, strategies: strategies, schedule: schedule, until: until),
      teachers: sources.map { try Teacher($0) { _ in } }, student: NetworkSpec(run.configuration),
      names: run.dataset.names, sizes: [(64, 64)])
  }

  /// Every strategy with its own numbers.
  private static var strategies: [any DistillationStrategy] {
    DistillationMethod.allCases.map(\.strategy)
  }

  // 6 pictures, 2 a batch: stopped behind the last batch of the first epoch of four, and in the midst of
  // the second and of the last. The weights change with
  // every epoch, and in the last one the teacher is not asked. Adapters and the convolutions of `masked`
  // learn beside the network.
  @Test func `a distilled run that was stopped goes on to the same bits`() throws {
    let run = try TinyRun()
    let source = try teacher(run)
    var options = run.options(epochs: 4)
    options.warmupBatches = 0
    func techniques() throws -> [any TrainingTechnique] {
      let strategies: [any DistillationStrategy] = [AutoStrategy(), MaskedStrategy()]
      return [
        SparsityTechnique(strength: 0.01, layers: [0, 1, 2]),
        try technique(run, [source], strategies, schedule: .cosine, until: 0.75),
      ]
    }
    let whole = try run.train("whole", options, techniques: techniques())
    for (before, batches) in [(0, 3), (3, 2), (5, 6)] {
      let part = try run.train(
        "parts", options, techniques: techniques(), stopAfter: batches, resumes: before > 0)
      #expect(part.result.wasStopped)
    }
    let second = try run.train("parts", options, techniques: techniques(), resumes: true)
    #expect(second.parameters == whole.parameters)
    // All figures of all epochs but the speed.
    func table(_ name: String) throws -> [[Substring]] {
      let text = try String(contentsOfFile: "\(run.folder)/\(name)/results.csv", encoding: .utf8)
      let rows = text.split(separator: "\n").map {
        $0.split(separator: ",", omittingEmptySubsequences: false)
      }
      let speed = rows[0].firstIndex(of: "images/s")
      return rows.map { row in row.indices.filter { $0 != speed }.map { row[$0] } }
    }
    #expect(try table("parts") == table("whole"))
    let plain = try run.train("plain", options, sparsity: 0.01)
    #expect(plain.parameters != whole.parameters)
  }

  @Test func `the order of techniques does not matter`() throws {
    let run = try TinyRun()
    let source = try teacher(run)
    func techniques() throws -> [any TrainingTechnique] {
      [
        SparsityTechnique(strength: 0.01, layers: [0, 1, 2]),
        try technique(run, [source], [AutoStrategy()]),
      ]
    }
    let a = try run.train("a", run.options(), techniques: techniques())
    let b = try run.train("b", run.options(), techniques: techniques().reversed())
    #expect(a.parameters == b.parameters)
  }

  // (1 + cos(π·e/3))/2 for e of 0, 1, 2 of 3 epochs with a teacher: 1, 3/4, 1/4; then none.
  @Test func `weights follow the schedule, and terms have their own columns and charts`() throws {
    let run = try TinyRun()
    let technique = try technique(
      run, [try teacher(run)], [BinaryStrategy()], schedule: .cosine, until: 0.75)
    let path = run.folder + "/a/results.csv"
    try run.train("a", run.options(epochs: 4), techniques: [technique])
    let rows = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
      .map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
    func column(_ name: String) throws -> [Double] {
      let place = try #require(rows[0].firstIndex(of: "distillation/" + name))
      return rows.dropFirst().compactMap { Double($0[place]) }
    }
    let weights = try column("weight")
    #expect(zip(weights, [1, 0.75, 0.25, 0]).allSatisfy { abs($0 - $1) < 1e-5 })
    for term in ["objectness", "classes", "boxes"] {
      let values = try column("binary." + term)
      #expect(values.count == 4 && values[0] > 0 && values[3] == 0)
    }
    #expect(technique.charts.map(\.metrics).prefix(3).allSatisfy { $0.count == 1 })
    #expect(technique.charts.count == 4)
    #expect(
      technique.charts[0].title
        == "Distillation by binary: objectness, times its weight and that of the teacher")
    let page = try String(contentsOfFile: run.folder + "/a/report.html", encoding: .utf8)
    #expect(page.contains("Distillation by binary: boxes"))
  }

  // Pictures without labels have nothing but the teacher: with them it counts more, and by features too.
  @Test func `auto is binary where all pictures have labels`() {
    func chosen(_ strategies: [any DistillationStrategy], _ hasUnlabelled: Bool) -> [String] {
      DistillationOptions.chosen(strategies, hasUnlabelled: hasUnlabelled).map(\.name)
    }
    #expect(chosen([AutoStrategy()], false) == ["binary"])
    #expect(chosen([AutoStrategy()], true) == ["auto"])
    #expect(chosen([PearsonStrategy(), AutoStrategy()], false) == ["pearson", "binary"])
    func weight(_ strategy: any DistillationStrategy, _ hasUnlabelled: Bool) -> Double {
      DistillationOptions.weight(of: strategy, hasUnlabelled: hasUnlabelled)
    }
    #expect(weight(AutoStrategy(), true) == 3 && weight(AutoStrategy(), false) == 1)
    #expect(weight(BinaryStrategy(), true) == 1 && weight(BinaryStrategy(), false) == 1)
  }

  @Test func `a loss that is no number may be the weight's fault`() throws {
    let run = try TinyRun()
    let source = try teacher(run)
    func remedies(_ weight: Double) throws -> [String] {
      let technique = try DistillationTechnique(
        DistillationOptions(teachers: [source], strategies: [BinaryStrategy()], weights: [weight]),
        teachers: [Teacher(source) { _ in }], student: NetworkSpec(run.configuration),
        names: run.dataset.names, sizes: [(64, 64)])
      return [technique.remedyOfDivergence].compactMap(\.self)
    }
    #expect(try remedies(1) == [])
    let error = TrainingError.nonFiniteLoss(
      term: nil, epoch: 0, batch: 0, remedies: try remedies(1_000_000))
    #expect(
      error.description.contains(
        "begin anew with a smaller --distill-weight or a lower --learning-rate, and --overwrite"))
  }

  @Test func `a cosine fades the teacher out`() {
    let options = DistillationOptions(
      teachers: [], strategies: [BinaryStrategy()], schedule: .cosine, until: 0.93)
    let factors = [0, 5, 9].map { options.factor(epoch: $0, of: 10) }
    // round(0.93 · 10) = 9 epochs: (1 + cos(π·5/9))/2 = 0.41318.
    #expect(factors[0] == 1 && abs(factors[1] - 0.41318) < 1e-5 && factors[2] == 0)
  }

  @Test func `every strategy trains with a teacher of another family`() throws {
    let run = try TinyRun()
    let source = try teacher(run, network: .yolov3Tiny)
    for strategy in Self.strategies {
      guard !strategy.needs.rawBoxes else { continue }
      let result = try run.train(
        strategy.name, run.options(epochs: 1),
        techniques: [try technique(run, [source], [strategy])])
      let terms = strategy.lossNames.compactMap {
        result.result.last?.techniques["distillation/\(strategy.name).\($0)"]
      }
      #expect(terms.count == strategy.lossNames.count && terms.allSatisfy(\.isFinite))
      #expect(terms.contains { $0 != 0 }, "\(strategy.name)")
    }
  }

  // The same teacher twice: every term is twice what it is of one, so half the weight gives the same.
  @Test func `losses of several teachers add up`() throws {
    let run = try TinyRun()
    let (one, two) = (try teacher(run), try teacher(run, "other", seed: 4))
    func first(_ sources: [TeacherSource]) throws -> Double {
      var options = run.options(epochs: 1)
      options.learningRate = 1e-12
      let result = try run.train(
        UUID().uuidString, options, techniques: [technique(run, sources, [BinaryStrategy()])])
      return try #require(result.result.last?.techniques["distillation/binary.objectness"])
    }
    let (a, b, both) = (try first([one]), try first([two]), try first([one, two]))
    #expect(a > 0 && b > 0 && abs(both - a - b) < 1e-3 * both)
  }

  @Test func `where an object is that a teacher does not know, nothing is compared`() throws {
    let run = try TinyRun()
    func objectness(knowing names: [String]) throws -> Double {
      var options = run.options(epochs: 1)
      options.learningRate = 1e-12
      let source = try writeTeacher(
        BuiltInNetwork.yolov4Tiny.configuration(classes: 4, width: 64, height: 64),
        names: names, at: run.folder + "/teacher")
      let result = try run.train(
        UUID().uuidString, options, techniques: [technique(run, [source], [BinaryStrategy()])])
      return try #require(result.result.last?.techniques["distillation/binary.objectness"])
    }
    let all = try objectness(knowing: run.dataset.names)
    // The order of classes changes steps of 1e-12 alone.
    #expect(abs(try objectness(knowing: run.dataset.names.reversed()) - all) < 1e-4 * all)
    let fewer = try objectness(knowing: ["bus"] + run.dataset.names.dropFirst())
    #expect(abs(fewer - all) > 1e-3 * all)
  }

  @Test func `nothing of a teacher is in the written pair, and its files stay`() throws {
    let run = try TinyRun()
    let source = try teacher(run)
    let before = try source.identified()
    let technique = try technique(run, [source], [ChannelWiseStrategy()])
    let result = try run.train("a", run.options(), techniques: [technique])
    let spec = try NetworkSpec(run.configuration)
    let written = try WeightsFile.read(run.folder + "/a/last.weights", for: spec)
    #expect(written.layers.count == spec.layers.count)
    #expect(result.log.contains { $0.contains("1×1 adapter") })
    #expect(try source.identified() == before)
    var named = before
    named.names = run.dataset.names
    #expect(technique.teachers == [named])
  }

  @Test func `no tensor of a teacher outlives the run`() throws {
    let run = try TinyRun(pictures: 2)
    let source = try teacher(run)
    func train(_ name: String) throws {
      let strategies: [any DistillationStrategy] = [
        AutoStrategy(), MaskedStrategy(), CrossHeadStrategy(),
      ]
      try run.train(
        name, run.options(epochs: 1), techniques: [technique(run, [source], strategies)])
    }
    try train("warm")
    let before = TorchRuntime.liveTensorCountOfThread
    try train("a")
    #expect(TorchRuntime.liveTensorCountOfThread == before)
  }

  // MARK: Teachers that have moved

  @Test func `a teacher is found again by its hash`() throws {
    let run = try TinyRun()
    let known = try teacher(run).identified()
    #expect(try known.found() == known)
    let moved = run.folder + "/renamed.weights"
    try FileManager.default.moveItem(atPath: known.weights, toPath: moved)
    #expect(try known.found().weights == moved)
    // Another network in its place is not taken for it.
    _ = try teacher(run, seed: 77)
    #expect(try known.found().weights == moved)
    try FileManager.default.removeItem(atPath: moved)
    #expect(
      throws: DistillationError.missingTeacher(
        path: known.weights, hash: try #require(known.weightsHash), isOther: true)
    ) { try known.found() }
    try FileManager.default.removeItem(atPath: known.weights)
    #expect(
      throws: DistillationError.missingTeacher(
        path: known.weights, hash: try #require(known.weightsHash), isOther: false)
    ) { try known.found() }
  }

  @Test func `a run does not go on with another teacher`() throws {
    let run = try TinyRun()
    let (one, two) = (try teacher(run), try teacher(run, "other", seed: 4))
    try run.train(
      "a", run.options(), techniques: [technique(run, [one], [BinaryStrategy()])], stopAfter: 4)
    #expect(throws: DistillationError.self) {
      try run.train(
        "a", run.options(), techniques: [technique(run, [two], [BinaryStrategy()])], resumes: true)
    }
  }

  // MARK: What is said

  @Test func `one table says what is compared`() throws {
    let run = try TinyRun()
    let log = try run.train(
      "a", run.options(epochs: 1),
      techniques: [technique(run, [teacher(run)], [AutoStrategy()], until: 0.93)]
    ).log
    let title = try #require(log.firstIndex(of: "layers that are compared:"))
    let table = log[(title + 1)..<(title + 7)]
    #expect(table.allSatisfy { $0.count <= 80 })
    let rows = table.dropFirst(2)
      .map { $0.split(separator: " ").map(String.init).joined(separator: " ") }
    // Widths of 32·⅛·… and of twice that: 27 has 32 channels, the route 34 has 48.
    #expect(
      rows == [
        "27 27 32 32 and 64 channels, by a 1×1 adapter",
        "34 34 16 48 and 96 channels, by a 1×1 adapter",
        "30 30 32 head: 3 equal anchors, all classes",
        "37 37 16 head: 3 equal anchors, all classes",
      ])
    #expect(
      log.contains("distillation: auto, constant, without the teacher after 93 % of the epochs"))
  }

  @Test
  func `terms are told by what they compare, and by their strategies where there are several`() {
    func words(_ names: String...) -> String {
      DistillationTechnique.words(
        ofTerms: names.enumerated().map { (name: $1, value: Double($0) + 0.5) })
    }
    #expect(
      words("distillation/auto.classes", "distillation/auto.channels")
        == "classes 0.5, channels 1.5")
    #expect(
      words("distillation/binary.boxes", "distillation/masked.features")
        == "binary boxes 0.5, masked features 1.5")
    #expect(words("sparsity/strength") == "")
  }

  @Test func `the page shows student and teacher on the pictures that the run is judged by`() throws
  {
    let run = try TinyRun()
    let source = try teacher(run)
    let judge = try run.validation()
    let technique = try DistillationTechnique(
      DistillationOptions(teachers: [source], strategies: [BinaryStrategy()]),
      teachers: [Teacher(source) { _ in }], student: NetworkSpec(run.configuration),
      names: run.dataset.names, sizes: [(64, 64)], judging: judge)
    func page(_ name: String) throws -> String {
      try String(contentsOfFile: "\(run.folder)/\(name)/report.html", encoding: .utf8)
    }
    try run.train("a", run.options(), techniques: [technique], validation: judge)
    #expect(try page("a").contains("Student and teacher"))
    // The total holds what the teacher adds, so the page shows that too.
    #expect(try page("a").contains(">teacher: how far from it</text>"))
    try run.train("plain", run.options(), techniques: [], validation: judge)
    #expect(try !page("plain").contains("Student and teacher"))
  }

  @Test func `what a teacher finds is told in the student's classes`() throws {
    let run = try TinyRun()
    let source = try teacher(run)
    let names = run.dataset.names
    try [names[2], "bus", names[0], names[1]].map { $0 + "\n" }.joined()
      .write(toFile: run.folder + "/teacher.names", atomically: true, encoding: .utf8)
    let teacher = try Teacher(source) { _ in }
    let pairing = try Pairing(
      student: NetworkSpec(run.configuration), names: names, teacher: teacher, width: 64,
      height: 64)
    let lesson = try Lesson(teacher, pairing, [BinaryStrategy()], prefix: "")
    #expect((0..<4).map { lesson.pairing.matching.studentClass(ofTeachers: $0) } == [2, nil, 0, 1])
  }

  @Test(.enabled(if: Device.cudaIsAvailable, "no GPU"))
  func `a GPU trains in half precision with a teacher in half precision`() throws {
    let run = try TinyRun()
    let source = try teacher(run)
    let strategies: [any DistillationStrategy] = [
      AutoStrategy(), MaskedStrategy(), CrossHeadStrategy(),
    ]
    for precision in [DType.float32, .float16, .bfloat16] {
      var options = run.options()
      options.precision = precision
      let result = try run.train(
        precision.rawValue, options, techniques: [technique(run, [source], strategies)],
        device: .cuda(0))
      let terms = result.result.last?.techniques ?? [:]
      #expect(terms.values.allSatisfy(\.isFinite) && terms["distillation/auto.objectness"] != 0)
    }
  }

  @Test func `a small teacher is warned of`() throws {
    let run = try TinyRun()
    let source = try teacher(run, widthMultiple: 0.0625)
    let lines = try technique(run, [source], [BinaryStrategy()]).warnings
    #expect(lines.count == 1)
    #expect(lines.first?.contains("fewer parameters than the network that learns") == true)
  }

  @Test func `raw boxes of other anchors are not compared`() throws {
    let run = try TinyRun()
    let source = try teacher(run, network: .yolov3Tiny)
    let strategy = try #require(LogitsStrategy.legacy)
    #expect(
      throws: DistillationError.otherAnchors(strategy: "logits", teacher: source.cfg)
    ) { try technique(run, [source], [strategy]) }
  }

  @Test func `options that no run can have are refused`() throws {
    let source = TeacherSource(cfg: "a.cfg", weights: "a.weights")
    let good = DistillationOptions(teachers: [source], strategies: [BinaryStrategy()])
    try good.check()
    func refuses(_ change: (inout DistillationOptions) -> Void) {
      var options = good
      change(&options)
      #expect(throws: TrainingError.self) { try options.check() }
    }
    refuses { $0.teachers = [] }
    refuses { $0.strategies = [] }
    refuses { $0.strategies += $0.strategies }
    refuses { $0.weights = [1, 1] }
    refuses { $0.weights = [-1] }
    refuses { $0.until = 0 }
    refuses { $0.until = .nan }
    let bytes = try JSONEncoder().encode(good)
    #expect(try JSONDecoder().decode(DistillationOptions.self, from: bytes) == good)
  }
}
