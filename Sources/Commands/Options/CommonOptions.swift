import ArgumentParsing
import Boxes
import Darknet

/// How a result is reported.
package struct ReportOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Write the result as JSON; '-' is stdout.", valueName: "file"),
    completion: .file(extensions: ["json"]))
  package var json: String?

  @Flag(help: "Show no progress.")
  package var quiet = false

  package init() {}

  /// Whether stdout is free for tables: not when the JSON object goes there.
  package var printsTables: Bool { json != "-" }
}

/// What the work runs on.
package struct MachineOptions: ParsableArguments {
  @Option(
    help: "auto, cpu, cuda or cuda:N.", completion: .list(["auto", "cpu", "cuda"]),
    transform: DeviceSelection.init(parsing:))
  package var device = DeviceSelection.automatic

  @Option(
    help: ArgumentHelp(
      "CPU threads of tensor operations; set by the work unless given.", valueName: "n")
  )
  package var threads: Int?

  package init() {}

  package func validate() throws {
    try require("--threads", threads, in: 1...1024)
  }
}

/// What `--weights` may say.
package enum Weights {
  /// Endings of the files that are read.
  package static let extensions = ["weights", "safetensors", "pt"]

  /// The path; `nil` for the two spellings of "none".
  static func path(_ text: String?) -> String? {
    guard let text, !text.isEmpty, text != "None" else { return nil }
    return text
  }
}

func requirePath(_ option: String, _ path: String?) throws(ValidationError) {
  guard path == "" else { return }
  throw ValidationError("'\(option)' is empty")
}

/// A folder that a run writes into.
package struct RunFolderOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Folder to write; a new numbered one under runs/ unless given.", valueName: "dir"),
    completion: .directory)
  package var output: String?

  @Flag(help: "Replace an earlier result of this command in the output folder.")
  package var overwrite = false

  package init() {}

  package func validate() throws { try requirePath("--output", output) }
}

/// A folder or file that must be named.
package struct RequiredFolderOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Folder to write.", valueName: "dir"), completion: .directory)
  package var output: String

  @Flag(help: "Replace an earlier result of this command in the output folder.")
  package var overwrite = false

  package init() {}

  package func validate() throws { try requirePath("--output", output) }
}

/// The size of the pictures that a network sees when it is not trained.
package struct InputSizeOptions: ParsableArguments {
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Input size in pixels, one value or width and height; the cfg's own unless given.",
      valueName: "pixels"))
  package var imgSize: [Int] = []

  package init() {}

  /// Width and height in pixels; `nil` for the cfg's own.
  package var size: (width: Int, height: Int)? {
    guard let first = imgSize.first else { return nil }
    return (first, imgSize[imgSize.count - 1])
  }

  package func validate() throws {
    try require(imgSize.count <= 2, "'--img-size' takes one or two values, not \(imgSize.count)")
    for size in imgSize { try requireImageSize(size) }
  }
}

func requireImageSize(_ size: Int) throws(ValidationError) {
  try require("--img-size", size, in: 8...16_384, unit: " pixels")
}

extension DataFile.Split: ExpressibleByArgument {
  /// Reads `train`, `valid` or `test`; `val` and `validation` are `valid` too.
  public init?(argument: String) {
    self.init(rawValue: ["val", "validation"].contains(argument) ? "valid" : argument)
  }
}

extension EvaluationStyle: ExpressibleByArgument {
  /// For the help of an option that takes one.
  static func help(section: String = "") -> ArgumentHelp {
    ArgumentHelp(
      "The definition of average precision: that of COCO, of Pascal VOC (voc07, voc12), of Darknet, or "
        + "of the earlier Python programs (legacy).", valueName: "kind", section: section)
  }
}

/// Arithmetic of the network.
package enum PrecisionChoice: String, ExpressibleByArgument, CaseIterable, Sendable {
  case fp32, bf16, fp16
}

/// What becomes of the network's raw output.
package struct PostprocessingOptions: ParsableArguments {
  @Flag(help: "Thin out boxes across classes.")
  package var agnosticNms = false

  @Flag(help: "Keep only the best class of a box.")
  package var bestClass = false

  @Flag(help: "Also look at each picture flipped and at 0.83 and 0.67 of its size.")
  package var augment = false

  package init() {}
}
