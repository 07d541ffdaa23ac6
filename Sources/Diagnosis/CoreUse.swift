/// How long each core that this process may use has worked, and how long it has been counted, in
/// ticks of the kernel since its start.
package struct CoreUse: Hashable, Sendable {
  private struct Ticks: Hashable {
    var working: Int
    var all: Int
  }

  private var cores: [Int: Ticks] = [:]

  /// How many there are; a container's limits, which are of time, are not among them.
  package var count: Int { cores.count }

  /// The state of the moment; of no core where the kernel does not tell.
  package static func current() -> CoreUse {
    CoreUse(stat: readText("/proc/stat") ?? "", status: readText("/proc/self/status") ?? "")
  }

  /// How many cores the machine has, those too that this process may not use.
  package static var cores: Int { CoreUse(stat: readText("/proc/stat") ?? "", status: "").count }

  /// Reads `/proc/stat` and, for the cores that count, `/proc/self/status`.
  package init(stat: String, status: String) {
    let allowed = Self.allowedCores(status)
    for line in stat.split(separator: "\n") where line.hasPrefix("cpu") {
      let words = line.split(separator: " ")
      guard let name = words.first, let number = Int(name.dropFirst(3)),
        allowed?.contains(number) ?? true
      else { continue }
      // user nice system idle iowait irq softirq steal; guests are part of user.
      let ticks = words.dropFirst().prefix(8).map { Int($0) ?? 0 }
      guard ticks.count >= 5 else { continue }
      let all = ticks.reduce(0, &+)
      cores[number] = Ticks(working: all &- ticks[3] &- ticks[4], all: all)
    }
  }

  /// The numbers of a line such as `Cpus_allowed_list: 0-1,4`; nil without one.
  private static func allowedCores(_ status: String) -> Set<Int>? {
    guard
      let line = status.split(separator: "\n").first(where: { $0.hasPrefix("Cpus_allowed_list:") })
    else { return nil }
    var cores: Set<Int> = []
    for part in line.dropFirst("Cpus_allowed_list:".count).split(whereSeparator: {
      " \t,".contains($0)
    }) {
      let ends = part.split(separator: "-").compactMap { Int($0) }
      guard let first = ends.first, let last = ends.last, first <= last, last < 1 << 16 else {
        continue
      }
      cores.formUnion(first...last)
    }
    return cores
  }

  /// How many cores worked since an earlier state, `0...` their number.
  package func workingCores(since earlier: CoreUse) -> Double {
    cores.reduce(0) { sum, core in
      guard let before = earlier.cores[core.key] else { return sum }
      let all = core.value.all &- before.all
      let working = core.value.working &- before.working
      return all > 0 ? sum + min(max(Double(working) / Double(all), 0), 1) : sum
    }
  }
}
