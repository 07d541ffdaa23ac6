import Darknet
import Foundation
import Testing

/// The examples that documents and help screens show.
enum Examples {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// Lines of a document's code blocks that call the program, continued ones as one, without the
  /// program's name and without comments. They may stand beside something else.
  static func commands(ofDocument path: String) throws -> [String] {
    let text = try String(contentsOf: root.appending(path: path), encoding: .utf8)
    var isFenced = false
    let code = text.split(separator: "\n").filter { line in
      if line.hasPrefix("```") { isFenced.toggle() }
      return isFenced || line.hasPrefix("    ")
    }
    return commands(in: code.joined(separator: "\n"))
  }

  /// The examples of a help screen.
  static func commands(ofHelp screen: String) -> [String] {
    screen.range(of: "EXAMPLES:\n").map { commands(in: String(screen[$0.upperBound...])) } ?? []
  }

  private static func commands(in code: String) -> [String] {
    code.replacing(/\\\n */, with: "").split(separator: "\n").compactMap { line in
      guard let match = line.firstMatch(of: /(?:^|  )pare (.*)/) else { return nil }
      return match.1.split(separator: "#", maxSplits: 1)[0].split(separator: " ")
        .joined(separator: " ")
    }
  }

  /// The help screens of the program and of all its commands, by the words that name them.
  static func helpScreens(of command: String = "") throws -> [(command: String, screen: String)] {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: Workspace.program)
    process.arguments = ["help"] + command.split(separator: " ").map(String.init)
    process.environment = ["COLUMNS": "80"]
    process.standardOutput = output
    try process.run()
    let screen = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    let list = screen.range(of: "SUBCOMMANDS:\n").map { screen[$0.upperBound...] } ?? ""
    let names = list.range(of: "\n\n").map { list[..<$0.lowerBound] } ?? list
    let below = names.matches(of: /(?:^|\n)  ([a-z][a-z-]*)/).map { String($0.1) }
    return try [(command, screen)]
      + below.flatMap { try helpScreens(of: command.isEmpty ? $0 : "\(command) \($0)") }
  }

  /// The command on small pictures and networks, for one epoch.
  static func small(_ command: String) -> String {
    var line = command.replacing(/--epochs \d+/, with: "--epochs 1")
      .replacing(/\ --(img-size|width-multiple) [\d.]+/, with: "")
    if line.hasPrefix("train "), !line.contains("--resume") {
      line += " --batch-size 4 --device cpu" + (line.contains("--epochs") ? "" : " --epochs 1")
    }
    if line.hasPrefix("config new ") { line += " --img-size 64 --width-multiple 0.125" }
    if line.hasPrefix("prune "), !line.contains("--force") { line += " --force" }
    if line.hasPrefix("prune eagleeye ") { line += " --number 2 --delta 0.5" }
    if line.hasPrefix("profile "), line.contains("--latency") { line += " --repeats 1" }
    return line
  }
}

extension Workspace {
  /// Runs an example, whose output may be there from an earlier one.
  func tryOut(_ example: String) throws {
    if !example.contains("--resume"), !example.contains("--overwrite"),
      let output = example.firstMatch(of: /--output (\S+)/)
    {
      try? FileManager.default.removeItem(atPath: path(String(output.1)))
    }
    let run = try run(Examples.small(example))
    // A machine may lack something, and a run that is done does not go on.
    let isExcused =
      example.hasPrefix("doctor") || example.contains("--resume") && run.errors.contains("are done")
    #expect(
      run.status == 0 || run.status == 1 && isExcused, "pare \(example): \(run.errors)")
  }

  /// What a reader of the README brings along: `pictures` in VOC's form, with three classes,
  /// `photos`, and yolov4-tiny as it is published, but small.
  func prepareExamples() throws {
    try succeed(
      "dataset synthetic --classes 3 --size 64 --images 12 --validation 4 --test 4 --output drawn "
        + "--quiet")
    try succeed("dataset export voc drawn/drawn.data --output pictures --quiet")
    try FileManager.default.copyItem(atPath: path("drawn/images"), toPath: path("photos"))
    try prepareNetwork("yolov4-tiny", classes: 80, cfg: "yolov4-tiny.cfg")
    try succeed(
      "convert --cfg yolov4-tiny.cfg --weights yolov4-tiny.weights --output yolov4-tiny.conv.29 "
        + "--quiet")
    try write("coco.names", (0..<80).map { "class \($0)\n" }.joined())
  }

  /// A network with some numbers for weights, beside its cfg.
  func prepareNetwork(_ name: String, classes: Int, cfg: String) throws {
    try succeed(
      "config new \(name) --classes \(classes) --width-multiple 0.125 --img-size 64 --output \(cfg) "
        + "--quiet")
    let spec = try NetworkSpec(contentsOf: path(cfg))
    let layers = try spec.parameterLayout().map { slots in
      Dictionary(
        uniqueKeysWithValues: slots.map { slot in
          let isPositive = slot.role == .gamma || slot.role == .variance
          let values = (0..<slot.count).map { index -> Float in
            isPositive ? 1 + Float(index % 7) / 10 : Float(index % 11 - 5) / 50
          }
          return (slot.role, ParameterArray(shape: slot.shape, values: values))
        })
    }
    try WeightsFile.write(
      NetworkParameters(layers: layers), for: spec,
      to: path(cfg.replacing(".cfg", with: ".weights")))
  }
}
