import Darknet
import Testing
import Training
import _TestSupport

@testable import Pruning

@Suite struct ScaleTransferTests {
  private let head = conv(6, batchNormalize: 0).replacing("leaky", with: "linear")
  private let mish = conv(4).replacing("leaky", with: "mish")

  private func transfer(
    _ layers: String, of selected: [Int], factor: Float = 0.25
  ) throws -> ScaleTransfer {
    let (configuration, _) = try handNetwork(layers, gamma: [:])
    return try ScaleTransfer(factor: factor, of: selected, in: NetworkSpec(configuration))
  }

  private func entry(
    _ transfer: ScaleTransfer, _ layer: Int, _ role: ParameterRole
  ) -> [Float]? {
    transfer.scaling.entries.first { $0.layer == layer && $0.role == role }?.factors
  }

  // Layer 0 (2 channels) is read by layer 1 (3 channels), which the head's convolution reads: rows
  // of layer 1 and of layer 2 have a factor for each input channel.
  @Test func `scales and shifts take the factor, the weights after them its inverse`() throws {
    let transfer = try transfer(conv(2) + conv(3), of: [0, 1])
    #expect(transfer.layers == [0, 1] && transfer.obstacles.isEmpty)
    #expect(entry(transfer, 0, .gamma) == [0.25, 0.25])
    #expect(entry(transfer, 0, .beta) == [0.25, 0.25])
    #expect(entry(transfer, 0, .weight) == nil)
    #expect(entry(transfer, 1, .weight) == [4, 4, 4, 4, 4, 4])
    #expect(entry(transfer, 1, .gamma) == [0.25, 0.25, 0.25])
    #expect(entry(transfer, 2, .weight) == [Float](repeating: 4, count: 18))
    #expect(transfer.scaling.entries.count == 6)
  }

  // Layer 3 reads layer 1 (mish, factor 1) and layer 0 (factor ¼) side by side.
  @Test func `a route leaves each channel its own factor`() throws {
    let transfer = try transfer(
      conv(2) + mish + "[route]\nlayers=-1,0\n" + conv(1), of: [0, 1, 3])
    #expect(transfer.layers == [0, 3])
    #expect(transfer.obstacles == [1: .activation(.mish, layer: 1)])
    #expect(transfer.notes == ["layer 1 not rescaled: mish is not homogeneous"])
    #expect(entry(transfer, 3, .weight) == [1, 1, 1, 1, 4, 4])
  }

  @Test func `what is added takes part together or not at all`() throws {
    let sum = "[shortcut]\nfrom=-2\nactivation=linear\n"
    let together = try transfer(conv(4) + conv(4) + sum + conv(2), of: [0, 1, 3])
    #expect(together.layers == [0, 1, 3])
    let mixed = try transfer(conv(4) + mish + sum + conv(2), of: [0, 1, 3])
    #expect(mixed.layers == [3])
    #expect(mixed.obstacles[0] == .added(layer: 2))
    let bent = try transfer(
      conv(4) + conv(4) + sum.replacing("linear", with: "swish") + conv(2), of: [0, 1, 3])
    #expect(bent.layers == [3])
    #expect(bent.obstacles[1] == .activation(.swish, layer: 2))
    let outside = try transfer(conv(4) + conv(4) + sum + conv(2), of: [0, 3])
    #expect(outside.layers == [3] && outside.obstacles[0] == .added(layer: 2))
    #expect(
      outside.notes == ["layer 0 not rescaled: added to what is not rescaled"])
  }

  // The first four channels of layer 0 are added to mish.
  @Test func `a layer takes part as a whole or not at all`() throws {
    let half = try transfer(
      conv(8) + mish + "[shortcut]\nfrom=-2\nactivation=linear\n" + conv(2), of: [0, 1, 3])
    #expect(half.layers == [3] && half.obstacles[0] == .added(layer: 2))
    #expect(entry(half, 0, .gamma) == nil && entry(half, 0, .beta) == nil)
  }

  // Of the blocks of two channels that reorg reads the second holds one of each layer.
  @Test func `what is rearranged takes part together or not at all`() throws {
    let mixed = try transfer(
      mish.replacing("filters=4", with: "filters=5") + conv(3)
        + "[route]\nlayers=-1,-2\n[reorg]\nstride=2\n" + conv(2), of: [0, 1, 4])
    #expect(mixed.layers == [4] && mixed.obstacles[1] == .rearranged(layer: 3))
    #expect(
      mixed.notes.last == "layer 1 not rescaled: rearranged by layer 3 with what is not rescaled")
    let alike = try transfer(
      conv(5) + conv(3) + "[route]\nlayers=-1,-2\n[reorg]\nstride=2\n" + conv(2), of: [0, 1, 4])
    #expect(alike.layers == [0, 1, 4])
  }

  @Test func `normalisations, gates and heads are no place for a factor`() throws {
    let normalized = try transfer(
      conv(4) + "[batchnorm]\nactivation=leaky\n" + conv(2), of: [0, 2])
    #expect(normalized.layers == [2] && normalized.obstacles[0] == .normalized(layer: 1))
    let gate = try transfer(conv(4) + conv(4) + "[sam]\nfrom=-2\n" + conv(2), of: [0, 1, 3])
    #expect(gate.layers == [1, 3] && gate.obstacles[0] == .gate(layer: 2))
    let shared = try transfer(
      conv(4) + conv(4)
        + conv(4).replacing("[convolutional]", with: "[convolutional]\nshare_index=1"), of: [0])
    #expect(shared.layers.isEmpty)
    #expect(shared.obstacles[0] == .frozen(.sharedParameters(layer: 1)))
  }

  // Leaky alone in half of the networks, any activation in the others; α below and above 1. Both
  // networks run in double precision; parameters are rounded to float32 after the change, 6e-8
  // each.
  @Test(arguments: 0..<4)
  func `outputs stay as they are on random networks, and it can be undone`(batch: UInt64) throws {
    var (rescaled, kept) = (0, 0)
    for seed in batch * 30..<(batch + 1) * 30 {
      let random = RandomNetwork(seed: seed)
      var text = random.text
      if seed % 2 == 0 {
        for name in ["mish", "swish", "relu6", "h_swish"] {
          text = text.replacing("activation=\(name)\n", with: "activation=leaky\n")
        }
      }
      let configuration = try Configuration(parsing: text, path: "random.cfg")
      let spec = try NetworkSpec(configuration)
      let parameters = try randomParameters(spec, seed: seed &+ 1000)
      let selected = try PruningScope.all.selectedLayers(spec)
      let factor: Float = [0.3, 0.01, 7][Int(seed % 3)]
      let transfer = try ScaleTransfer(factor: factor, of: selected, in: spec)
      rescaled += transfer.layers.count
      kept += transfer.obstacles.count
      let changed = transfer.scaling.applied(to: parameters)
      #expect(changed != parameters || transfer.scaling.entries.isEmpty)

      let input = randomInput(spec, seed: seed)
      let before = try ReferenceNetwork(configuration, parameters).outputs(input)
      let after = try ReferenceNetwork(configuration, changed).outputs(input)
      for (index, layer) in spec.layers.enumerated() {
        guard case .yolo = layer else { continue }
        let scale = before[index].values.map(abs).max() ?? 0
        let difference = zip(before[index].values, after[index].values).map { abs($0 - $1) }.max()
        #expect(
          difference ?? .infinity <= 1e-5 * scale, "seed \(seed), layer \(index):\n\(text)")
      }
      let undone = transfer.scaling.undone(on: changed)
      for (old, new) in zip(parameters.layers, undone.layers) {
        for (role, array) in old {
          let pairs = zip(array.values, new[role]?.values ?? [])
          #expect(pairs.allSatisfy { abs($0 - $1) <= 1e-6 * abs($0) }, "seed \(seed), \(role)")
        }
      }
    }
    // Neither kind is rare.
    #expect(rescaled > 60 && kept > 60)
  }
}
