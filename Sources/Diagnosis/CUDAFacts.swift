/// What NVIDIA's documents say of which versions go together (docs/setup.md names them).
package enum CUDAFacts {
  /// A release of the CUDA toolkit.
  package struct Release: Hashable, Sendable {
    package var version: Version
    /// The oldest Linux driver whose own CUDA is this one.
    package var driver: Version
    /// The newest major version of gcc that its nvcc accepts.
    package var newestGCC: Int
    /// Compute capabilities that nvcc makes code for.
    package var capabilities: ClosedRange<Version>
  }

  /// Drivers: CUDA Toolkit Release Notes, "CUDA Toolkit and Corresponding Driver Versions". gcc:
  /// CUDA Installation Guide for Linux, "Host Compiler Support Policy", and the check of
  /// `crt/host_config.h`. Capabilities: the nvcc manual's list of `--gpu-architecture`.
  package static let releases: [Release] = [
    release("8.0", "375.26", 5, "2.0", "6.2"), release("9.0", "384.81", 6, "3.0", "7.0"),
    release("9.1", "390.46", 6, "3.0", "7.0"), release("9.2", "396.26", 7, "3.0", "7.2"),
    release("10.0", "410.48", 7, "3.0", "7.5"), release("10.1", "418.39", 8, "3.0", "7.5"),
    release("10.2", "440.33", 8, "3.0", "7.5"), release("11.0", "450.51.05", 9, "3.5", "8.0"),
    release("11.1", "455.23", 10, "3.5", "8.6"), release("11.2", "460.27.03", 10, "3.5", "8.6"),
    release("11.3", "465.19.01", 10, "3.5", "8.6"), release("11.4", "470.42.01", 11, "3.5", "8.7"),
    release("11.5", "495.29.05", 11, "3.5", "8.7"), release("11.6", "510.39.01", 11, "3.5", "8.7"),
    release("11.7", "515.43.04", 11, "3.5", "8.7"), release("11.8", "520.61.05", 11, "3.5", "9.0"),
    release("12.0", "525.60.13", 12, "5.0", "9.0"), release("12.1", "530.30.02", 12, "5.0", "9.0"),
    release("12.2", "535.54.03", 12, "5.0", "9.0"), release("12.3", "545.23.06", 12, "5.0", "9.0"),
    release("12.4", "550.54.14", 13, "5.0", "9.0"), release("12.5", "555.42.02", 13, "5.0", "9.0"),
    release("12.6", "560.28.03", 13, "5.0", "9.0"), release("12.8", "570.26", 14, "5.0", "12.0"),
    release("12.9", "575.51.03", 14, "5.0", "12.1"),
    release("13.0", "580.65.06", 15, "7.5", "12.1"),
    release("13.1", "590.44.01", 15, "7.5", "12.1"),
  ]

  /// The release with this major and minor number, or the newest one before it.
  package static func release(_ version: Version) -> Release {
    releases.last { $0.version <= version.short } ?? releases[0]
  }

  /// The oldest driver that runs programs of a toolkit.
  ///
  /// From CUDA 11 on, programs of any minor release run on the drivers of the first one (CUDA
  /// Compatibility, "Minor Version Compatibility").
  package static func oldestDriver(forToolkit version: Version) -> Version {
    switch version.major {
    case 11: read("450.80.02")
    case 12: read("525.60.13")
    case 13...: read("580.65.06")
    default: release(version).driver
    }
  }

  /// The newest CUDA that a driver serves by itself; `nil` for one older than those in the table.
  package static func cuda(ofDriver driver: Version) -> Version? {
    releases.last { $0.driver <= driver }?.version
  }

  /// The oldest toolkit that makes code for a compute capability; `nil` where none does.
  package static func oldestToolkit(forCapability capability: Version) -> Version? {
    releases.first { $0.capabilities.contains(capability) }?.version
  }

  /// The newest toolkit that still makes code for a compute capability.
  package static func newestToolkit(forCapability capability: Version) -> Version? {
    releases.last { $0.capabilities.contains(capability) }?.version
  }

  // MARK: - cuDNN

  /// Major versions of CUDA that a cuDNN is made for (cuDNN's Support Matrix of each version).
  package static func cudaMajors(ofCuDNN version: Version) -> ClosedRange<Int> {
    switch version {
    case ..<Version(8): 8...10
    case ..<Version(8, 8): 10...11
    case ..<Version(9): 11...12
    case ..<Version(9, 11): 11...12
    case ..<Version(9, 12): 12...12
    default: 12...13
    }
  }

  /// The oldest compute capability that a cuDNN computes on.
  package static func oldestCapability(ofCuDNN version: Version) -> Version {
    switch version {
    case ..<Version(8, 9): Version(3, 5)
    case ..<Version(9, 11): Version(5, 0)
    default: Version(7, 5)
    }
  }

  // MARK: - libtorch

  /// The smallest compute capability that the libtorch in `.deps` has code for: PyTorch's builds
  /// for CUDA 13.0 have it for 7.5 to 12.0, and PTX of 12.0 for what comes after.
  package static let oldestCapabilityOfTorch = Version(7, 5)

  // MARK: - OpenCV

  /// The oldest OpenCV of a series (3 or 4) that builds against a CUDA; `nil` where none does.
  ///
  /// CUDA 11 has no nppicom any more (pull request 17499 of opencv), CUDA 12 no texture references
  /// (issue 23034), CUDA 13 less in `cudaDeviceProp` (issue 28136).
  package static func oldestOpenCV(series: Int, forToolkit version: Version) -> Version? {
    switch version.major {
    case ..<11: series == 3 ? Version(3, 4) : Version(4, 0)
    case 11: series == 3 ? Version(3, 4, 11) : Version(4, 4)
    case 12: series == 3 ? nil : Version(4, 7)
    default: series == 3 ? nil : Version(4, 13)
    }
  }

  /// The oldest OpenCV whose `dnn` builds against a cuDNN: 4.2 brought the CUDA engine, issue 17955
  /// of opencv tells of cuDNN 8, issue 24983 of cuDNN 9.
  package static func oldestOpenCV(forCuDNN version: Version) -> Version {
    version.major >= 9 ? Version(4, 10) : version.major == 8 ? Version(4, 4) : Version(4, 2)
  }

  /// The newest gcc that builds OpenCV with a toolkit: what nvcc accepts, but for gcc 11's
  /// `std_function.h`, on which the nvcc of CUDA 11.4 to 11.6 stumbles (issue 650 of nccl).
  package static func newestGCCForOpenCV(_ toolkit: Version) -> Int {
    let isStumbling = toolkit >= Version(11, 4) && toolkit < Version(11, 7)
    return isStumbling ? 10 : release(toolkit).newestGCC
  }

  // MARK: - Cards

  /// The compute capability of a card by its name (NVIDIA's page "CUDA GPU Compute Capability"),
  /// for drivers before 510, whose nvidia-smi does not tell it, and for Jetsons.
  package static func capability(ofCard name: String) -> Version? {
    let text = name.lowercased()
    return cards.first { entry in entry.words.contains { text.contains($0) } }?.capability
  }

  private static let cards: [(words: [String], capability: Version)] = [
    (["thor"], Version(11, 0)), (["orin"], Version(8, 7)), (["xavier"], Version(7, 2)),
    (["tx2"], Version(6, 2)), (["jetson nano", "tx1"], Version(5, 3)),
    (["quadro rtx"], Version(7, 5)), (["ada generation"], Version(8, 9)),
    (["rtx a"], Version(8, 6)), (["gtx titan x"], Version(5, 2)),
    (["b300"], Version(10, 3)), (["b200"], Version(10, 0)), (["gb10"], Version(12, 1)),
    (["geforce rtx 50", "rtx pro"], Version(12, 0)),
    (["h100", "h200", "h800"], Version(9, 0)),
    (["geforce rtx 40", "nvidia l4"], Version(8, 9)), (["a100", "a30"], Version(8, 0)),
    (["geforce rtx 30", "a10", "a40", "a16", "nvidia a2"], Version(8, 6)),
    (["geforce rtx 20", "gtx 16", "tesla t4", "titan rtx"], Version(7, 5)),
    (["v100", "titan v"], Version(7, 0)), (["p100"], Version(6, 0)),
    (["gtx 10", "tesla p4", "titan xp", "quadro p"], Version(6, 1)),
    (["gtx 9", "tesla m", "quadro m"], Version(5, 2)), (["gtx 750", "gtx 745"], Version(5, 0)),
    (["k80"], Version(3, 7)), (["k40", "k20", "gtx titan"], Version(3, 5)),
  ]

  private static func release(
    _ version: String, _ driver: String, _ gcc: Int, _ oldest: String, _ newest: String
  ) -> Release {
    Release(
      version: read(version), driver: read(driver), newestGCC: gcc,
      capabilities: read(oldest)...read(newest))
  }

  /// A version of this file, as NVIDIA writes it.
  private static func read(_ text: String) -> Version { Version(text) ?? Version(0) }
}
