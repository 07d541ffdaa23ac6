import ArgumentParsing

/// `pare prune`: one subcommand a method.
package struct PruneCommand: ParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "prune",
    abstract: "Writes a smaller network and proves that only what was removed is missing.",
    discussion: """
      Channel methods take the channels with the smallest scores of all layers. The score is the \
      scale of a channel's normalisation unless --score names another one; scales tell what \
      matters after sparse training only. Layer methods take whole residual blocks, which gives \
      the most speed for what is taken. Each method's own help says more.

      A method measures mAP before and after, on the data set of the run or that of --data, and \
      prints the loss first. --curve measures it at many shares; --max-loss refuses to write what \
      loses more. Without pictures nobody can know the loss: fine-tune before use. Of a sparse \
      training the last weights are pruned, which are the sparsest, unless --weights says otherwise.

      normal, regular: careful, channels that are added together mostly stay; seconds.
      slim, target: moderate; seconds, minutes for target by latency or by lost mAP.
      shortcut, group: strong; seconds.
      layer: strong, the most speed; seconds; always fine-tune.
      layer-channel, layer-channel-regular: the strongest; seconds; always fine-tune.
      eagleeye: strong, without sparse training; an evaluation a candidate; always fine-tune.
      """,
    subcommands: methods)

  /// The methods, in the order of the help. A new method is a file beside this one and a line here;
  /// what it does is a row of `PruningMethod` and a few lines of `PruneCommand+Execution.swift`.
  package static let methods: [any PruneMethodCommand.Type] = [
    PruneNormalCommand.self, PruneRegularCommand.self, PruneShortcutCommand.self,
    PruneSlimCommand.self, PruneLayerCommand.self, PruneLayerChannelCommand.self,
    PruneLayerChannelRegularCommand.self, PruneGroupCommand.self, PruneEagleEyeCommand.self,
    PruneTargetCommand.self,
  ]

  package init() {}
}

/// A pruning method: the options that all share, and its own.
package protocol PruneMethodCommand: PictureReadingCommand {
  var options: PruneOptions { get }
}

/// A method that removes a share of the channels, with a share of its own where none is given.
package protocol PruneShareCommand: PruneMethodCommand {
  /// What is removed unless a share is given.
  static var defaultPercent: Double { get }
  /// The share that is given.
  var givenPercent: Double? { get }
  /// Whether no share is given, in whatever way.
  var leavesShareOpen: Bool { get }
}

extension PruneShareCommand {
  package var leavesShareOpen: Bool { givenPercent == nil }
  /// The share to remove.
  package var percent: Double { givenPercent ?? Self.defaultPercent }

  /// Whether mAP at rising shares is measured to choose one, and nothing is pruned.
  package var measuresCurveAlone: Bool { options.judgement.curve && leavesShareOpen }

  /// Refuses what means nothing where nothing is pruned.
  func checkShare() throws(ValidationError) {
    guard measuresCurveAlone, let idle = options.meantForResult else { return }
    throw ValidationError(
      "'--curve' without '--percent' measures, and prunes nothing that '\(idle)' could be for; leave it "
        + "out, or add '--percent'")
  }
}

extension PruneMethodCommand {
  package var notices: [String] { options.notices }
  package var picturesPerPass: Int? { options.run.batchSize }
  package var pictureOptions: PictureOptions { options.pictureOptions }
}
