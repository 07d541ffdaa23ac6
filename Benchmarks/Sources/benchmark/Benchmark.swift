import Foundation
import Torch

/// Programs behind the figures on speed and memory.
///
///     benchmark training-step --cfg yolov4-tiny.cfg --python ~/venv/bin/python3
///     benchmark augmentation --cfg yolov4-tiny.cfg
///     benchmark forward-overhead
///     benchmark memory-growth
///     benchmark import
///     benchmark surgery --cfg yolov4.cfg
///     benchmark busy --size 160 --rounds 5
///     benchmark naming
@main
struct Benchmark {
  static let usage = """
    usage: benchmark training-step --cfg F [--layout contiguous|channels-last] [--python P]
           benchmark augmentation --cfg F
           benchmark forward-overhead
           benchmark memory-growth
           benchmark import
           benchmark surgery --cfg F
           benchmark busy [--cfg F, of 4 classes] [--program PARE]
           benchmark naming
    options: --batch N (8)  --size N (416)  --threads N (2)  --repeats N (5)  --rounds N (3)
    """

  static func main() {
    do {
      let options = try Options(CommandLine.arguments.dropFirst())
      if options.name == "spin" { return spin() }
      try TorchRuntime.setThreadCount(options.threads)
      print(
        "\(options.name): cpu (\(TorchRuntime.cpuCapability)), \(options.threads) threads, "
          + "libtorch \(TorchRuntime.version), commit \(commit())")
      switch options.name {
      case "training-step": try measureTrainingStep(options)
      case "augmentation": try measureAugmentation(options)
      case "forward-overhead": try measureForwardOverhead(options)
      case "memory-growth":
        if try !memoryStays(options) { exit(1) }
      case "import":
        if try !importKeepsUp(options) { exit(1) }
      case "surgery": try measureSurgery(options)
      case "busy": try measureBusyMachine(options)
      case "naming":
        if try !namingIsFlat(options) { exit(1) }
      default: throw Problem(description: usage)
      }
    } catch {
      FileHandle.standardError.write(Data("benchmark: \(error)\n".utf8))
      exit(2)
    }
  }

  /// The commit of the sources; uncommitted changes are marked.
  private static func commit() -> String {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path
    let git = { (arguments: [String]) in
      try? output(of: "/usr/bin/git", ["-C", folder] + arguments)
    }
    guard let name = git(["rev-parse", "--short", "HEAD"]) else { return "unknown" }
    return git(["status", "--porcelain", "-uno"])?.isEmpty == true ? name : name + " with changes"
  }
}

/// What a program prints on its standard output, without the last newline.
func output(of program: String, _ arguments: [String]) throws -> String {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: program)
  process.arguments = arguments
  let pipe = Pipe()
  process.standardOutput = pipe
  try process.run()
  let data = pipe.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  guard process.terminationStatus == 0 else {
    throw Problem(description: "\(program): ended with status \(process.terminationStatus)")
  }
  return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
}

/// What went wrong, in one line.
struct Problem: Error, CustomStringConvertible {
  var description: String
}
