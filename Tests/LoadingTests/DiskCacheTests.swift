import Datasets
import Foundation
import Testing
import _TestSupport

@testable import Loading

@Suite struct DiskCacheTests {
  private let picture = ScaledPicture(
    width: 3, height: 2, pixels: (0..<18).map { UInt8($0 * 13) })

  private func files(_ folder: String) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: folder).filter { $0.contains("/") }
      .map { folder + "/" + $0 }
  }

  @Test func `a picture is found again, under its own key alone`() throws {
    let folder = try TemporaryFolder()
    let path = try folder.writePicture("a.png")
    let cache = DiskCache(folder: folder.path + "/cache")
    let key = try #require(DiskCache.Key(path, inputWidth: 3, inputHeight: 3, channels: 3))
    #expect(cache.picture(key, channels: 3) == nil)
    cache.keep(picture, for: key, channels: 3)
    #expect(cache.picture(key, channels: 3) == picture)
    #expect(DiskCache(folder: cache.folder).picture(key, channels: 3) == picture)
    let other = try #require(DiskCache.Key(path, inputWidth: 3, inputHeight: 4, channels: 3))
    #expect(cache.picture(other, channels: 3) == nil)
    try folder.writePicture("a.png", width: 33)
    #expect(DiskCache.Key(path, inputWidth: 3, inputHeight: 3, channels: 3) != key)
    #expect(
      DiskCache.Key(folder.path + "/none", inputWidth: 3, inputHeight: 3, channels: 3) == nil)
    #expect(cache.problem == nil)
  }

  // Every length that a killed writer could leave, and every byte that a bad disk could change.
  @Test func `what is not whole is never taken for a picture`() throws {
    let folder = try TemporaryFolder()
    let path = try folder.writePicture("a.png")
    let cache = DiskCache(folder: folder.path + "/cache")
    let key = try #require(DiskCache.Key(path, inputWidth: 3, inputHeight: 3, channels: 3))
    cache.keep(picture, for: key, channels: 3)
    let file = try #require(try files(cache.folder).first)
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: file)))
    #expect(bytes.count == DiskCache.headerBytes + 18)
    for count in bytes.indices {
      try Data(bytes[..<count]).write(to: URL(filePath: file))
      #expect(cache.picture(key, channels: 3) == nil)
      var changed = bytes
      changed[count] ^= 0x40
      try Data(changed).write(to: URL(filePath: file))
      #expect(cache.picture(key, channels: 3) == nil)
    }
    try Data(bytes).write(to: URL(filePath: file))
    #expect(cache.picture(key, channels: 3) == picture)
    #expect(cache.picture(key, channels: 1) == nil)
  }

  @Test func `a folder that cannot be written is told once, and pictures are decoded`() throws {
    let folder = try TemporaryFolder()
    let path = try folder.writePicture("a.png", width: 8, height: 8)
    let file = try folder.write("in the way", to: "cache")
    let store = PictureStore(
      paths: [path, path], inputWidth: 16, inputHeight: 16, channels: 3, keeps: false,
      disk: DiskCache(folder: file))
    #expect(store.picture(0)?.width == 16)
    #expect(store.picture(1)?.width == 16)
    #expect(store.problems.map(\.path) == [file])
    #expect(store.problems[0].reason.hasSuffix("; pictures are decoded anew instead"))
  }

  @Test func `a cache file of huge sizes is no picture`() throws {
    let folder = try TemporaryFolder()
    let path = try folder.writePicture("a.png")
    let cache = DiskCache(folder: folder.path + "/cache")
    let key = try #require(DiskCache.Key(path, inputWidth: 8, inputHeight: 8, channels: 3))
    let picture = ScaledPicture(width: 2, height: 1, pixels: [1, 2, 3, 4, 5, 6])
    cache.keep(picture, for: key, channels: 3)
    #expect(cache.picture(key, channels: 3) == picture)
    let files = FileManager.default.enumerator(atPath: cache.folder)?.compactMap { $0 as? String }
    let file = try #require(files?.first { $0.contains("/") })
    var bytes = Array(try Data(contentsOf: URL(filePath: "\(cache.folder)/\(file)")))
    bytes.replaceSubrange(8..<16, with: [UInt8](repeating: 0xFF, count: 8))
    try Data(bytes).write(to: URL(filePath: "\(cache.folder)/\(file)"))
    #expect(cache.picture(key, channels: 3) == nil)
  }
}
