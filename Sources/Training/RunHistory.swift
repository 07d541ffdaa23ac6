import Foundation
import Glibc
import Storage

/// The figures of a run's finished epochs on the disk: `history.jsonl`, a line of JSON for each.
///
/// A line is added and flushed after each epoch, so that an epoch costs as much after ten thousand
/// as after one. Checkpoints say how much of the file is theirs (``Mark``): what a killed run wrote
/// beyond its last checkpoint is cut off by the next line.
///
/// The lines count epochs from 1, as all that people read does. Files of earlier versions count
/// from 0, and go on so.
final class RunHistory {
  /// A place in the file: all lines before it.
  struct Mark: Codable, Hashable {
    /// Lines.
    var epochs = 0
    /// Their bytes.
    var bytes = 0
    /// CRC-32 of these bytes.
    var checksum: UInt32 = 0
  }

  /// The end of what counts.
  private(set) var mark = Mark()
  /// Figures of the epochs before ``mark``.
  private(set) var figures: [EpochFigures] = []
  private var path: String
  /// The number of the first line's epoch.
  private var first = 1

  private let flushes: Bool
  private let isWritten: Bool

  /// The history of a run that begins.
  ///
  /// - Parameters:
  ///   - flushes: whether each line must survive a power cut.
  ///   - isWritten: whether there is a file; another process writes it otherwise.
  init(path: String, flushes: Bool = true, isWritten: Bool = true) {
    (self.path, self.flushes, self.isWritten) = (path, flushes, isWritten)
  }

  /// The history up to a checkpoint.
  ///
  /// - Parameter isWritten: whether it goes on in the file.
  /// - Throws: ``TrainingError/damagedHistory(path:reason:)`` when it is not what the checkpoint
  ///   knew.
  init(path: String, upTo mark: Mark, isWritten: Bool = true) throws {
    self.path = path
    flushes = true
    self.isWritten = isWritten
    guard mark.epochs > 0 else { return }
    func damaged(_ reason: String) -> TrainingError { .damagedHistory(path: path, reason: reason) }
    guard let handle = FileHandle(forReadingAtPath: path) else {
      throw damaged("it is missing or cannot be read")
    }
    defer { try? handle.close() }
    let bytes = [UInt8]((try? handle.read(upToCount: mark.bytes)) ?? Data())
    guard bytes.count == mark.bytes else {
      throw damaged("it has \(bytes.count) bytes, and the checkpoint knows of \(mark.bytes)")
    }
    guard Self.checksum(bytes, after: 0) == mark.checksum else {
      throw damaged("it was changed after it was written")
    }
    let lines = bytes.split(separator: UInt8(ascii: "\n"))
    figures = try lines.enumerated().map { index, line in
      var figures = try? Self.decoder.decode(EpochFigures.self, from: Data(line))
      if index == 0, figures?.epoch == 0 { first = 0 }
      if let epoch = figures?.epoch { figures?.epoch = epoch &- first }
      guard let figures, figures.epoch == index else {
        throw damaged("line \(index + 1) is not the figures of epoch \(index + 1)")
      }
      return figures
    }
    guard figures.count == mark.epochs else {
      throw damaged("it has \(figures.count) epochs, and the checkpoint knows of \(mark.epochs)")
    }
    self.mark = mark
  }

  /// The run's folder is elsewhere now.
  func move(to path: String) { self.path = path }

  /// Adds the figures of an epoch and brings them to the disk.
  func append(_ figures: EpochFigures) throws {
    var counted = figures
    counted.epoch += first
    let line = [UInt8](try Self.encoder.encode(counted)) + [UInt8(ascii: "\n")]
    if isWritten { try write(line) }
    mark.epochs += 1
    mark.bytes += line.count
    mark.checksum = Self.checksum(line, after: mark.checksum)
    self.figures.append(figures)
  }

  private func write(_ line: [UInt8]) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw StorageError.system(path: path, SystemError()) }
    defer { close(descriptor) }
    guard ftruncate(descriptor, off_t(mark.bytes)) == 0,
      lseek(descriptor, off_t(mark.bytes), SEEK_SET) >= 0
    else { throw StorageError.system(path: path, SystemError()) }
    do { try writeAll(line, to: descriptor) } catch {
      throw StorageError.system(path: path, error)
    }
    guard !flushes || fsync(descriptor) == 0 else {
      throw StorageError.system(path: path, SystemError())
    }
  }

  private static func checksum(_ bytes: [UInt8], after start: UInt32) -> UInt32 {
    var sum = CRC32(after: start)
    bytes.withUnsafeBytes { sum.update($0) }
    return sum.value
  }

  /// JSON in one line; figures need not be finite.
  static var encoder: JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return encoder
  }

  /// Reads what ``encoder`` writes.
  static var decoder: JSONDecoder {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return decoder
  }
}
