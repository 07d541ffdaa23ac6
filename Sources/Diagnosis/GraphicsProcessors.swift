/// NVIDIA GPUs and their driver, as the kernel's files tell them; no CUDA context is made.
package struct GraphicsProcessors: Hashable, Sendable {
  /// Names such as `NVIDIA H200`, one a GPU.
  package var models: [String] = []
  /// Version of the kernel's driver, such as `580.82.07`.
  package var driver: String?
  /// What the driver's library supports, as CUDA counts: 13000 is 13.0.
  package var cudaVersion: Int?

  /// The oldest CUDA that libtorch's libraries work with.
  package static let requiredCUDA = 13_000

  package init() {}

  /// Whether libtorch can use one.
  package var isUsable: Bool { !models.isEmpty && (cudaVersion ?? 0) >= Self.requiredCUDA }

  /// The GPUs of this machine.
  package static func present() -> GraphicsProcessors {
    var found = GraphicsProcessors()
    for entry in entries(ofFolder: "/proc/driver/nvidia/gpus").sorted() {
      let text = readText("/proc/driver/nvidia/gpus/\(entry)/information") ?? ""
      found.models.append(Self.model(information: text))
    }
    if found.models.isEmpty {
      // Containers may hide the folder above but still pass the devices in.
      let devices = entries(ofFolder: "/dev").filter {
        $0.hasPrefix("nvidia") && !$0.dropFirst(6).isEmpty && $0.dropFirst(6).allSatisfy(\.isNumber)
      }
      found.models = devices.map { _ in "NVIDIA GPU" }
    }
    found.driver = readText("/proc/driver/nvidia/version").flatMap(Self.driver(version:))
    if !found.models.isEmpty { found.cudaVersion = driverCUDAVersion() }
    return found
  }

  /// The name in a GPU's `information` file.
  package static func model(information text: String) -> String {
    for line in text.split(separator: "\n") where line.hasPrefix("Model:") {
      return trimmed(String(line.dropFirst("Model:".count)))
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

  package func check() -> Check {
    guard !models.isEmpty else {
      return Check("GPU", .ok, found: "none; the CPU is used")
    }
    var counts: [(model: String, count: Int)] = []
    for model in models {
      if let index = counts.firstIndex(where: { $0.model == model }) {
        counts[index].count += 1
      } else {
        counts.append((model, 1))
      }
    }
    let names = counts.map { $0.count == 1 ? $0.model : "\($0.count) × \($0.model)" }
    let needed = Self.text(ofCUDA: Self.requiredCUDA)
    let driverText = driver.map { ", driver \($0)" } ?? ""
    guard let cudaVersion else {
      return Check(
        "GPU", .warning, found: names.joined(separator: ", ") + driverText + ", without libcuda",
        expected: "a driver for CUDA \(needed)",
        fix: "install NVIDIA's driver library (libcuda.so.1); the CPU is used until then")
    }
    let isRecent = cudaVersion >= Self.requiredCUDA
    return Check(
      "GPU", isRecent ? .ok : .warning,
      found: names.joined(separator: ", ") + driverText
        + ", CUDA \(Self.text(ofCUDA: cudaVersion))",
      expected: "a driver for CUDA \(needed)",
      fix: isRecent ? "" : "update NVIDIA's driver to 580 or newer; the CPU is used until then")
  }

  private static func text(ofCUDA version: Int) -> String {
    "\(version / 1000).\(version % 1000 / 10)"
  }
}
