/// CUDA toolkits and cuDNN as they are installed.
package struct CUDAInstallation: Hashable, Sendable {
  package struct Toolkit: Hashable, Sendable {
    /// Its folder, such as `/usr/local/cuda-11.8`; `/usr` for a distribution's own.
    package var folder: String
    package var version: Version
  }

  package struct CuDNN: Hashable, Sendable {
    /// Of the header; `nil` where programs can be run with it, and none be built.
    package var header: Version?
    /// Of the library; `nil` where only the header is there.
    package var library: Version?
    package var path: String

    package var version: Version? { header ?? library }
  }

  /// All that are there, oldest first, each folder once.
  package var toolkits: [Toolkit] = []
  /// The one whose nvcc is called when `nvcc` is typed.
  package var onPath: Toolkit?
  /// Where `/usr/local/cuda` leads to.
  package var link: String?
  package var cuDNN: CuDNN?

  package init(_ record: MachineRecord, loader: LoaderCache) {
    let folders = (record.output("ls -d /usr/local/cuda*") ?? "").split(separator: "\n")
      .map(String.init)
    link = record.output("readlink -f /usr/local/cuda").map(trimmed)
    // `/usr/local/cuda-11.8`; names of a major version alone are links.
    for folder in folders {
      if let version = Version.following("/usr/local/cuda-", in: folder), version.parts.count > 1 {
        toolkits.append(Toolkit(folder: folder, version: version.short))
      }
    }
    let linked = record.output("/usr/local/cuda/bin/nvcc --version").flatMap(Self.release)
    if let linked, !toolkits.contains(where: { $0.version == linked }) {
      toolkits.append(Toolkit(folder: "/usr/local/cuda", version: linked))
    }
    if let version = record.output("nvcc --version").flatMap(Self.release) {
      let program = trimmed(record.output("command -v nvcc") ?? "/usr/local/cuda/bin/nvcc")
      let suffix = "/bin/nvcc"
      let root = program.hasSuffix(suffix) ? String(program.dropLast(suffix.count)) : program
      let known = toolkits.first {
        $0.folder == root || root == "/usr/local/cuda" && $0.version == version
      }
      let toolkit = known ?? Toolkit(folder: root, version: version)
      if known == nil { toolkits.append(toolkit) }
      onPath = toolkit
    }
    toolkits.sort { ($0.version, $0.folder) < ($1.version, $1.folder) }
    cuDNN = Self.cuDNN(record, loader)
  }

  /// The version in what nvcc prints: `Cuda compilation tools, release 11.8, V11.8.89`.
  private static func release(_ text: String) -> Version? {
    Version.following("release ", in: text)?.short
  }

  static let cuDNNHeaders = [
    "/usr/include/cudnn_version.h", "/usr/include/x86_64-linux-gnu/cudnn_version.h",
    "/usr/include/aarch64-linux-gnu/cudnn_version.h", "/usr/local/cuda/include/cudnn_version.h",
    "/usr/include/cudnn.h", "/usr/local/cuda/include/cudnn.h",
  ]

  private static func cuDNN(_ record: MachineRecord, _ loader: LoaderCache) -> CuDNN? {
    let headers = cuDNNHeaders.compactMap { path in
      record.file(path).flatMap(Self.header).map { (path: path, version: $0) }
    }
    let library = loader.versions(of: "libcudnn").first
    // The file behind the link has the whole version: `/usr/lib/libcudnn.so.8.9.7`.
    let version = library.flatMap { library in
      Version.following(
        "libcudnn.so.", in: record.output("readlink -f \(library.path)") ?? library.path)
    }
    guard !headers.isEmpty || version != nil else { return nil }
    return CuDNN(
      header: headers.first?.version, library: version,
      path: library?.path ?? headers.first?.path ?? "")
  }

  /// `#define CUDNN_MAJOR 8` and its like.
  private static func header(_ text: String) -> Version? {
    func number(_ name: String) -> Int? {
      Version.following("#define CUDNN_\(name)", in: text)?.major
    }
    guard let major = number("MAJOR"), let minor = number("MINOR") else { return nil }
    return Version(major, minor, number("PATCHLEVEL") ?? 0)
  }
}
