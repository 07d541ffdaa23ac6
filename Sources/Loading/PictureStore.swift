import Darknet
import Datasets
import Vision

/// A picture scaled to the network's input.
struct ScaledPicture: Hashable, Sendable {
  var width, height: Int
  /// `height × width × channels` samples, rows from the top.
  var pixels: [UInt8]
}

/// Where decoded pictures are kept between epochs.
public enum PictureCache: String, CaseIterable, Codable, Hashable, Sendable {
  /// Nowhere: every use decodes the file again.
  case none
  /// In the computer's memory.
  case ram
  /// In files, which later runs find again.
  case disk
  /// In the training device's memory, where batches are then put together; on a CPU the same as
  /// ``ram``.
  case device
}

/// Decodes and scales pictures, keeps them if asked to, and remembers which cannot be read.
///
/// Any thread may ask. A picture is scaled once: until it touches two sides of the input, or to all
/// of it.
final class PictureStore: @unchecked Sendable {
  let paths: [String]
  let inputWidth, inputHeight, channels: Int
  let fit: PictureFit
  private let keeps: Bool
  private let disk: DiskCache?
  private let lock = ConditionLock()
  private var kept: [Int: ScaledPicture] = [:]
  private var broken: [Int: String] = [:]

  /// - Parameters:
  ///   - keeps: whether pictures stay in memory.
  ///   - disk: where else they are looked for and kept.
  init(
    paths: [String], inputWidth: Int, inputHeight: Int, channels: Int,
    fit: PictureFit = .letterbox, keeps: Bool, disk: DiskCache? = nil
  ) {
    self.paths = paths
    (self.inputWidth, self.inputHeight) = (inputWidth, inputHeight)
    (self.channels, self.fit, self.keeps, self.disk) = (channels, fit, keeps, disk)
  }

  /// Pictures that are in memory already.
  init(pictures: [ScaledPicture], inputWidth: Int, inputHeight: Int) {
    paths = pictures.map { _ in "" }
    (self.inputWidth, self.inputHeight) = (inputWidth, inputHeight)
    (channels, fit, keeps, disk) = (3, .letterbox, true, nil)
    kept = Dictionary(uniqueKeysWithValues: pictures.enumerated().map { ($0, $1) })
  }

  /// The pictures that could not be read so far, in the order of the data set, and what is wrong
  /// with the cache on disk.
  var problems: [DatasetProblem] {
    lock.withLock { broken.sorted { $0.key < $1.key } }.map {
      DatasetProblem(path: paths[$0.key], reason: $0.value)
    } + [disk?.problem].compactMap { $0 }
  }

  /// The picture at `index`; nil when it cannot be read, for reasons given in ``problems``.
  func picture(_ index: Int) -> ScaledPicture? {
    let known: (picture: ScaledPicture?, isBroken: Bool) = lock.withLock {
      (kept[index], broken[index] != nil)
    }
    if known.isBroken { return nil }
    if let picture = known.picture { return picture }
    do {
      let picture = try scaled(index)
      if keeps { lock.withLock { kept[index] = picture } }
      return picture
    } catch {
      setBroken(index, error)
      return nil
    }
  }

  /// The picture at `index` or the next readable one after it, in circles within `pool`; nil when
  /// there is none.
  ///
  /// Which one that is follows from the files alone, not from who asked first.
  func readablePicture(_ index: Int, in pool: Range<Int>) -> (index: Int, picture: ScaledPicture)? {
    for offset in 0..<pool.count {
      let candidate = pool.lowerBound + (index - pool.lowerBound + offset) % pool.count
      if let picture = picture(candidate) { return (candidate, picture) }
    }
    return nil
  }

  /// The size that the picture at `index` is scaled to, from its header; nil when that is broken.
  func scaledSize(_ index: Int) -> (width: Int, height: Int)? {
    do {
      let geometry = try geometry(PictureHeader(contentsOf: paths[index]))
      return (geometry.scaledWidth, geometry.scaledHeight)
    } catch {
      setBroken(index, error)
      return nil
    }
  }

  /// From the disk, where it is kept there, or from its own file.
  private func scaled(_ index: Int) throws -> ScaledPicture {
    guard let disk,
      let key = DiskCache.Key(
        paths[index], inputWidth: inputWidth, inputHeight: inputHeight, channels: channels, fit: fit
      )
    else { return try decode(index) }
    if let picture = disk.picture(key, channels: channels) { return picture }
    let picture = try decode(index)
    disk.keep(picture, for: key, channels: channels)
    return picture
  }

  private func decode(_ index: Int) throws -> ScaledPicture {
    let geometry = try geometry(PictureHeader(contentsOf: paths[index]))
    let image = try Image(
      contentsOf: paths[index], channels: channels, shrunkTowards: max(inputWidth, inputHeight))
    let scaled = try image.scaled(geometry)
    return ScaledPicture(width: scaled.width, height: scaled.height, pixels: scaled.pixels)
  }

  private func geometry(_ header: PictureHeader) -> InputGeometry {
    InputGeometry(
      pictureWidth: header.width, pictureHeight: header.height, inputWidth: inputWidth,
      inputHeight: inputHeight, fit: fit)
  }

  private func setBroken(_ index: Int, _ error: any Error) {
    let reason = reason(error, at: paths[index])
    lock.withLock { broken[index] = reason }
  }
}
