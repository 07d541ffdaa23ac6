import Commands
import Darknet
import Integers
import Quantization
import Reports
import Runs
import Terminal
import Inference
import Vision

extension CSource {
  /// What is told of a network that was written as C.
  ///
  /// - Parameters:
  ///   - folder: where the files are.
  ///   - network: the options that name the network.
  package func summary(_ files: [String], in folder: String, of network: [String]) -> Summary {
    var summary = Summary()
    summary.lines.add(files)
    summary.lines.add(
      "memory for what layers give: \(Figures.bytes(arenaBytes + scratchBytes)), which layers share; each "
        + "in a place of its own they would take \(Figures.bytes(separateBytes)), and the layer that needs most "
        + "takes \(Figures.bytes(largestStepBytes)) with what it reads")
    summary.lines.add(
      "memory for weights: \(Figures.bytes(weights.count)), a byte each, 2 or 4 where the codes of a layer "
        + "need them; files of codes are smaller where these have fewer bits, for they are packed")
    summary.json = .members([
      "files": files.map(absolute), "arenaBytes": arenaBytes, "scratchBytes": scratchBytes,
      "separateBytes": separateBytes, "largestLayerBytes": largestStepBytes,
      "weightsBytes": weights.count,
      "headActivations": JSONValue.array(headActivations.map { .string($0) }),
    ])
    let channels = input.channels == 3 ? "red, green and blue" : "\(input.channels) of them"
    let (program, dump) = ("\(folder)/\(name)", IntegerRun.unusedDump)
    summary.lines.add(
      "it reads \(ProgramDump.picture), which the first command writes, or a file of raw bytes, "
        + "\(input.width)×\(input.height) of each channel, one channel after the other (\(channels)), and "
        + "writes what the heads give, as whole numbers of 32 bits that are still to be decoded"
        + (headActivations.allSatisfy { $0 == "linear" }
          ? "" : ", behind the functions that the header names for each head")
        + " (docs/formats.md, C)")
    summary.next = [
      IntegerRun.dumping(network, to: dump),
      (
        "build it",
        NextCommand(
          afterwards: "gcc",
          ["-std=c99", "-O2", "\(program).c", "\(folder)/main.c", "-o", program])
      ),
      (
        "run it once",
        NextCommand(
          afterwards: program,
          ["\(program).bin", "\(dump)/\(ProgramDump.picture)", "\(folder)/heads"])
      ),
    ]
    return summary
  }
}

extension IntegerRun {
  /// What is told of a network that was written for FPGAs.
  ///
  /// - Parameters:
  ///   - names: of the files.
  ///   - folder: where they are.
  ///   - network: the options that name the network.
  ///   - sources: pictures; what layers give is that of the first.
  package static func summary(
    ofFPGA names: [String], in folder: String, of network: [String], _ sources: [PictureSource]
  ) -> Summary {
    let paths = names.map { "\(folder)/\($0)" }
    let isGolden = { (path: String) in path.contains("/golden/") }
    var summary = Summary()
    summary.lines.add(paths.filter { !isGolden($0) })
    let golden = paths.count(where: isGolden)
    if golden > 0 {
      summary.lines.add(
        "\(folder)/golden: \(counted(golden, "file")) of \(Self.first(of: sources))")
    }
    summary.lines.add("docs/formats.md (FPGA) says what is in each")
    summary.json = .members(["files": paths.map(absolute)])
    summary.next = [dumping(network)]
    return summary
  }

  /// "a.jpg", or "a.jpg, the first of 7 pictures".
  private static func first(of sources: [PictureSource]) -> String {
    guard let first = sources.first else { return "no picture" }
    return sources.count == 1 ? "\(first)" : "\(first), the first of \(sources.count) pictures"
  }

  /// A folder for it.
  static var unusedDump: String { NextCommand.unused("runs/dump") }

  /// What shows a picture as the network reads it, to hold others' results against.
  static func dumping(_ network: [String], to folder: String = unusedDump) -> NextStep {
    (
      "write a picture as the network reads it, and what every layer makes of it, to hold yours against",
      NextCommand("quantize") + network
        + ["--dump", folder, "--source"]
        + [NextCommand.Placeholder.picture.rawValue]
    )
  }

  /// What is told of a look at a quantized network.
  ///
  /// - Parameters:
  ///   - dump: the folder that its layers were written to, and how many files.
  ///   - verification: what a comparison of engines came to.
  ///   - network: the options that name the network.
  package func summary(
    dump: (folder: String, files: Int)?, _ verification: Verification?, of network: [String]
  ) -> Summary {
    var summary = Summary()
    var members: [JSONValue.Member] = []
    if let dump {
      summary.lines.add(
        "\(dump.folder): \(counted(dump.files, "file")) of \(Self.first(of: sources))")
      members.append(.init("dump", .string(absolute(dump.folder))))
    }
    if let verification {
      let isSame = verification.end == nil
      members += [
        .init("isSame", .bool(isSame)), .init("layers", .integer(verification.layers)),
        .init("pictures", .integer(verification.pictures)),
      ]
      if let (picture, reason) = verification.end { members.append(reason.json(picture)) }
      if isSame {
        summary.lines.add(
          "the same codes in all of \(counted(verification.layers, "layer")), "
            + counted(verification.pictures, "picture"))
      }
    }
    summary.json = .object(members)
    if verification?.end == nil {
      summary.next = [
        (
          "see what the network finds",
          NextCommand("detect") + network + ["--source", "\(sources[0])"]
            + NextCommand.confidence(
              best: ModelDescription.validation(cfg: model.cfgPath, weights: model.weightsPath)?
                .confidence)
        )
      ]
    }
    return summary
  }
}

extension IntegerRun.Verification.End {
  /// For programs: where it is, and what is there.
  ///
  /// - Parameter picture: of which.
  fileprivate func json(_ picture: PictureSource) -> JSONValue.Member {
    switch self {
    case .difference(let place):
      .init(
        "difference",
        .members([
          "picture": picture.fullName, "layer": place.layer, "section": place.section,
          "channel": place.channel, "row": place.row, "column": place.column,
          "integer": place.integer,
          // What is no finite number has no code.
          "torch": place.torch == .max ? JSONValue.null : .integer(place.torch),
        ]))
    case .overflow(
      .overflow(let layer, let section, let channel, let sum, let bits, let row, let column)):
      .init(
        "overflow",
        .members([
          "picture": picture.fullName, "layer": layer, "section": section, "channel": channel,
          "row": row, "column": column, "sum": sum, "bits": bits,
        ]))
    case .overflow: .init("overflow", .members(["picture": picture.fullName]))
    }
  }
}
