/// Processor, memory and disk, as the kernel tells them.
package struct Machine: Hashable, Sendable {
  package var model = ""
  /// Cores that this process may use, cgroup limits included.
  package var cores = 1
  /// Instruction sets that matter for tensors, such as `AVX2`.
  package var instructionSets: [String] = []
  package var memoryInBytes: Int?
  package var availableMemoryInBytes: Int?
  package var swapInBytes: Int?
  package var freeDiskInBytes: Int?

  package init() {}

  /// The machine that this runs on.
  ///
  /// - Parameter disk: a path on the disk whose free space is wanted.
  package static func current(disk: String = ".") -> Machine {
    Machine(.ofMachineFiles(disk: disk))
  }

  /// The machine of a record.
  package init(_ record: MachineRecord) {
    read(cpuinfo: record.file("/proc/cpuinfo") ?? "")
    read(meminfo: record.file("/proc/meminfo") ?? "")
    cores = record.output("nproc").flatMap { Int(trimmed($0)) } ?? 1
    limit(
      cpu: record.file("/sys/fs/cgroup/cpu.max"), memory: record.file("/sys/fs/cgroup/memory.max"))
    // A heading, then the bytes.
    freeDiskInBytes = record.output("df -B1 --output=avail .").flatMap { text in
      text.split(separator: "\n").last.flatMap { Int(trimmed($0)) }
    }
  }

  /// Reads `/proc/cpuinfo`: the model and the flags of the first processor.
  package mutating func read(cpuinfo text: String) {
    let known = [
      ("avx2", "AVX2"), ("fma", "FMA"), ("avx512f", "AVX-512"), ("avx512_vnni", "VNNI"),
      ("avx_vnni", "VNNI"), ("avx512_bf16", "BF16"), ("amx_int8", "AMX"), ("asimd", "NEON"),
      ("asimddp", "dot product"),
    ]
    for line in text.split(separator: "\n") {
      guard let colon = line.firstIndex(of: ":") else { continue }
      let key = trimmed(line[..<colon])
      let value = trimmed(line[line.index(after: colon)...])
      if key == "model name", model.isEmpty { model = value }
      if key == "flags" || key == "Features", instructionSets.isEmpty {
        let flags = Set(value.split(separator: " ").map(String.init))
        for (flag, name) in known where flags.contains(flag) && !instructionSets.contains(name) {
          instructionSets.append(name)
        }
      }
    }
  }

  /// Reads `/proc/meminfo`, in KiB.
  package mutating func read(meminfo text: String) {
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      guard words.count >= 2, let kibibytes = Int(words[1]), kibibytes < 1 << 50 else { continue }
      if words[0] == "MemTotal:" { memoryInBytes = kibibytes * 1024 }
      if words[0] == "SwapTotal:" { swapInBytes = kibibytes * 1024 }
      if words[0] == "MemAvailable:" { availableMemoryInBytes = kibibytes * 1024 }
    }
  }

  /// Applies the limits of a container: `cpu.max` and `memory.max` of cgroup version 2.
  package mutating func limit(cpu: String?, memory: String?) {
    let quota = (cpu ?? "").split { $0 == " " || $0 == "\n" }.map { Int($0) }
    if quota.count == 2, let used = quota[0], let period = quota[1], used > 0, period > 0 {
      cores = min(cores, max(1, used / period))
    }
    if let limit = Int(trimmed(memory ?? "")), limit > 0 {
      memoryInBytes = min(memoryInBytes ?? limit, limit)
      availableMemoryInBytes = min(availableMemoryInBytes ?? limit, limit)
    }
  }

  package func checks() -> [Check] {
    let sets = instructionSets.isEmpty ? "" : ", " + instructionSets.joined(separator: " ")
    let isFast = instructionSets.contains("AVX2") || instructionSets.contains("NEON")
    let plural = cores == 1 ? "" : "s"
    var checks = [
      Check(
        "processor", isFast ? .ok : .warning,
        found: "\(cores) core\(plural)\(model.isEmpty ? "" : " of \(model)")\(sets)",
        expected: "AVX2",
        fix: isFast ? "" : "use a machine with AVX2; without it tensors are several times slower")
    ]
    if let total = memoryInBytes {
      let available = availableMemoryInBytes ?? total
      let isEnough = available >= 2 << 30
      checks.append(
        Check(
          "memory", isEnough ? .ok : .warning,
          found: "\(gibibytes(available)) available of \(gibibytes(total))",
          expected: "2.0 GiB available",
          fix: isEnough ? "" : "end other programs, or use smaller pictures and batches"))
    }
    if let free = freeDiskInBytes {
      let isEnough = free >= 1 << 30
      checks.append(
        Check(
          "disk", isEnough ? .ok : .warning, found: "\(gibibytes(free)) free here",
          expected: "1.0 GiB free", fix: isEnough ? "" : "free disk space before training"))
    }
    return checks
  }
}

/// Bytes in GiB with one decimal.
package func gibibytes(_ bytes: Int) -> String {
  let tenths = (Double(bytes) / Double(1 << 30) * 10).rounded() / 10
  return "\(tenths) GiB"
}
