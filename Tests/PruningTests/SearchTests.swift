import Darknet
import Testing
import _TestSupport

@testable import Pruning

/// Requests that are searched for.
@Suite struct SearchTests {
  private func pruner(_ method: PruningMethod) throws -> Pruner {
    let (configuration, parameters) = try handNetwork(
      conv(16) + conv(16) + conv(16), gamma: [:])
    return try Pruner(configuration, parameters, method: method)
  }

  // Halving [0, 1) six times around 0.3: 19/64 = 0.296875 and 20/64 = 0.3125.
  @Test func `halving closes in on the change`() {
    let search = TargetSearch(steps: 6)
    let found = search { $0 >= 0.3 }
    #expect(abs((found.before ?? -1) - 0.296875) < 1e-12)
    #expect(abs((found.past ?? -1) - 0.3125) < 1e-12)
    #expect(search(isPast: { _ in true }).past == 0)
    #expect(search(isPast: { _ in false }).past == nil)
  }

  @Test(arguments: [0.8, 0.5, 0.3])
  func `a budget of multiplications is met and hardly undercut`(share: Double) throws {
    let pruner = try pruner(.target)
    let whole = try pruner.cost(PruningRequest(percent: 0)).macs
    func macs(_ percent: Double) throws -> Int {
      var request = PruningRequest(percent: percent)
      request.multiple = 1
      return try pruner.cost(request).macs
    }
    let found = try TargetSearch(steps: 20) { try Double(macs($0)) <= share * Double(whole) }
    let percent = try #require(found.past)
    #expect(try Double(macs(percent)) <= share * Double(whole))
    #expect(try Double(macs(#require(found.before))) > share * Double(whole))
  }

  /// A network that is written as a cfg and read again: what a candidate costs, the long way.
  private func readAgain(_ request: PruningRequest, _ pruner: Pruner) throws -> NetworkSpec {
    let mask = try pruner.mask(request, force: true)
    let surgery = Surgery(spec: pruner.spec, slots: pruner.slots, mask: mask)
    return try NetworkSpec(
      Configuration(parsing: surgery.pruned(pruner.configuration).text, path: "again.cfg"))
  }

  @Test(
    arguments: BuiltInNetwork.allCases,
    [PruningMethod.normal, .slim, .eagleEyeRegular])
  func `a candidate that is counted is the one that would be written`(
    network: BuiltInNetwork, method: PruningMethod
  ) throws {
    let configuration = try network.configuration(
      classes: 2, width: 64, height: 64, widthMultiple: 0.05)
    let spec = try NetworkSpec(configuration)
    let pruner = try Pruner(configuration, randomParameters(spec, seed: 5), method: method)
    for percent in [0.2, 0.6] {
      var request = PruningRequest(percent: percent)
      request.seed = 3
      let written = try readAgain(request, pruner)
      let mask = try pruner.mask(request, force: true)
      let counted = try Surgery(spec: spec, slots: pruner.slots, mask: mask).narrowed()
      #expect(counted.layers == written.layers && counted.shapes == written.shapes)
      #expect(
        try pruner.cost(request, width: 128, height: 64)
          == written.cost(width: 128, height: 64))
      let profile = try written.profile(width: 128, height: 64)
      let cost = try written.cost(width: 128, height: 64)
      #expect(cost.parameters == profile.parameters && cost.macs == profile.macs)
      #expect(cost.weightsByteCount == profile.weightsByteCount)
    }
  }

  @Test func `blocks that go count for nothing`() throws {
    let configuration = try BuiltInNetwork.yolov4.configuration(
      classes: 2, width: 64, height: 64, widthMultiple: 0.1)
    let spec = try NetworkSpec(configuration)
    let pruner = try Pruner(
      configuration, randomParameters(spec, seed: 9), method: .layerChannel)
    for (percent, blocks) in [(0.0, 4), (0.4, 7)] {
      var request = PruningRequest(percent: percent)
      request.blocks = blocks
      let result = try pruner.prune(request, force: true)
      let written = try NetworkSpec(result.configuration)
      #expect(written.layers.count < spec.layers.count && result.plan.removedBlocks.count == blocks)
      #expect(
        try pruner.cost(request, width: 96, height: 64) == written.cost(width: 96, height: 64))
    }
  }

  @Test(arguments: [PruningMethod.target, .slim])
  func `a search by counting chooses the plan of one that reads every candidate`(
    method: PruningMethod
  ) throws {
    let configuration = try BuiltInNetwork.yolov4.configuration(
      classes: 2, width: 64, height: 64, widthMultiple: 0.1)
    let spec = try NetworkSpec(configuration)
    let pruner = try Pruner(configuration, randomParameters(spec, seed: 7), method: method)
    let limit = Double(spec.parameterCount) * 0.3
    func request(_ percent: Double) -> PruningRequest { PruningRequest(percent: percent) }
    let counted = try TargetSearch(steps: 20) {
      try Double(pruner.cost(request($0)).parameters) <= limit
    }
    let read = try TargetSearch(steps: 20) {
      try Double(readAgain(request($0), pruner).parameterCount) <= limit
    }
    let share = try #require(counted.past)
    #expect(share == read.past && counted.before == read.before && share > 0)
    let plan = try pruner.prune(request(share), force: true).plan
    #expect(try plan.after.parameters == readAgain(request(share), pruner).parameterCount)
    #expect(Double(plan.after.parameters) <= limit)
  }

  @Test func `drawn networks are within the window`() throws {
    let pruner = try pruner(.eagleEyeNormal)
    let whole = try pruner.spec.macs(width: 8, height: 8)
    for share in [0.7, 0.4] {
      let found = try CandidateSampler(share: share, delta: 0.05)(
        pruner, count: 5, base: PruningRequest(percent: 1 - share))
      #expect(found.count == 5 && Set(found.map(\.seed)).count == 5)
      for request in found {
        let left = Double(try pruner.prune(request, force: true).plan.after.macs) / Double(whole)
        #expect(abs(left - share) <= 0.05)
      }
    }
  }

  // A channel of each layer stays: 64·(3 + 1 + 1 + 6) of 64·(48 + 256 + 256 + 96) is more than 1 %.
  @Test func `a window that nothing falls into is an error`() throws {
    let error = #expect(throws: PruningError.self) {
      try CandidateSampler(share: 0.01, delta: 0.001)(
        self.pruner(.eagleEyeNormal), count: 1, base: PruningRequest(percent: 0.99))
    }
    #expect(
      error?.description
        == "none of 1000 drawn networks has 0.9% to 1.1% of the multiplications, which "
        + "'--percent 99% --delta 0.001' leaves; use another --percent or a larger --delta")
  }

  // yolov3 at 416: stride 8 up to layer 36, 16 from 37, 32 from 62, and back up in the necks.
  @Test func `stages are runs of one grid`() throws {
    let spec = try NetworkSpec(BuiltInNetwork.yolov3.configuration())
    #expect(spec.stages == [0..<37, 37..<62, 62..<85, 85..<97, 97..<107])
  }

  @Test func `an explanation names ties, what stays, and the difference to legacy`() throws {
    let (configuration, parameters) = try handNetwork(
      conv(4) + conv(4) + "[shortcut]\nfrom=-2\n" + conv(2), gamma: [:])
    let found = try Pruner(configuration, parameters).explanation()
    #expect(found.groups == [.init(layers: [0, 1], channels: 4)])
    #expect(found.kept == [.init(reason: .head(layer: 5), layers: [4])])
    #expect(found.prunable == [0, 1, 3])
    #expect(found.beyondLegacy == [0, 1] && found.onlyLegacy.isEmpty && found.blocks.isEmpty)
  }

  @Test func `a written cfg says where its layers come from`() throws {
    let (configuration, parameters) = try handNetwork(
      conv(4) + conv(2) + conv(4) + "[shortcut]\nfrom=-3\nactivation=linear\n" + conv(3),
      gamma: [0: [0.1, 0.9, 0.8, 0.7], 2: [0.1, 0.9, 0.8, 0.7], 4: [0.5, 0.6, 0.7]])
    var request = PruningRequest(percent: 0.1)
    request.blocks = 1
    let pruner = try Pruner(configuration, parameters, method: .layerChannel)
    #expect(try pruner.explanation().blocks == [.init(source: 0, shortcut: 3)])
    let result = try pruner.prune(request, force: true)
    let comments = result.configuration.text.split(separator: "\n").filter { $0.hasPrefix("#") }
    #expect(comments.count == 4)
    #expect(comments[1].hasPrefix("# layer 4"))
    #expect(result.configurationChanges.filter { $0.hasSuffix("removed") }.count == 3)
    let read = try Configuration(parsing: result.configuration.text, path: "again.cfg")
    #expect(read == result.configuration)
    #expect(read.sections.map(\.line) == result.configuration.sections.map(\.line))
  }
}
