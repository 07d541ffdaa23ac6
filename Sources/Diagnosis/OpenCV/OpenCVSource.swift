/// A source folder or archive of OpenCV that a user has, and that of opencv_contrib beside it.
package struct OpenCVSource: Hashable, Sendable {
  /// A folder, or an archive that is to be unpacked first.
  package var path: String
  package var version: Version
  /// The folder or archive of opencv_contrib.
  package var contrib: String?

  package init(path: String, version: Version, contrib: String? = nil) {
    self.path = path
    self.version = version
    self.contrib = contrib
  }

  package var isArchive: Bool { Self.isArchive(path) }

  package static func isArchive(_ path: String) -> Bool {
    [".zip", ".tar.gz", ".tgz", ".tar.xz", ".tar.bz2"].contains { path.hasSuffix($0) }
  }

  /// Reads a folder's `version.hpp`, or an archive's name; finds opencv_contrib beside it unless it
  /// is named.
  ///
  /// - Throws: ``OpenCVSourceError`` where there is no OpenCV of 3.4 or later.
  package static func read(_ path: String, contrib: String?) throws(OpenCVSourceError)
    -> OpenCVSource
  {
    let path = absolutePath(path)
    let version: Version
    if isArchive(path) {
      guard isFile(path) else { throw .absent(path) }
      // `opencv-4.8.0.zip`, `opencv_4.6.0+dfsg.orig.tar.xz`
      let name = path.split(separator: "/").last ?? ""
      guard let found = Version(name.drop { !$0.isNumber }), found.parts.count >= 2 else {
        throw .namelessArchive(path)
      }
      version = found
    } else {
      let file = "\(path)/modules/core/include/opencv2/core/version.hpp"
      guard let text = readText(file) else { throw .absent(path) }
      func number(_ name: String) -> Int? {
        Version.following("#define CV_VERSION_\(name)", in: text)?.major
      }
      guard let major = number("MAJOR"), let minor = number("MINOR") else { throw .absent(path) }
      version = Version(major, minor, number("REVISION") ?? 0)
    }
    guard version >= Version(3, 4) else { throw .tooOld(path, version) }
    var source = OpenCVSource(path: path, version: version)
    if let contrib {
      let contrib = absolutePath(contrib)
      guard isArchive(contrib) ? isFile(contrib) : isContrib(contrib) else {
        throw .noContrib(contrib)
      }
      source.contrib = contrib
    } else {
      source.contrib = [
        "\(path)/../opencv_contrib-\(version)", "\(path)/../opencv_contrib", "\(path)/contrib",
      ].first(where: isContrib).flatMap(resolvedPath)
    }
    return source
  }

  private static func isContrib(_ folder: String) -> Bool {
    isFile("\(folder)/modules/ximgproc/CMakeLists.txt")
      || isFile("\(folder)/modules/cudev/CMakeLists.txt")
  }
}

/// Why a path is no source of OpenCV.
package enum OpenCVSourceError: Error, Equatable, CustomStringConvertible {
  case absent(String)
  case namelessArchive(String)
  case tooOld(String, Version)
  case noContrib(String)

  package var description: String {
    switch self {
    case .absent(let path):
      "\(path): no source of OpenCV; name its unpacked folder (with modules/core in it) or archive"
    case .namelessArchive(let path):
      "\(path): the name does not tell the version, as opencv-4.8.0.zip does; unpack it and name "
        + "the folder"
    case .tooOld(let path, let version): "\(path): OpenCV \(version); 3.4 or later is needed"
    case .noContrib(let path):
      "\(path): no opencv_contrib; name its unpacked folder (with modules/cudev in it) or archive"
    }
  }
}
