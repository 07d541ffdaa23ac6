import Commands
import Darknet
import Integers
import Quantization
import Reports
import Runs
import Terminal

extension CSource {
  /// What is told of a network that was written as C.
  package func summary(_ files: [String]) -> Summary {
    var summary = Summary()
    summary.lines.add(files)
    summary.lines.add(
      "memory: \(Figures.bytes(arenaBytes + scratchBytes)) for codes, "
        + "\(Figures.bytes(weights.count)) of weights")
    summary.lines.add(
      "codes share it: each in a place of its own would take \(Figures.bytes(separateBytes)), the "
        + "largest layer alone takes \(Figures.bytes(largestStepBytes))")
    summary.json = .members([
      "files": files.map(absolute), "arenaBytes": arenaBytes, "scratchBytes": scratchBytes,
      "separateBytes": separateBytes, "largestLayerBytes": largestStepBytes,
      "weightsBytes": weights.count,
    ])
    return summary
  }
}

extension IntegerRun {
  /// What is told of a network that was written for FPGAs.
  ///
  /// - Parameters:
  ///   - names: of the files.
  ///   - folder: where they are.
  package static func summary(ofFPGA names: [String], in folder: String) -> Summary {
    let paths = names.map { "\(folder)/\($0)" }
    let isGolden = { (path: String) in path.contains("/golden/") }
    var summary = Summary()
    summary.lines.add(paths.filter { !isGolden($0) })
    let golden = paths.count(where: isGolden)
    if golden > 0 { summary.lines.add("\(folder)/golden: \(counted(golden, "file"))") }
    summary.json = .members(["files": paths.map(absolute)])
    return summary
  }

  /// What is told of a look at a quantized network.
  ///
  /// - Parameters:
  ///   - dump: the folder that its layers were written to, and how many files.
  ///   - verification: what a comparison of engines came to.
  package func summary(
    dump: (folder: String, files: Int)?, _ verification: Verification?
  ) -> Summary {
    var summary = Summary()
    var members: [JSONValue.Member] = []
    if let dump {
      summary.lines.add("\(dump.folder): \(counted(dump.files, "file")) of \(sources[0])")
      members.append(.init("dump", .string(absolute(dump.folder))))
    }
    if let verification {
      let isSame = verification.difference == nil
      members.append(.init("isSame", .bool(isSame)))
      if isSame {
        summary.lines.add(
          "the same codes in all of \(counted(verification.layers, "layer")), "
            + counted(verification.pictures, "picture"))
      }
    }
    summary.json = .object(members)
    return summary
  }
}
