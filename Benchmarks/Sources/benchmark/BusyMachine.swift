import Foundation

/// What commands of `pare` lose beside another busy process, and what the bounded spin of waiting
/// threads costs on an idle machine.
///
/// Three settings are measured in turn, in every round: idle with GNU OpenMP's own spin, idle and
/// busy as `pare` starts its engine. The other process spins on one core; it is this program,
/// started once more, and ended by its number. Run it on two cores: `taskset -c 0,1` on a machine
/// with more.
func measureBusyMachine(_ options: Options) throws {
  let commands = try BusyCommands(options)
  defer { try? FileManager.default.removeItem(atPath: commands.folder) }
  try commands.prepare()
  // What GNU OpenMP takes when nothing is set (its manual names no number; its source does).
  let own = ["GOMP_SPINCOUNT": "300000"]
  let kinds = BusyCommands.Kind.allCases
  var speeds = [[Samples]](repeating: [Samples](repeating: Samples(), count: 3), count: kinds.count)
  var busyShares = [Samples](repeating: Samples(), count: kinds.count)
  var idleShares = [Samples](repeating: Samples(), count: kinds.count)
  for round in 0..<options.rounds {
    for (index, kind) in kinds.enumerated() {
      let idle = {
        // Taken in both orders, so that a machine that gets warm favours neither.
        let first = try commands.speed(kind, round % 2 == 0 ? own : [:])
        let second = try commands.speed(kind, round % 2 == 0 ? [:] : own)
        return round % 2 == 0 ? (own: first, ours: second) : (own: second, ours: first)
      }
      let (unbounded, bounded) = try idle()
      let busy = try withSpinningProcess { try commands.speed(kind, [:]) }
      for (place, value) in [unbounded, bounded, busy].enumerated() {
        speeds[index][place].append(value)
      }
      idleShares[index].append(bounded / unbounded)
      busyShares[index].append(busy / bounded)
    }
  }
  print("\(commands.title), \(options.rounds) rounds; pictures/s, median (range)")
  for (index, kind) in kinds.enumerated() {
    print("  \(kind.rawValue)")
    print("    idle, OpenMP's own spin: \(speeds[index][0])")
    print("    idle:                    \(speeds[index][1])")
    print("    one core busy:           \(speeds[index][2])")
    print("    idle over own spin:      \(idleShares[index])")
    print("    busy over idle:          \(busyShares[index])")
  }
}

/// Calls `body` beside a process that does nothing but keep a core busy.
private func withSpinningProcess<Result>(_ body: () throws -> Result) throws -> Result {
  let process = Process()
  process.executableURL = Bundle.main.executableURL
  process.arguments = ["spin"]
  try process.run()
  defer {
    process.terminate()
    process.waitUntilExit()
  }
  return try body()
}

/// Keeps a core busy for as long as the process that started this one lives.
func spin() {
  let parent = getppid()
  var turns = 0
  while turns % (1 << 20) != 0 || getppid() == parent { turns &+= 1 }
}

/// The commands that are measured, in a folder of their own.
private struct BusyCommands {
  enum Kind: String, CaseIterable {
    case train, test, detect, profile = "profile --latency"
  }

  let folder: String
  let title: String
  private let program: String
  private let size: Int
  private let batch: Int
  private let cfg: String?
  private let pictures = 128

  init(_ options: Options) throws {
    let repository = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
    program = options.program ?? "/\(repository)/.build/release/pare"
    guard FileManager.default.isExecutableFile(atPath: program) else {
      throw Problem(description: "\(program) is missing: make build, or --program")
    }
    size = options.size
    batch = options.batch
    cfg = options.cfg.map { URL(filePath: $0).path }
    title = "\(options.cfg ?? "yolov4-tiny with half its channels"), \(size) px, batch \(batch)"
    folder =
      FileManager.default.temporaryDirectory
      .appending(path: "pare-busy-\(ProcessInfo.processInfo.processIdentifier)").path
  }

  /// Pictures and a network with weights.
  func prepare() throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try run(
      "dataset synthetic --classes 4 --images \(pictures) --validation 4 --test \(pictures) "
        + "--size \(size) --output data")
    if let cfg {
      try FileManager.default.copyItem(atPath: cfg, toPath: folder + "/n.cfg")
    } else {
      try run(
        "config new yolov4-tiny --classes 4 --width-multiple 0.5 --img-size \(size) --output n.cfg")
    }
    try run(train(epochs: 1, folder: "weights"))
  }

  private func train(epochs: Int, folder: String) -> String {
    "train --cfg n.cfg --data data/data.data --img-size \(size) --batch-size \(batch) "
      + "--nominal-batch \(batch) --cache ram --device cpu --epochs \(epochs) --evaluate-every 0 "
      + "--save-every 0 --output \(folder) --overwrite --quiet --json result.json"
  }

  /// Pictures a second; for `profile` those of its passes.
  func speed(_ kind: Kind, _ environment: [String: String]) throws -> Double {
    let model = "--cfg n.cfg --weights weights/last.weights --device cpu --img-size \(size)"
    switch kind {
    case .train:
      try run(train(epochs: 3, folder: "run"), environment)
      return try number("imagesPerSecond")
    case .test:
      return try Double(pictures)
        / seconds {
          try run(
            "test \(model) --data data/data.data --split test --batch-size \(batch) --quiet",
            environment)
        }
    case .detect:
      return try Double(pictures)
        / seconds {
          try run(
            "detect \(model) --source data/images --output found --overwrite --quiet", environment)
        }
    case .profile:
      try run(
        "profile --cfg n.cfg --latency --repeats 50 --device cpu --img-size \(size) --quiet "
          + "--json result.json", environment)
      return 1000 / (try number("milliseconds"))
    }
  }

  private func run(_ line: String, _ environment: [String: String] = [:]) throws {
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = line.split(separator: " ").map(String.init)
    process.currentDirectoryURL = URL(filePath: folder)
    var variables = ProcessInfo.processInfo.environment
    for name in ["GOMP_SPINCOUNT", "OMP_WAIT_POLICY"] { variables[name] = environment[name] }
    process.environment = variables
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Problem(description: "pare \(line): status \(process.terminationStatus)")
    }
  }

  private func number(_ key: String) throws -> Double {
    let data = try Data(contentsOf: URL(filePath: folder + "/result.json"))
    let result = try JSONSerialization.jsonObject(with: data) as? [String: Any]
    guard let value = result?[key] as? Double else {
      throw Problem(description: "result.json has no number '\(key)'")
    }
    return value
  }
}
