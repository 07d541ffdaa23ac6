import Commands
import Pruning
import Reports
import Runs
import Summaries

// What each method's own options ask for; everything else is one PruneRun.

extension PruneNormalCommand: Executable {
  package func execute() throws {
    try PruneRun(options, .normal, PruningRequest(percent: percent), of: self)()
  }
}

extension PruneRegularCommand: Executable {
  package func execute() throws {
    var request = PruningRequest(percent: percent)
    request.multiple = multiple
    try PruneRun(options, .regular, request, of: self)()
  }
}

extension PruneShortcutCommand: Executable {
  package func execute() throws {
    try PruneRun(options, .shortcut, PruningRequest(percent: percent), of: self)()
  }
}

extension PruneSlimCommand: Executable {
  package func execute() throws {
    var request = PruningRequest(percent: percent)
    request.layerKeep = layerKeep
    try PruneRun(options, .slim, request, of: self)()
  }
}

extension PruneLayerCommand: Executable {
  package func execute() throws {
    var request = PruningRequest(percent: 0)
    request.blocks = shortcuts
    try PruneRun(options, .layer, request)()
  }
}

extension PruneLayerChannelCommand: Executable {
  package func execute() throws {
    var request = PruningRequest(percent: percent)
    request.layerKeep = layerKeep
    request.blocks = shortcuts
    try PruneRun(options, .layerChannel, request, of: self)()
  }
}

extension PruneLayerChannelRegularCommand: Executable {
  package func execute() throws {
    var request = PruningRequest(percent: percent)
    request.multiple = multiple
    request.blocks = shortcuts
    try PruneRun(options, .layerChannelRegular, request, of: self)()
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
    // What advice is given on: the most that goes of a stage.
    var request = PruningRequest(percent: percents.max() ?? percent)
    request.layerKeep = layerKeep
    try PruneRun(
      options, method, request, of: self,
      target: .stages(boundaries: boundaries, percents: percents))()
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
    var request = PruningRequest(percent: percent)
    request.multiple = multiple
    request.seed = options.run.seed
    let run = try PruneRun(
      options, method, request,
      target: .bestCandidate(count: number, share: 1 - percent, delta: delta),
      recalibrates: true)
    if givenPercent == nil {
      ConsoleObserver(options.report).remark(
        "--percent is not given: \(Figures.percent(percent, 0)) of the multiplications are to go, the "
          + "default of 'eagleeye'")
    }
    try run()
  }
}

extension PruneTargetCommand: Executable {
  package func execute() throws {
    var request = PruningRequest(percent: 0)
    request.multiple = multiple
    request.blocks = shortcuts
    try PruneRun(options, method, request, target: target)()
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

  private var target: PruningTarget? {
    if let maxDrop { return .loss(points: maxDrop) }
    if let latency { return .latency(within: .init(latency)) }
    if let params { return .size(of: .parameters, within: .init(params)) }
    if let macs { return .size(of: .macs, within: .init(macs)) }
    return weightsSize.map { .size(of: .weightsBytes, within: .init($0)) }
  }
}

extension PruningTarget.Budget {
  fileprivate init(_ budget: Budget) {
    switch budget {
    case .share(let share): self = .share(share)
    case .amount(let amount): self = .amount(amount)
    }
  }
}
