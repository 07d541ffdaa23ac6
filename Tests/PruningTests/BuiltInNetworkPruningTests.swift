import Darknet
import Testing
import _TestSupport

@testable import Pruning

/// The built-in networks: the legacy rules' lists exactly, and the checks on narrow copies.
@Suite struct BuiltInNetworkPruningTests {
  /// Layers and channels of rules A and B (docs/formulas.md 6.2), and what rule B leaves out,
  /// counted from the published cfgs by a program of its own.
  private static let legacy: [(BuiltInNetwork, [Int], [Int], Int, Set<Int>)] = [
    (.yolov3, [42, 13_376], [70, 25_920], 72, [84, 96]),
    (.yolov3SPP, [42, 13_376], [70, 25_920], 73, [77, 91, 103]),
    (.yolov3Tiny, [10, 3_056], [10, 3_056], 11, [18]),
    (.yolov4, [76, 25_920], [104, 32_256], 107, [107, 117, 127]),
    (.yolov4Tiny, [15, 2_528], [15, 2_528], 19, [2, 10, 18, 32]),
    (.yolov3SPP3, [40, 12_736], [68, 25_280], 73, [77, 91, 95, 109, 114]),
    (
      .yolov3MobileNet, [19, 9_088], [35, 10_312], 52,
      [1, 5, 8, 12, 16, 21, 26, 29, 33, 37, 41, 45, 50, 54, 59, 74, 86]
    ),
    (
      .yolov3TinyMobileNetSmall, [6, 2_080], [16, 2_632], 28,
      [1, 5, 8, 12, 16, 21, 26, 30, 35, 39, 44, 55]
    ),
  ]

  @Test(arguments: legacy)
  func `legacy rules select what the old systems did`(
    network: BuiltInNetwork, normal: [Int], shortcut: [Int], normalized: Int, ignored: Set<Int>
  ) throws {
    let spec = try NetworkSpec(network.configuration())
    func figures(_ scope: PruningScope) throws -> [Int] {
      let layers = try scope.selectedLayers(spec)
      return [layers.count, layers.reduce(0) { $0 + spec.outChannels(ofLayer: $1) }]
    }
    #expect(try figures(.normal) == normal)
    #expect(try figures(.shortcut) == shortcut)
    let exclusions = try PruningScope.shortcut.exclusions(spec)
    // The count is of [convolutional] blocks; the rule passes over [depthwise] ones too.
    let left = exclusions.filter { layer, reason in
      spec.section(ofLayer: layer).name == "convolutional"
        && reason != .noBatchNormalization(layer: layer)
    }
    #expect(Set(left.keys) == ignored)
    #expect(try figures(.shortcut)[0] + left.count == normalized)
    // The algebra sees past all of that.
    let all = try PruningScope.all.selectedLayers(spec)
    #expect(all.count { spec.section(ofLayer: $0).name == "convolutional" } == normalized)
  }

  /// What a pruner under a legacy scope may change, against the rule's own list.
  @Test(
    arguments: [BuiltInNetwork.yolov3, .yolov4, .yolov3MobileNet],
    [PruningScope.normal, .shortcut])
  func `a pruner under a legacy scope prunes the rule's list exactly`(
    network: BuiltInNetwork, scope: PruningScope
  ) throws {
    let configuration = try network.configuration(
      classes: 2, width: 64, height: 64, widthMultiple: 0.02)
    let spec = try NetworkSpec(configuration)
    let pruner = try Pruner(configuration, randomParameters(spec, seed: 3), scope: scope)
    var layers: Set<Int> = []
    for (slot, origin) in pruner.slots.origins.enumerated()
    where pruner.exclusions[pruner.classes.classOfSlot[slot]] == nil {
      if let layer = origin.layer { layers.insert(layer) }
    }
    #expect(try layers.sorted() == scope.selectedLayers(spec))
  }

  @Test func `rule A picks the layers that were picked by hand`() throws {
    let yolov3 =
      [0, 2, 6, 9, 13, 16, 19, 22, 25, 28, 31, 34, 38, 41, 44, 47, 50, 53, 56, 59, 63, 66, 69, 72]
      + Array(75...80) + Array(87...92) + Array(99...104)
    #expect(
      try PruningScope.normal.selectedLayers(NetworkSpec(BuiltInNetwork.yolov3.configuration()))
        == yolov3)
    let yolov4 =
      [
        0, 1, 2, 5, 8, 10, 11, 12, 15, 18, 21, 23, 24, 25, 28, 31, 34, 37, 40, 43, 46, 49, 52, 54,
        55, 56, 59, 62, 65, 68, 71, 74, 77, 80, 83, 85, 86, 87, 90, 93, 96, 99, 102, 104, 105, 106,
        114, 115, 116, 120, 122, 123, 124, 125, 126, 130,
      ] + Array(132...137) + [141] + Array(143...148) + [152] + Array(154...159)
    #expect(
      try PruningScope.normal.selectedLayers(NetworkSpec(BuiltInNetwork.yolov4.configuration()))
        == yolov4)
  }

  /// The layers whose channels are added, by the first of them.
  private func tiedLayers(_ network: BuiltInNetwork) throws -> Set<[Int]> {
    var slots = try ChannelSlots(NetworkSpec(network.configuration()))
    slots.ties.removeAll { $0.kind != .parallel }
    let classes = SlotClasses(slots).classes.filter { $0.members.count > 1 }
    return Set(classes.map { $0.members.compactMap { slots.origins[$0].layer } })
  }

  // Followed by hand through the shortcuts of the published cfgs.
  @Test func `shortcuts tie the layers that they add`() throws {
    let every3 = { (first: Int, last: Int) in Array(stride(from: first, through: last, by: 3)) }
    #expect(
      try tiedLayers(.yolov3) == [
        [1, 3], [5, 7, 10], [12] + every3(14, 35), [37] + every3(39, 60),
        [62, 64, 67, 70, 73],
      ])
    #expect(
      try tiedLayers(.yolov4) == [
        [4, 6], [14, 16, 19], [27] + every3(29, 50), [58] + every3(60, 81),
        [89, 91, 94, 97, 100],
      ])
    #expect(
      try tiedLayers(.yolov3MobileNet) == [
        [0, 3], [7, 10], [15, 19, 24], [28, 31, 35, 39], [44, 48], [53, 57, 62],
      ])
    #expect(
      try tiedLayers(.yolov3TinyMobileNetSmall) == [
        [7, 10], [15, 19, 24], [29, 33], [38, 42, 47],
      ])
  }

  @Test(arguments: BuiltInNetwork.allCases, [PruningScope.all, .normal])
  func `narrow copies pass every check`(network: BuiltInNetwork, scope: PruningScope) throws {
    let configuration = try network.configuration(
      classes: 2, width: 64, height: 64, widthMultiple: 0.02)
    let parameters = try randomParameters(NetworkSpec(configuration), seed: 11)
    let pruner = try Pruner(configuration, parameters, scope: scope)
    let result = try pruner.prune(percent: 0.5, force: true)
    #expect(result.plan.after.parameters < result.plan.before.parameters)
    let pruned = PrunedNetwork(pruner, result)
    #expect(try pruned.maskedDifference() < 1e-7)
    #expect(try pruned.silentDifference() < 1e-7)
  }

  @Test func `a pruned network is pruned again`() throws {
    var configuration = try BuiltInNetwork.yoloFastest.configuration(
      classes: 2, width: 64, height: 64, widthMultiple: 0.5)
    var parameters = try randomParameters(NetworkSpec(configuration), seed: 5)
    for _ in 0..<3 {
      let pruner = try Pruner(configuration, parameters)
      let result = try pruner.prune(percent: 0.3, force: true)
      #expect(try PrunedNetwork(pruner, result).maskedDifference() < 1e-7)
      #expect(result.plan.after.macs < result.plan.before.macs)
      configuration = result.configuration
      parameters = result.parameters
    }
  }
}
