import Commands
import Darknet
import Pruning

// What each method's own options ask for; everything else is one PruneRun.

extension PruneNormalCommand: Executable {
  package func execute() throws {
    try PruneRun(options, .normal)(PruningRequest(percent: percent))
  }
}

extension PruneRegularCommand: Executable {
  package func execute() throws {
    var request = PruningRequest(percent: percent)
    request.multiple = multiple
    try PruneRun(options, .regular)(request)
  }
}

extension PruneShortcutCommand: Executable {
  package func execute() throws {
    try PruneRun(options, .shortcut)(PruningRequest(percent: percent))
  }
}

extension PruneSlimCommand: Executable {
  package func execute() throws {
    var request = PruningRequest(percent: percent)
    request.layerKeep = layerKeep
    try PruneRun(options, .slim)(request)
  }
}

extension PruneLayerCommand: Executable {
  package func execute() throws {
    var request = PruningRequest(percent: 0)
    request.blocks = shortcuts
    try PruneRun(options, .layer)(request)
  }
}

extension PruneLayerChannelCommand: Executable {
  package func execute() throws {
    var request = PruningRequest(percent: percent)
    request.layerKeep = layerKeep
    request.blocks = shortcuts
    try PruneRun(options, .layerChannel)(request)
  }
}

extension PruneLayerChannelRegularCommand: Executable {
  package func execute() throws {
    var request = PruningRequest(percent: percent)
    request.multiple = multiple
    request.blocks = shortcuts
    try PruneRun(options, .layerChannelRegular)(request)
  }
}

extension PruneGroupCommand: Executable {
  package func execute() throws {
    var method = PruningMethod.group
    method.parallelMerge =
      switch merge {
      case .union: .union
      case .vote: .vote
      case .least: .least
      }
    let run = try PruneRun(options, method)
    // What advice is given on: the most that goes of a stage.
    let percent = percents.max() ?? percent ?? 0.8
    var request = PruningRequest(percent: percent)
    request.layerKeep = layerKeep
    request.ranges = try ranges(run.spec, percent)
    try run(request)
  }

  /// The stages with their shares.
  private func ranges(
    _ spec: NetworkSpec, _ percent: Double
  ) throws -> [PruningRequest.LayerRange] {
    let ends = boundaries + [spec.layers.count]
    let stages =
      boundaries.isEmpty ? spec.stages : zip([0] + boundaries, ends).map { $0..<max($0, $1) }
    let list = stages.map { "\($0.lowerBound)–\($0.upperBound - 1)" }.joined(separator: ", ")
    if let last = boundaries.last, last >= spec.layers.count {
      throw EngineError.unusableOperand(
        "--boundaries \(last)", reason: "the network has layers 0 to \(spec.layers.count - 1)")
    }
    guard percents.isEmpty || percents.count == stages.count else {
      throw EngineError.unusableOperand(
        "--percents",
        reason: "\(percents.count) shares for \(stages.count) stages of layers: \(list)")
    }
    Console.note("stages: \(list)")
    return stages.enumerated().map { index, layers in
      .init(layers: layers, percent: percents.isEmpty ? percent : percents[index])
    }
  }
}

extension PruneEagleEyeCommand: Executable {
  package func execute() throws {
    let method: PruningMethod =
      switch base {
      case .normal: .eagleEyeNormal
      case .slim: .eagleEyeSlim
      case .regular: .eagleEyeRegular
      }
    let run = try PruneRun(options, method, recalibrates: true, isSteered: true)
    var request = PruningRequest(percent: percent)
    request.multiple = multiple
    request.seed = options.run.seed
    let sampler = CandidateSampler(share: 1 - percent, delta: delta)
    try run(run.bestCandidate(of: sampler, count: number, base: request))
  }
}

extension PruneTargetCommand: Executable {
  package func execute() throws {
    let run = try PruneRun(options, method, isSteered: maxDrop != nil)
    var request = PruningRequest(percent: 0)
    request.multiple = multiple
    request.blocks = shortcuts
    if let maxDrop {
      request.percent = try run.largestShare(losing: maxDrop, request)
    } else if let latency {
      request = try run.fastEnough(latency, request)
    } else if let (budget, figure) = budget {
      request.percent = try run.smallestShare(within: budget, of: figure, request)
    }
    try run(request)
  }

  private var method: PruningMethod {
    switch base {
    case .sum: .target
    case .normal: .normal
    case .regular: .regular
    case .shortcut: .shortcut
    case .slim: .slim
    case .layerChannel: .layerChannel
    case .layerChannelRegular: .layerChannelRegular
    }
  }

  private var budget: (Budget, PruneRun.Figure)? {
    let all: [(Budget?, PruneRun.Figure)] = [
      (params, .parameters), (macs, .macs), (weightsSize, .weightsBytes),
    ]
    return all.lazy.compactMap { budget, figure in budget.map { ($0, figure) } }.first
  }
}
