import CVideoAPI
import Glibc

/// The optional library of videos, loaded on first use and kept.
enum VideoLibrary {
  /// Its functions.
  ///
  /// - Throws: ``VisionError/videoUnavailable(reason:)`` when it, or a library it needs, is
  ///   missing.
  static func functions() throws(VisionError) -> cvideo_api { try loaded.get() }

  private static let loaded: Result<cvideo_api, VisionError> = Result { () throws(VisionError) in
    try load(from: candidates())
  }

  /// The first of these files that can be loaded.
  static func load(from paths: [String]) throws(VisionError) -> cvideo_api {
    var reasons: [String] = []
    for path in paths {
      guard let library = dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
        let reason = dlerror().map { String(cString: $0) } ?? "cannot be loaded"
        reasons.append(reason.contains(path) ? reason : "\(path): \(reason)")
        continue
      }
      guard let symbol = dlsym(library, "cvideo_api_get") else {
        throw .videoUnavailable(reason: "\(path) is another library")
      }
      typealias Get = @convention(c) () -> UnsafePointer<cvideo_api>
      let api = unsafeBitCast(symbol, to: Get.self)().pointee
      guard api.version == CVIDEO_API_VERSION else {
        let found = "\(path) has version \(api.version), expected \(CVIDEO_API_VERSION)"
        throw .videoUnavailable(reason: found)
      }
      return api
    }
    // A file that exists and does not load tells more than one that is absent.
    let reason = reasons.first { !$0.contains("cannot open shared object file: No such file") }
    throw .videoUnavailable(reason: reason ?? reasons.first ?? "not found")
  }

  /// `libCVideo.so` beside the running program, or in `lib` beside its folder.
  static func candidates() -> [String] {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink("/proc/self/exe", &buffer, buffer.count)
    guard count > 0 else { return ["libCVideo.so"] }
    let program = String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let folder = program.lastIndex(of: "/").map { program[..<$0] } ?? "."
    return ["\(folder)/libCVideo.so", "\(folder)/../lib/libCVideo.so"]
  }
}
