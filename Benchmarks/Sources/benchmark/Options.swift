import Torch

/// The command line.
struct Options {
  var name: String
  /// The network to measure.
  var cfg: String?
  /// Pictures a step.
  var batch = 8
  /// Width and height of the pictures, in pixels.
  var size = 416
  var threads = 2
  /// Measurements after the warm-up.
  var repeats = 5
  /// Turns of `training-step`, each a start of PyTorch and `repeats` steps a layout.
  var rounds = 3
  /// Memory layouts to measure.
  var layouts = [MemoryFormat.channelsLast, .contiguous]
  /// A Python with the same PyTorch, to measure against.
  var python: String?
  /// The program `pare`; the one that `make build` makes unless given.
  var program: String?

  init(_ arguments: ArraySlice<String>) throws {
    var rest = arguments
    guard let name = rest.popFirst() else { throw Problem(description: Benchmark.usage) }
    self.name = name
    while let flag = rest.popFirst() {
      guard let value = rest.popFirst() else {
        throw Problem(description: "\(flag) wants a value\n\(Benchmark.usage)")
      }
      switch (flag, Int(value)) {
      case ("--cfg", _): cfg = value
      case ("--python", _): python = value
      case ("--program", _): program = value
      case ("--layout", _) where value == "contiguous": layouts = [.contiguous]
      case ("--layout", _) where value == "channels-last": layouts = [.channelsLast]
      case ("--batch", let number?) where number > 0: batch = number
      case ("--size", let number?) where number > 0: size = number
      case ("--threads", let number?) where number > 0: threads = number
      case ("--repeats", let number?) where number > 0: repeats = number
      case ("--rounds", let number?) where number > 0: rounds = number
      default: throw Problem(description: "\(flag) \(value) makes no sense\n\(Benchmark.usage)")
      }
    }
  }

  func requiredCfg() throws -> String {
    guard let cfg else { throw Problem(description: "--cfg is missing\n\(Benchmark.usage)") }
    return cfg
  }
}
