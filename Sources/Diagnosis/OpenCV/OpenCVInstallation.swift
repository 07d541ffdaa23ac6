/// OpenCV as pkg-config, the loader and the library itself tell it.
package struct OpenCVInstallation: Hashable, Sendable {
  /// What pkg-config knows: what programs are built against.
  package struct Module: Hashable, Sendable {
    /// `opencv4` or `opencv`.
    package var name: String
    package var version: Version
    package var prefix: String?
    /// The folder of its libraries.
    package var libraryFolder: String?
  }

  /// What the library says of how it was built.
  package struct Build: Hashable, Sendable {
    package var version: Version?
    /// Entries such as `FFMPEG` and `YES`, the first of each name.
    private var entries: [String: String] = [:]
    private var modules: Set<Substring> = []

    /// Reads what `cv::getBuildInformation()` gives.
    package init(_ text: String) {
      version = Version.following("General configuration for OpenCV ", in: text)
      for line in text.split(separator: "\n") {
        guard let colon = line.firstIndex(of: ":") else { continue }
        let name = trimmed(line[..<colon])
        let value = trimmed(line[line.index(after: colon)...])
        if entries[name] == nil { entries[name] = value }
        if name == "To be built" { modules = Set(value.split(separator: " ")) }
      }
    }

    /// The value of an entry; `nil` where it is absent, empty or `NO`.
    package subscript(name: String) -> String? {
      guard let value = entries[name], !value.isEmpty, !value.hasPrefix("NO") else { return nil }
      return value
    }

    /// Formats of pictures that can be read.
    package var pictureFormats: [String] {
      ["JPEG", "PNG", "TIFF", "WEBP", "JPEG 2000", "OpenEXR"].filter { self[$0] != nil }
    }

    /// What videos and cameras are read with.
    package var videoBackends: [String] {
      [("FFMPEG", "FFmpeg"), ("GStreamer", "GStreamer"), ("v4l/v4l2", "V4L")]
        .filter { self[$0.0] != nil }.map(\.1)
    }

    /// What draws windows: `QT5`, `GTK3`; `nil` where nothing does.
    package var windows: String? {
      if let gui = self["GUI"], gui != "NONE" { return gui }
      return self["GTK+"] != nil ? "GTK" : self["QT"] != nil ? "QT" : nil
    }

    /// The CUDA it computes with: `12.2`.
    package var cuda: Version? {
      self["NVIDIA CUDA"].flatMap { Version.following("ver ", in: $0) }
    }

    package var cuDNN: Version? { self["cuDNN"].flatMap { Version.following("ver ", in: $0) } }

    /// Whether modules of opencv_contrib are in it.
    package var hasContrib: Bool {
      self["Location (extra)"] != nil || modules.contains("ximgproc") || modules.contains("cudev")
    }
  }

  /// Modules of pkg-config, `opencv4` first.
  package var modules: [Module] = []
  /// The files of `libopencv_core` that the loader knows.
  package var libraries: [LoaderCache.Library] = []
  package var build: Build?

  static let buildInformation = "opencv_version --verbose"

  package init(_ record: MachineRecord, loader: LoaderCache) {
    for name in ["opencv4", "opencv"] {
      guard let text = record.output("pkg-config --modversion \(name)"),
        let version = Version(trimmed(text))
      else { continue }
      let prefix = record.output("pkg-config --variable=prefix \(name)").map(trimmed)
      let folder = record.output("pkg-config --variable=libdir \(name)").map(trimmed)
      modules.append(
        Module(name: name, version: version, prefix: prefix, libraryFolder: folder))
    }
    libraries = loader.versions(of: "libopencv_core")
    build = record.output(Self.buildInformation).map(Build.init)
  }

  /// The version in a library's name: 4.6 of `libopencv_core.so.406`, 4.5 of `.so.4.5d`, 3.2 of
  /// `.so.3.2`.
  package static func version(ofLibrary name: String) -> Version? {
    guard let version = Version.following("libopencv_core.so.", in: name) else { return nil }
    return version.major >= 400 ? Version(version.major / 100, version.major % 100) : version.short
  }
}
