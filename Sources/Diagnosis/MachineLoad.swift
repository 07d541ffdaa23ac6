/// How many programs want a machine's cores at a time, this one among them.
package struct MachineLoad: Hashable, Sendable {
  /// Programs that run or wait for a core, on the average.
  package let programs: Double
  /// Cores that there are.
  package let cores: Int

  package init(programs: Double, cores: Int) { (self.programs, self.cores) = (programs, cores) }

  /// Whether times that are measured now are in part those of waiting for a core.
  package var spoilsTimes: Bool { programs > 1.5 * Double(cores) }

  /// "4.33 programs at work on 2 cores".
  package var words: String {
    let rounded = (programs * 100).rounded() / 100
    return "\(rounded) programs at work on \(cores) core\(cores == 1 ? "" : "s")"
  }

  /// What to do where times are spoiled.
  package static let remedy = "end other programs, or wait"

  /// The programs that run or wait at this moment, by `/proc/loadavg`; nil where the kernel does not
  /// tell.
  package static func running(_ loadavg: String) -> Int? {
    // `2.09 1.27 1.51 5/101 28349`: the fourth word, of all threads.
    let words = loadavg.split(whereSeparator: \.isWhitespace)
    guard words.count > 3 else { return nil }
    return words[3].split(separator: "/").first.flatMap { Int($0) }
  }
}

/// The load of a machine over a while, from looks at moments of it.
package struct LoadWatch {
  private var sum = 0
  private var looks = 0

  package init() {}

  /// Looks once.
  package mutating func look() {
    guard let running = MachineLoad.running(readText("/proc/loadavg") ?? "") else { return }
    look(running: running)
  }

  /// Takes what a look saw.
  mutating func look(running: Int) {
    sum += running
    looks += 1
  }

  /// The load so far; nil without a look.
  ///
  /// - Parameter cores: those of the machine, for a container's neighbours count among the programs.
  package func load(cores: Int = CoreUse.cores) -> MachineLoad? {
    looks > 0 ? MachineLoad(programs: Double(sum) / Double(looks), cores: max(cores, 1)) : nil
  }
}
