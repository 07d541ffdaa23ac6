/// The system that a record is of: distribution, processor, and what it runs inside.
package struct Platform: Hashable, Sendable {
  /// Distributions that share a package manager and the names of packages.
  package enum Family: String, Hashable, Sendable {
    case debian, ubuntu, fedora, redHat, suse, arch, other
  }

  package var family = Family.other
  /// Such as `Ubuntu 22.04.4 LTS`.
  package var name = "unknown Linux"
  package var version: Version?
  /// Such as `x86_64` or `aarch64`.
  package var architecture = "x86_64"
  /// Windows' subsystem for Linux, whose driver is Windows'.
  package var isWSL = false
  /// The board's name where this is a Jetson, whose driver and CUDA come with JetPack.
  package var jetson: String?
  package var isContainer = false
  /// Whether commands are root's.
  package var isRoot = false

  package init(_ record: MachineRecord) {
    let lines = (record.file("/etc/os-release") ?? "").split(separator: "\n")
    func value(_ key: String) -> String {
      let line = lines.first { $0.hasPrefix(key + "=") }
      return line?.dropFirst(key.count + 1).filter { $0 != "\"" } ?? ""
    }
    let identifiers = ([value("ID")] + value("ID_LIKE").split(separator: " ").map(String.init))
    family = identifiers.lazy.compactMap(Self.family(identifier:)).first ?? .other
    if !value("PRETTY_NAME").isEmpty { name = value("PRETTY_NAME") }
    version = Version(value("VERSION_ID"))
    let kernel = record.output("uname -srm") ?? ""
    architecture = kernel.split(whereSeparator: \.isWhitespace).last.map(String.init) ?? "x86_64"
    isWSL = kernel.contains("microsoft") || kernel.contains("Microsoft")
    let board = trimmed((record.file("/proc/device-tree/model") ?? "").filter { $0 != "\0" })
    if record.file("/etc/nv_tegra_release") != nil || board.contains("Jetson") {
      jetson = board.isEmpty ? "NVIDIA Jetson" : board
    }
    isRoot = record.output("id -u").map(trimmed) == "0"
    isContainer = ["/.dockerenv", "/run/.containerenv"].contains {
      record.output("ls \($0)") != nil
    }
  }

  private static func family(identifier: String) -> Family? {
    switch identifier {
    case "debian", "raspbian": .debian
    case "ubuntu", "linuxmint", "pop": .ubuntu
    case "fedora": .fedora
    case "rhel", "centos", "rocky", "almalinux", "ol", "amzn": .redHat
    case "opensuse", "opensuse-leap", "opensuse-tumbleweed", "sles", "suse": .suse
    case "arch", "manjaro": .arch
    default: nil
    }
  }

  /// Whether packages are Debian's `.deb`.
  package var isDebianLike: Bool { family == .debian || family == .ubuntu }

  /// The newest major version of gcc up to a limit that the distribution has packages of; `nil`
  /// where it has none, the limit where that is not known.
  package func packagedCompiler(atMost newest: Int) -> Int? {
    let packaged: ClosedRange<Int>
    switch (family, version?.major) {
    case (.ubuntu, 18): packaged = 5...8
    case (.ubuntu, 20): packaged = 7...10
    case (.ubuntu, 22): packaged = 9...12
    case (.ubuntu, 24): packaged = 9...14
    case (.debian, 11): packaged = 9...10
    case (.debian, 12): packaged = 11...12
    case (.debian, 13): packaged = 12...14
    default: return newest
    }
    return newest < packaged.lowerBound ? nil : min(newest, packaged.upperBound)
  }

  /// `sudo `; nothing for root, and inside a container, where one is root and sudo is rarely there.
  package var sudo: String { isContainer || isRoot ? "" : "sudo " }

  /// The line that installs packages; empty where none has a name here.
  package func install(_ packages: [SystemPackage]) -> String {
    var names: [String] = []
    for name in packages.flatMap({ $0.names(family) }) where !names.contains(name) {
      names.append(name)
    }
    guard !names.isEmpty else { return "" }
    let list = names.joined(separator: " ")
    switch family {
    case .debian, .ubuntu: return "\(sudo)apt-get install \(list)"
    case .fedora, .redHat: return "\(sudo)dnf install \(list)"
    case .suse: return "\(sudo)zypper install \(list)"
    case .arch: return "\(sudo)pacman -S \(list)"
    case .other: return "install with your package manager: \(list)"
    }
  }

  package func install(_ packages: SystemPackage...) -> String { install(packages) }
}

/// What a distribution's packages bring, whatever they are called there.
package enum SystemPackage: Hashable, Sendable {
  /// gcc and g++: of this major version, or those of the distribution.
  case compilers(Int?)
  case make, cmake, pkgConfig
  case gtk, tbb, v4l, openGL, ffmpeg, gstreamer
  case jpeg, png, tiff, webp
  case python
  case openCV
  /// NVIDIA's driver.
  case driver

  /// Names in the repositories of a family. `.other` has Debian's, which are known best.
  package func names(_ family: Platform.Family) -> [String] {
    let isRPM = family == .fedora || family == .redHat || family == .suse
    func choose(_ debian: String, _ rpm: String, _ arch: String) -> [String] {
      (family == .arch ? arch : isRPM ? rpm : debian).split(separator: " ").map(String.init)
    }
    switch self {
    case .compilers(let major):
      guard let major else { return choose("g++", "gcc-c++", "gcc") }
      if family == .redHat { return ["gcc-toolset-\(major)-gcc-c++"] }
      return choose("gcc-\(major) g++-\(major)", "gcc\(major)-c++", "gcc\(major)")
    case .make: return ["make"]
    case .cmake: return ["cmake"]
    case .pkgConfig: return choose("pkg-config", "pkgconf-pkg-config", "pkgconf")
    case .gtk: return choose("libgtk-3-dev", "gtk3-devel", "gtk3")
    case .tbb: return choose("libtbb-dev", "tbb-devel", "tbb")
    case .v4l: return choose("libv4l-dev", "libv4l-devel", "v4l-utils")
    case .openGL:
      return choose("libgl1-mesa-dev libglu1-mesa-dev", "mesa-libGL-devel mesa-libGLU-devel", "glu")
    case .ffmpeg:
      return choose(
        "libavcodec-dev libavformat-dev libswscale-dev",
        "libavcodec-free-devel libavformat-free-devel libswscale-free-devel", "ffmpeg")
    case .gstreamer:
      return choose(
        "libgstreamer1.0-dev libgstreamer-plugins-base1.0-dev",
        "gstreamer1-devel gstreamer1-plugins-base-devel", "gstreamer gst-plugins-base")
    case .jpeg: return choose("libjpeg-dev", "libjpeg-turbo-devel", "libjpeg-turbo")
    case .png: return choose("libpng-dev", "libpng-devel", "libpng")
    case .tiff: return choose("libtiff-dev", "libtiff-devel", "libtiff")
    case .webp: return choose("libwebp-dev", "libwebp-devel", "libwebp")
    case .python:
      return choose("python3-dev python3-numpy", "python3-devel python3-numpy", "python-numpy")
    case .openCV: return choose("libopencv-dev", "opencv-devel", "opencv")
    case .driver:
      switch family {
      case .ubuntu: return ["nvidia-driver-580"]
      case .debian, .other: return ["nvidia-driver"]
      case .fedora: return ["akmod-nvidia", "xorg-x11-drv-nvidia-cuda"]
      case .redHat: return ["nvidia-open"]
      case .suse: return ["nvidia-open-driver-G06-signed-kmp-meta"]
      case .arch: return ["nvidia-open", "nvidia-utils"]
      }
    }
  }
}
