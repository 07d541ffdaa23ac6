import Boxes
import Darknet
import Foundation
import Networks
import Pruning
import Testing
import Torch
import Training
import _TestSupport

@testable import Distillation

/// A pair of files with random numbers, as a teacher.
func writeTeacher(
  _ configuration: Configuration, names: [String] = [], seed: UInt64 = 9,
  parameters: NetworkParameters? = nil, at stem: String
) throws -> TeacherSource {
  let network = try Network(configuration, seed: seed)
  if let parameters { try network.load(parameters) }
  try configuration.text.write(toFile: stem + ".cfg", atomically: true, encoding: .utf8)
  try WeightsFile.write(network.parameters(), for: network.spec, to: stem + ".weights")
  try? FileManager.default.removeItem(atPath: stem + ".names")
  if !names.isEmpty {
    try names.map { $0 + "\n" }.joined()
      .write(toFile: stem + ".names", atomically: true, encoding: .utf8)
  }
  return TeacherSource(cfg: stem + ".cfg", weights: stem + ".weights")
}

@Suite struct PairingTests {
  private let folder: TemporaryFolder
  private let names = ["cat", "dog", "owl"]

  init() throws { folder = try TemporaryFolder() }

  private func tiny(
    _ network: BuiltInNetwork = .yolov4Tiny, classes: Int = 3, widthMultiple: Double = 0.125,
    anchors: [Anchor]? = nil, channels: Int = 3
  ) throws -> Configuration {
    try network.configuration(
      classes: classes, anchors: anchors, width: 64, height: 64, channels: channels,
      widthMultiple: widthMultiple)
  }

  private func pairing(
    _ student: Configuration, _ teacher: Configuration, names known: [String]? = nil,
    parameters: NetworkParameters? = nil, start: NetworkParameters? = nil,
    foreignLikeness: Double? = nil, side: Int = 64
  ) throws -> Pairing {
    var source = try writeTeacher(
      teacher, names: known ?? names, parameters: parameters, at: folder.path + "/teacher")
    source.foreignLikeness = foreignLikeness
    return try Pairing(
      student: NetworkSpec(student), names: names, start: start,
      teacher: Teacher(source) { _ in }, width: side, height: side)
  }

  private func layers(_ pairing: Pairing) -> [[Int]] {
    pairing.features.map { [$0.pair.studentLayer, $0.pair.teacherLayer] }
  }

  // yolov4-tiny: heads 30 and 37 read the convolutions 29 and 36, these 28 and 35, these 27 and the
  // route 34. Stride 16 ends before the pooling 25; the neck begins with 27, which reads 26.
  @Test func `the same network is matched layer by layer`() throws {
    let configuration = try tiny()
    let found = try pairing(configuration, configuration)
    #expect(found.isByOrigin && found.notes.isEmpty && found.classes == nil)
    #expect(found.heads.map(\.stride) == [32, 16])
    #expect(found.heads.allSatisfy { $0.areAlike && $0.anchors == [0, 1, 2] })
    #expect(layers(found) == [24, 26, 27, 28, 34, 35].map { [$0, $0] })
    #expect(
      found.features.map(\.pair.place)
        == [.backbone, .backbone, .neck, .headInput, .neck, .headInput])
    #expect(found.features.map(\.pair.stride) == [16, 32, 32, 32, 16, 16])
    #expect(found.features.allSatisfy { $0.fits && $0.channels == nil })
  }

  // Through the file that pruning writes.
  @Test func `a pruned network is matched with what it was by the record in its cfg`() throws {
    let dense = try tiny(widthMultiple: 0.25)
    let network = try Network(dense, seed: 3)
    let parameters = try spread(network.parameters(), over: network.spec)
    let pruned = try Pruner(dense, parameters).prune(percent: 0.4, force: true)
    let read = try Configuration(parsing: pruned.configuration.text, path: "pruned.cfg")
    let found = try pairing(read, dense, parameters: parameters)
    #expect(found.isByOrigin)
    #expect(layers(found) == [24, 26, 27, 28, 34, 35].map { [$0, $0] })
    for feature in found.features {
      let kept = pruned.keptChannels[feature.pair.teacherLayer]
      #expect(feature.channels ?? Array(0..<feature.teacherChannels) == kept)
      #expect(feature.fits && feature.pair.studentWidth == kept.count)
    }
    #expect(found.features.contains { $0.channels != nil })

    // Two networks that were pruned from one: channels that the teacher has lost cannot be
    // compared.
    let less = try Pruner(dense, parameters).prune(percent: 0.2, force: true)
    let both = try pairing(read, less.configuration, parameters: less.parameters)
    #expect(both.isByOrigin && both.features.allSatisfy(\.fits))
    let other = try pairing(less.configuration, read, parameters: pruned.parameters)
    #expect(other.isByOrigin && other.features.contains { !$0.fits })
  }

  // The same cfg from another seed: its channels are in no order of the student's. A tenth of noise is
  // what a training may add.
  @Test func `the record counts where the kernels are of one training`() throws {
    let dense = try tiny(widthMultiple: 0.25)
    let network = try Network(dense, seed: 3)
    let parameters = try spread(network.parameters(), over: network.spec)
    let pruned = try Pruner(dense, parameters).prune(percent: 0.4, force: true)
    let read = try Configuration(parsing: pruned.configuration.text, path: "pruned.cfg")
    func pairing(_ parameters: NetworkParameters, known: Double? = nil) throws -> Pairing {
      try self.pairing(
        read, dense, parameters: parameters, start: known == nil ? pruned.parameters : nil,
        foreignLikeness: known)
    }
    var trained = parameters
    for layer in trained.layers.indices {
      guard var kernels = trained.layers[layer][.weight] else { continue }
      for index in kernels.values.indices {
        kernels.values[index] += 0.1 * kernels.values[(index * 7 + 1) % kernels.values.count]
      }
      trained.layers[layer][.weight] = kernels
    }
    for related in [parameters, trained] {
      let found = try pairing(related)
      #expect(found.isByOrigin && found.foreignLikeness == nil)
      #expect(!found.features.contains { !$0.fits })
    }
    let other = try Network(dense, seed: 4).parameters()
    let foreign = try pairing(other)
    let likeness = try #require(foreign.foreignLikeness)
    #expect(!foreign.isByOrigin && abs(likeness) < 0.05)
    #expect(foreign.features.allSatisfy { !$0.fits && $0.channels == nil })
    #expect(layers(foreign) == [24, 26, 27, 28, 34, 35].map { [$0, $0] })
    // A run that goes on, whose kernels are others by then, does so with what it began with.
    let resumed = try pairing(other, known: likeness)
    #expect(!resumed.isByOrigin && resumed.foreignLikeness == likeness)
  }

  // Two kernels of 1×1 over two channels, of which the student has kept the second of each: cosines are
  // signs, 1 and −1 over the layers 0 and 1.
  @Test func `likeness is the mean cosine of the kept kernels`() throws {
    func spec(_ text: String) throws -> NetworkSpec {
      try NetworkSpec(Configuration(parsing: text, path: "toy.cfg"))
    }
    func layers(_ filters: [Int], _ comments: [String]) -> String {
      "[net]\nwidth=32\nheight=32\nchannels=1\n"
        + zip(filters, comments).map {
          "\($1)[convolutional]\nfilters=\($0)\nsize=1\nstride=1\nactivation=linear\n"
        }.joined()
    }
    let teacher = try spec(layers([2, 2], ["", ""]))
    let student = try spec(
      layers([1, 1], ["# layer 0, 1 of 2 channels: 4\n", "# layer 1, 1 of 2 channels: 4\n"]))
    func parameters(_ kernels: [[Float]], width: Int) -> NetworkParameters {
      NetworkParameters(
        layers: kernels.enumerated().map { index, values in
          [.weight: ParameterArray(shape: [width, index == 0 ? 1 : width, 1, 1], values: values)]
        })
    }
    let record = try #require(OriginRecord(student: student, teacher: teacher))
    let found = record.likeness(
      parameters([[3], [-5]], width: 1), parameters([[-1, 2], [9, 9, 9, 7]], width: 2))
    #expect(found == 0)
    #expect(
      record.likeness(
        parameters([[3], [5]], width: 1), parameters([[-1, 2], [-9, -9, -9, 7]], width: 2)) == 1)
  }

  // yolov3's neck and heads are no residual blocks, so all of them stay: layers 78 and up, which come
  // six places earlier where two blocks of three layers are gone.
  @Test func `a network without some of its blocks is matched with the whole one, both ways`()
    throws
  {
    let dense = try tiny(.yolov3)
    let network = try Network(dense, seed: 3)
    let parameters = try spread(network.parameters(), over: network.spec)
    var request = PruningRequest(percent: 0)
    request.blocks = 2
    let pruned = try Pruner(dense, parameters, method: .layer).prune(request, force: true)
    let read = try Configuration(parsing: pruned.configuration.text, path: "pruned.cfg")
    #expect(read.sections.count == dense.sections.count - 6)
    let whole = [78, 79, 80, 91, 92, 103, 104].map { [$0 - 6, $0] }
    let student = try pairing(read, dense, parameters: parameters)
    #expect(student.isByOrigin && Array(layers(student).suffix(7)) == whole)
    let teacher = try pairing(dense, read, parameters: pruned.parameters)
    #expect(teacher.isByOrigin && Array(layers(teacher).suffix(7)) == whole.map { $0.reversed() })
    for (found, isStudent) in [(student, true), (teacher, false)] {
      #expect(
        found.features.count == 9 && found.features.allSatisfy { $0.fits && $0.channels == nil })
      for pair in found.features.map(\.pair) {
        let (before, after) =
          isStudent
          ? (pair.teacherLayer, pair.studentLayer) : (pair.studentLayer, pair.teacherLayer)
        // The end of a stage may be one of the blocks that are gone.
        if let place = pruned.newIndices[before] { #expect(after == place) }
      }
    }
  }

  /// Scales that differ from channel to channel, so that pruning takes some of every layer.
  private func spread(
    _ parameters: NetworkParameters, over spec: NetworkSpec
  ) throws -> NetworkParameters {
    var parameters = parameters
    for layer in parameters.layers.indices {
      guard var gamma = parameters.layers[layer][.gamma] else { continue }
      for channel in gamma.values.indices {
        gamma.values[channel] = 0.1 + Float((channel * 7 + layer) % 13) / 13
      }
      parameters.layers[layer][.gamma] = gamma
    }
    return parameters
  }

  // yolov3-tiny: heads 16 and 23 read 15 and 22, these 14 and 21, these 13 and the route 20.
  @Test func `another family is matched by stride and place`() throws {
    let found = try pairing(tiny(), tiny(.yolov3Tiny, widthMultiple: 0.25))
    #expect(!found.isByOrigin && found.heads.map(\.stride) == [32, 16])
    let heads = found.features.filter { $0.pair.place != .backbone }
    #expect(
      heads.map { [$0.pair.studentLayer, $0.pair.teacherLayer] }
        == [[27, 13], [28, 14], [34, 20], [35, 21]])
    #expect(heads.allSatisfy { !$0.fits && $0.channels == nil })
    #expect(found.features.filter { $0.pair.place == .backbone }.map(\.pair.stride) == [16, 32])
  }

  @Test func `a teacher with more heads has what the student looks at`() throws {
    let found = try pairing(tiny(), tiny(.yolov3, widthMultiple: 0.125))
    #expect(found.heads.map(\.stride) == [32, 16] && found.heads.map(\.teacher) == [0, 1])
    let back = try pairing(tiny(.yolov3, widthMultiple: 0.125), tiny())
    #expect(back.heads.map(\.stride) == [32, 16])
    #expect(back.notes.contains { $0.contains("stride of 8") })
  }

  // Overlaps with 10×10, 20×40, 60×60: 10×12 → 100/120; 40×20 → 400/1200 with the second.
  @Test func `anchors are matched by shape, and far ones are told`() throws {
    func anchors(_ sizes: [(Float, Float)]) -> [Anchor] {
      sizes.map { Anchor(width: $0.0, height: $0.1) }
    }
    let own = anchors([(10, 12), (40, 20), (60, 60), (10, 12), (40, 20), (60, 60)])
    let other = anchors([(60, 60), (20, 40), (10, 10), (60, 60), (20, 40), (10, 10)])
    let found = try pairing(tiny(anchors: own), tiny(anchors: other))
    for head in found.heads {
      #expect(head.anchors == [2, 1, 0] && !head.areAlike)
      #expect(abs(head.leastOverlap - 1.0 / 3) < 1e-6)
    }
    #expect(found.notes.count { $0.contains("33 %") } == 2)
    // Anchors are for the size of the cfg, which is the teacher's, whatever size a training has.
    let larger = try pairing(tiny(anchors: own), tiny(anchors: other), side: 128)
    #expect(larger.notes == found.notes)
  }

  @Test(
    arguments: [
      (["cat", "dog", "owl"], nil, nil), (["owl", "cat", "dog"], [0, 1, 2], [1, 2, 0]),
      (["Dog", "bird", "cat"], [0, 1], [2, 0]),
    ] as [([String], [Int]?, [Int]?)])
  func `classes are matched by name`(known: [String], own: [Int]?, others: [Int]?) throws {
    let found = try pairing(tiny(), tiny(), names: known)
    #expect(found.classes?.student == own && found.classes?.teacher == others)
    #expect(found.notes.contains { $0.contains("owl") } == (known[1] == "bird"))
  }

  @Test func `a teacher with more classes teaches those that both know`() throws {
    let found = try pairing(tiny(), tiny(classes: 4), names: ["bus", "owl", "cat", "cow"])
    #expect(found.classes?.student == [0, 2] && found.classes?.teacher == [2, 1])
  }

  @Test func `what cannot be compared is refused in a line`() throws {
    #expect(throws: DistillationError.self) {
      try pairing(tiny(), tiny(), names: ["bus", "car", "cow"])
    }
    #expect(throws: DistillationError.self) { try pairing(tiny(), tiny(channels: 1)) }
    do {
      _ = try pairing(tiny(), tiny(classes: 4), names: [])
      Issue.record("four classes without names for three")
    } catch let error as DistillationError {
      let path = folder.path + "/teacher.cfg"
      #expect(error == .unnamedClasses(teacher: path, teacherClasses: 4, classes: 3))
    }
    let oneHead = try Configuration(
      parsing:
        "[net]\nwidth=64\nheight=64\nchannels=3\n[convolutional]\nfilters=24\nsize=4\nstride=4\n"
        + "activation=linear\n[yolo]\nmask=0,1,2\nanchors=4,4,8,8,16,16\nclasses=3\nnum=3\n",
      path: "one.cfg")
    do {
      _ = try pairing(tiny(), oneHead)
      Issue.record("strides 4 and 32")
    } catch let error as DistillationError {
      let path = folder.path + "/teacher.cfg"
      #expect(error == .noCommonStride(teacher: path, teacherStrides: [4], strides: [32, 16]))
      #expect(!error.description.contains("\n"))
    }
  }

  // Five convolutions, the last of which is the head's raw output.
  @Test func `of one head the raw output is no feature`() throws {
    let layers = (0..<5).map { index in
      "[convolutional]\nfilters=\(index == 4 ? 24 : 8)\nsize=1\nstride=\(index == 0 ? 32 : 1)\n"
        + "activation=linear\n"
    }
    let spec = try NetworkSpec(
      Configuration(
        parsing: "[net]\nwidth=64\nheight=64\nchannels=3\n\(layers.joined())"
          + "[yolo]\nmask=0,1,2\nanchors=4,4,8,8,16,16\nclasses=3\nnum=3\n", path: "one.cfg"))
    let places = try FeaturePlaces(spec, heads: spec.heads, width: 64, height: 64).features
    #expect(places.map(\.layer) == [1, 2, 3])
    #expect(places.map(\.place) == [.backbone, .neck, .headInput])
  }

  // yolov3: the ends of the residual stages 36 and 61; heads 82, 94 and 106.
  @Test func `places of a large network`() throws {
    let spec = try NetworkSpec(tiny(.yolov3))
    let places = try FeaturePlaces(spec, heads: spec.heads, width: 64, height: 64).features
    #expect(places.map(\.layer) == [36, 61, 78, 79, 80, 91, 92, 103, 104])
    #expect(places.map(\.stride) == [8, 16, 32, 32, 32, 16, 16, 8, 8])
    #expect(places.filter { $0.place == .backbone }.map(\.layer) == [36, 61, 78])
  }
}
