import ArgumentParsing

/// `pare prune`: one subcommand a method.
package struct PruneCommand: ParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "prune",
    abstract: "Writes a smaller network and proves that it computes the same.",
    discussion: """
      Channel methods take what matters least off every layer: up to the safe share they print, \
      little is lost without fine-tuning, after sparse training above all. Layer methods take \
      whole residual blocks: the most speed for what is taken, but they always need fine-tuning. \
      Each method's own help says more.

      normal, regular: gentle; seconds; fine-tune beyond the safe share.
      slim, target: moderate; seconds, minutes for target by latency or by lost mAP; fine-tune \
      beyond the safe share.
      shortcut, group: strong; seconds; fine-tune.
      layer: strong, the most speed; seconds; always fine-tune.
      layer-channel, layer-channel-regular: the strongest; seconds; always fine-tune.
      eagleeye: strong, without sparse training; an evaluation a candidate; fine-tune.
      """,
    subcommands: methods)

  /// The methods, in the order of the help. A new method is a file beside this one and a line here.
  package static let methods: [any PruneMethodCommand.Type] = [
    PruneNormalCommand.self, PruneRegularCommand.self, PruneShortcutCommand.self,
    PruneSlimCommand.self, PruneLayerCommand.self, PruneLayerChannelCommand.self,
    PruneLayerChannelRegularCommand.self, PruneGroupCommand.self, PruneEagleEyeCommand.self,
    PruneTargetCommand.self,
  ]

  package init() {}
}

/// A pruning method: the options that all share, and its own.
package protocol PruneMethodCommand: EngineCommand {
  var options: PruneOptions { get }
}

extension PruneMethodCommand {
  package var notices: [String] { options.notices }
}
