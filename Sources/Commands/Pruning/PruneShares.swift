import ArgumentParsing

/// Options that several pruning methods have, each with a default of its own.
enum PruneShares {
  /// The names of a share of channels.
  static let percentNames: NameSpecification = [
    .customLong("percent"), .customLong("global_percent"),
  ]

  /// - Parameter byDefault: the method's own share.
  static func percentHelp(_ byDefault: Double) -> ArgumentHelp {
    ArgumentHelp(
      "Channels to remove of those that can be: a fraction such as 0.5, or 50%; \(byDefault) unless "
        + "given. What is worth exactly 0 goes in any case.",
      valueName: "fraction")
  }

  static let layerKeepHelp = ArgumentHelp(
    "Share of every layer's channels that stays in any case.", valueName: "fraction")

  static let multipleHelp = ArgumentHelp("What widths are rounded to.", valueName: "n")

  static let shortcutsNames: NameSpecification = [
    .customLong("shortcuts"), .customLong("shortcut"),
  ]

  static let shortcutsHelp = ArgumentHelp("Residual blocks to remove.", valueName: "n")

  static let targetShortcutsHelp = ArgumentHelp(
    "Residual blocks that a base with 'layer' in its name removes.", valueName: "n")

  static func check(layerKeep: Double) throws(ValidationError) {
    try require("--layer-keep", layerKeep, in: 0...1)
  }

  static func check(multiple: Int) throws(ValidationError) {
    try require("--multiple", multiple, in: 1...1024)
  }

  /// For methods whose request is not one share of channels.
  static func refuse(curve: Bool, advice: String = "") throws(ValidationError) {
    try require(
      !curve, "'--curve' goes with methods that remove one share of all channels\(advice)")
  }

  static func check(shortcuts: Int) throws(ValidationError) {
    try require("--shortcuts", shortcuts, in: 1...1024)
  }
}
