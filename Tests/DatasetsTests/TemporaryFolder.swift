import Foundation
import Testing
import Vision

/// A folder of its own for a test, removed with the value.
final class TemporaryFolder {
  let path: String

  init() throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent(
      "pare-datasets-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file, its folders too; returns its path.
  @discardableResult func write(_ text: String, to name: String) throws -> String {
    try write(Array(text.utf8), to: name)
  }

  /// Writes a file, its folders too; returns its path.
  @discardableResult func write(_ bytes: [UInt8], to name: String) throws -> String {
    let url = URL(fileURLWithPath: path).appendingPathComponent(name)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: url)
    return url.path
  }

  /// Writes a picture of one colour; returns its path.
  @discardableResult func writePicture(
    _ name: String, width: Int = 32, height: Int = 24, color: Color = .padding
  ) throws -> String {
    let image = Image(width: width, height: height, filledWith: color)
    let format = try #require(PictureFormat(path: name))
    return try write(image.encoded(as: format), to: name)
  }

  func text(_ name: String) throws -> String {
    try String(contentsOfFile: path + "/" + name, encoding: .utf8)
  }

  func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path + "/" + name) }

}

/// Where the real inputs lie, when the environment says so.
let realData = ProcessInfo.processInfo.environment["PARE_REALDATA"]
