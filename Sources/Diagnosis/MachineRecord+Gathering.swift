/// The one place that asks this machine: it runs commands within limits of time, and reads files.
/// What it finds out by itself has the form of the command that would tell it.
extension MachineRecord {
  /// Processor, memory and disk.
  ///
  /// - Parameter disk: a path on the disk whose free space is wanted.
  static func ofMachineFiles(disk: String) -> MachineRecord {
    var record = MachineRecord()
    for path in [
      "/proc/cpuinfo", "/proc/meminfo", "/sys/fs/cgroup/cpu.max", "/sys/fs/cgroup/memory.max",
    ] {
      record.setFile(path, readText(path))
    }
    record.set("nproc", "\(usableCores())\n")
    record.set("df -B1 --output=avail .", freeBytes(disk).map { "Avail\n\($0)\n" })
    return record
  }

  /// The GPUs and their driver, as files tell them.
  static func ofGraphicsFiles() -> MachineRecord {
    var record = MachineRecord()
    let folder = "/proc/driver/nvidia/gpus"
    for entry in entries(ofFolder: folder).sorted() {
      let path = "\(folder)/\(entry)/information"
      record.setFile(path, readText(path) ?? "")
    }
    let devices = entries(ofFolder: "/dev").filter {
      $0.hasPrefix("nvidia") && !$0.dropFirst(6).isEmpty && $0.dropFirst(6).allSatisfy(\.isNumber)
    }
    record.set("ls /dev/nvidia[0-9]*", list(devices.sorted().map { "/dev/" + $0 }))
    record.setFile("/proc/driver/nvidia/version", readText("/proc/driver/nvidia/version"))
    if record.commands.count > 0 {
      record.set("cuDriverGetVersion", driverCUDAVersion().map { "\($0)\n" })
    }
    return record
  }

  /// All that the rules read.
  ///
  /// - Parameters:
  ///   - forBuilding: whether what only a build needs is asked too, which takes seconds.
  ///   - openCV: the library of which to ask how it was built; that of the loader by default.
  package static func ofThisMachine(forBuilding: Bool = false) -> MachineRecord {
    var record = ofMachineFiles(disk: ".")
    record.append(ofGraphicsFiles())
    for path in [
      "/etc/os-release", "/etc/nv_tegra_release", "/proc/device-tree/model", "/proc/loadavg",
      "/proc/self/limits", "/proc/modules",
    ] {
      record.setFile(path, readText(path))
    }
    for path in ["/.dockerenv", "/run/.containerenv"] where isFile(path) {
      record.set("ls \(path)", path + "\n")
    }
    for path in CUDAInstallation.cuDNNHeaders where isFile(path) {
      record.setFile(path, readText(path).map(lines(containing: "#define CUDNN_")))
    }
    record.set("lspci -n", displayControllers())
    record.set("id -u", "\(userIdentifier())\n")
    let folders = entries(ofFolder: "/usr/local").filter { $0.hasPrefix("cuda") }.sorted()
    record.set("ls -d /usr/local/cuda*", list(folders.map { "/usr/local/" + $0 }))
    record.set(
      "readlink -f /usr/local/cuda",
      resolvedPath("/usr/local/cuda").map { $0 + "\n" } ?? linkTarget("/usr/local/cuda"))
    let compilers = entries(ofFolder: "/usr/bin").filter {
      $0.hasPrefix("gcc-") && Int($0.dropFirst(4)) != nil
        || $0.hasPrefix("g++-") && Int($0.dropFirst(4)) != nil
    }
    record.set(
      "ls /usr/bin/gcc-* /usr/bin/g++-*", list(compilers.sorted().map { "/usr/bin/" + $0 }))
    record.set("command -v nvcc", programPath("nvcc").map { $0 + "\n" })
    record.set(
      "env",
      list(
        Self.variables.compactMap { name in
          environmentVariable(name).map { "\(name)=\($0)" }
        }))
    record.run(forBuilding: forBuilding)
    let loader = LoaderCache(record.output("ldconfig -p") ?? "")
    if let path = loader.versions(of: "libcudnn").first?.path, let file = resolvedPath(path) {
      record.set("readlink -f \(path)", file + "\n")
    }
    if let path = loader.versions(of: "libopencv_core").first?.path {
      record.set(OpenCVInstallation.buildInformation, buildInformation(inLibrary: path))
    }
    return record
  }

  /// Variables that decide what a build and the loader find.
  private static let variables = [
    "PATH", "LD_LIBRARY_PATH", "PKG_CONFIG_PATH", "CUDA_HOME", "CUDA_PATH", "CUDAHOSTCXX", "CC",
    "CXX", "NVIDIA_VISIBLE_DEVICES",
  ]

  private mutating func run(forBuilding: Bool) {
    let seconds: Double = forBuilding ? 30 : 10
    run(
      [
        "uname -srm", "gcc --version", "g++ --version", "ldconfig -p", "pkg-config --list-all",
        "nvcc --version", "/usr/local/cuda/bin/nvcc --version", "nvidia-smi",
        GraphicsProcessors.query, "mpirun --version",
      ]
        + (forBuilding
          ? [
            "cmake --version", "cmake --system-information", "python3 --version",
            "update-alternatives --query gcc",
          ] : []),
      secondsAtMost: seconds)
    // A program takes milliseconds to start: nothing is asked of modules that are not there.
    let modules = MachineFacts.modules(listed: output("pkg-config --list-all") ?? "")
    run(
      ["opencv4", "opencv"].filter(modules.contains).flatMap { module in
        ["--modversion", "--variable=prefix", "--variable=libdir"].map {
          "pkg-config \($0) \(module)"
        }
      }, secondsAtMost: seconds)
  }

  /// Runs commands side by side; those whose program is not there have no answer.
  private mutating func run(_ commands: [String], secondsAtMost seconds: Double) {
    // Folders that are not on everyone's path.
    let places = ["/sbin/", "/usr/sbin/", "/usr/lib/wsl/lib/"]
    var calls: [(command: String, call: ProgramCall)] = []
    for command in commands {
      let words = command.split(separator: " ").map(String.init)
      let program = programPath(words[0]) ?? places.map { $0 + words[0] }.first(where: isFile)
      guard let program else { continue }
      calls.append(
        (
          command,
          ProgramCall(
            program: program, arguments: Array(words.dropFirst()), environment: ["LC_ALL=C"])
        ))
    }
    let outputs = captureAll(calls.map(\.call), secondsAtMost: seconds)
    for (call, output) in zip(calls, outputs) {
      self[call.command] = output.map { Answer(status: Int($0.status), text: $0.text) }
    }
  }

  private mutating func set(_ command: String, _ text: String?) {
    self[command] = text.map { Answer(status: 0, text: $0) }
  }

  private mutating func append(_ other: MachineRecord) {
    for command in other.commands { self[command] = other[command] }
  }
}

private func list(_ lines: [String]) -> String? {
  lines.isEmpty ? nil : lines.joined(separator: "\n") + "\n"
}

private func lines(containing mark: String) -> (String) -> String {
  { text in text.split(separator: "\n").filter { $0.contains(mark) }.joined(separator: "\n") + "\n"
  }
}

/// Display controllers on the bus, as `lspci -n` lists them: `01:00.0 0300: 10de:2504`.
private func displayControllers() -> String? {
  let folder = "/sys/bus/pci/devices"
  return list(
    entries(ofFolder: folder).sorted().compactMap { entry in
      func hexadecimal(_ name: String) -> Substring {
        trimmed(readText("\(folder)/\(entry)/\(name)") ?? "").dropFirst(2)
      }
      let kind = hexadecimal("class").prefix(4)
      guard kind.hasPrefix("03") else { return nil }
      let slot = entry.hasPrefix("0000:") ? String(entry.dropFirst(5)) : entry
      return "\(slot) \(kind): \(hexadecimal("vendor")):\(hexadecimal("device"))"
    })
}

/// The text of `cv::getBuildInformation()`, which stands in OpenCV's core library.
private func buildInformation(inLibrary path: String) -> String? {
  guard let bytes = readBytes(path) else { return nil }
  let mark = "General configuration for OpenCV "
  guard let start = firstIndex(of: mark, in: bytes) else { return nil }
  return String(decoding: bytes[start...].prefix { $0 != 0 }, as: UTF8.self)
}
