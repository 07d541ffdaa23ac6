/// NVIDIA GPUs and their driver, as the kernel's files and `nvidia-smi` tell them; no CUDA context
/// is made.
package struct GraphicsProcessors: Hashable, Sendable {
  /// Why a card that is there cannot be used.
  package enum Problem: Hashable, Sendable {
    /// The card is on the bus, and there is no driver.
    case noDriver
    /// The driver is installed, and the kernel has not loaded it.
    case notLoaded
    /// The kernel runs another version of the driver than the libraries are of.
    case versionMismatch
    /// A container that the card was not given to.
    case notPassed
    /// The card was there when the container started, and is not any more.
    case lostInContainer
    /// What nvidia-smi says otherwise.
    case other(String)
  }

  /// Names such as `NVIDIA H200`, one a GPU.
  package var models: [String] = []
  /// Compute capability of each GPU, where it is known, such as `9.0`.
  package var capabilities: [Version?] = []
  /// Version of the kernel's driver, such as `580.82.07`.
  package var driver: String?
  /// What the driver's library supports, as CUDA counts: 13000 is 13.0.
  package var cudaVersion: Int?
  package var problem: Problem?
  /// Whether the kernel runs nouveau, which keeps NVIDIA's driver out.
  package var hasNouveau = false

  /// The oldest CUDA that libtorch's libraries work with.
  package static let requiredCUDA = 13_000

  package init() {}

  /// Whether libtorch can use one.
  package var isUsable: Bool {
    !models.isEmpty && problem == nil && (cudaVersion ?? 0) >= Self.requiredCUDA
      && capabilities.contains { $0.map { $0 >= CUDAFacts.oldestCapabilityOfTorch } ?? true }
  }

  /// The GPUs of this machine, by the kernel's files alone.
  package static func present() -> GraphicsProcessors {
    GraphicsProcessors(.ofGraphicsFiles(), platform: Platform(MachineRecord()))
  }

  /// The GPUs of a record.
  package init(_ record: MachineRecord, platform: Platform) {
    let folder = "cat /proc/driver/nvidia/gpus/"
    for command in record.commands where command.hasPrefix(folder) {
      models.append(Self.model(information: record.output(command) ?? ""))
    }
    if models.isEmpty {
      // Containers may hide the folder above but still pass the devices in.
      let devices = (record.output("ls /dev/nvidia[0-9]*") ?? "").split(separator: "\n")
      models = devices.map { _ in "NVIDIA GPU" }
    }
    if models.isEmpty, let jetson = platform.jetson { models = [jetson] }
    driver = record.file("/proc/driver/nvidia/version").flatMap(Self.driver(version:))
    cudaVersion = record.output("cuDriverGetVersion").flatMap { Int(trimmed($0)) }
    let isOnBus = (record.output("lspci -n") ?? "").split(separator: "\n").contains {
      $0.contains(" 10de:") && $0.contains(" 03")
    }
    hasNouveau = (record.file("/proc/modules") ?? "").split(separator: "\n").contains {
      $0.hasPrefix("nouveau ")
    }
    read(record["nvidia-smi"], query: record.output(Self.query))
    capabilities += models.dropFirst(capabilities.count).map(CUDAFacts.capability(ofCard:))
    if models.isEmpty, problem == nil, isOnBus { problem = .noDriver }
    if platform.isContainer { judgeContainer() }
    if models.isEmpty, isOnBus { models = ["NVIDIA card"] }
  }

  static let query =
    "nvidia-smi --query-gpu=name,compute_cap,driver_version,memory.total --format=csv,noheader"

  private mutating func read(_ table: MachineRecord.Answer?, query: String?) {
    guard let table else { return }
    guard table.status == 0 else {
      let text = table.text
      problem =
        text.contains("version mismatch")
        ? .versionMismatch
        : text.contains("couldn't communicate with the NVIDIA driver")
          ? .notLoaded : .other(firstLine(text))
      return
    }
    // `NVIDIA H200, 9.0, 580.159.04, 143771 MiB`
    let rows = (query ?? "").split(separator: "\n").map { $0.split(separator: ",").map(trimmed) }
      .filter { $0.count == 4 }
    if !rows.isEmpty {
      models = rows.map { $0[0] }
      capabilities = rows.map { Version($0[1]) }
    } else if models.isEmpty || models.allSatisfy({ $0 == "NVIDIA GPU" }) {
      models = Self.names(table: table.text)
    }
    driver = driver ?? Version.following("Driver Version:", in: table.text)?.description
    if let cuda = Version.following("CUDA Version:", in: table.text) {
      cudaVersion = cudaVersion ?? (cuda.major * 1000 + cuda.minor * 10)
    }
  }

  /// Names in the table of nvidia-smi, which cuts long ones: `|   0  NVIDIA H200    On  | …`.
  private static func names(table: String) -> [String] {
    table.split(separator: "\n").compactMap { line in
      let cell = trimmed(line.drop { $0 == "|" }.prefix { $0 != "|" })
      guard let space = cell.firstIndex(of: " "), Int(cell[..<space]) != nil else { return nil }
      // The persistence mode ends the name; processes have none.
      let words = cell[space...].split(separator: " ")
      let end = words.firstIndex { $0 == "On" || $0 == "Off" }
      return end.map { words[..<$0].joined(separator: " ") }
    }
  }

  private mutating func judgeContainer() {
    if case .other(let text) = problem, text.contains("Failed to initialize NVML: Unknown Error") {
      problem = .lostInContainer
    } else if problem == .noDriver || models.isEmpty && driver != nil {
      problem = .notPassed
    }
  }

  /// The name in a GPU's `information` file.
  package static func model(information text: String) -> String {
    for line in text.split(separator: "\n") where line.hasPrefix("Model:") {
      return trimmed(line.dropFirst("Model:".count))
    }
    return "NVIDIA GPU"
  }

  /// The version in `/proc/driver/nvidia/version`: the first word that looks like `580.82.07`.
  package static func driver(version text: String) -> String? {
    text.split { $0 == " " || $0 == "\n" }.map(String.init).first { word in
      let parts = word.split(separator: ".", omittingEmptySubsequences: false)
      return parts.count >= 2 && parts.allSatisfy { !$0.isEmpty && $0.allSatisfy(\.isNumber) }
    }
  }

  /// The newest CUDA that the driver serves: what its library says, else what its version tells.
  package var servedCUDA: Version? {
    if let cudaVersion { return Version(cudaVersion / 1000, cudaVersion % 1000 / 10) }
    return driver.flatMap { Version($0) }.flatMap(CUDAFacts.cuda(ofDriver:))
  }

  /// Compute capabilities that are there, each once, the smallest first.
  package var distinctCapabilities: [Version] { Set(capabilities.compactMap { $0 }).sorted() }
}
