import ArgumentParsing

/// The network, if there is one yet, that a data set's boxes are measured for.
package struct FittedNetworkOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A run folder, in place of --cfg, or the name of one in runs/.", valueName: "dir"),
    completion: .directory(holding: RunFiles.cfg))
  package var model: String?

  @Option(
    name: .customLong("cfg"),
    help: ArgumentHelp(
      "A cfg to take the input size and the number of anchors from.", valueName: "file"),
    completion: .file(extensions: ["cfg"]))
  var givenCfg: String?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Input size in pixels, one value or width and height; the cfg's, or 416.",
      valueName: "pixels"))
  package var imgSize: [Int] = []

  package init() {}

  /// The cfg, where there is one yet.
  package var cfg: String? {
    model.map { "\($0)/\(RunFiles.cfg)" } ?? givenCfg
  }

  package mutating func validate() throws {
    try requirePath("--cfg", givenCfg)
    try requirePath("--model", model)
    model = model.map(RunFiles.folder)
    try require(
      model == nil || givenCfg == nil, "'--model' brings its own cfg; leave out '--cfg'")
    try require(imgSize.count <= 2, "'--img-size' takes one or two values, not \(imgSize.count)")
    for size in imgSize { try requireImageSize(size) }
  }

  /// Width and height in pixels; `nil` for the cfg's own, or 416.
  package var size: (width: Int, height: Int)? {
    imgSize.first.map { ($0, imgSize[imgSize.count - 1]) }
  }
}
