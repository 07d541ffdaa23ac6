import Darknet

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A kind of file that a user names as a result, and what of its name may be replaced.
///
/// Of cfgs and weights nothing records who wrote them. So one is replaced only by another of its kind, and
/// only where that is asked for. JSON says who wrote it: only a result of Pare's own is replaced. A
/// picture, a list or a text that was named by mistake stays. An empty file may always be replaced, and
/// what is no regular file (`/dev/stdout`, a pipe) is written into.
package enum ResultFile: Sendable {
  /// A cfg of Darknet.
  case cfg
  /// Weights in Darknet's form, whole or of the first layers.
  case weights
  /// Named arrays.
  case safetensors
  /// Numbers of 32 bits and nothing else.
  case numbers
  /// An object that a command of ours wrote for `--json`.
  case json

  /// Refuses a path where something is that may not be replaced.
  ///
  /// - Parameter overwrites: whether a file of this kind may be; without it nothing may.
  package func require(_ path: String, overwrites: Bool = true) throws(FileError) {
    var status = stat()
    guard stat(path, &status) == 0 else { return }
    switch status.st_mode & S_IFMT {
    case S_IFDIR: throw .cannotWrite(path: path, reason: "it is a folder")
    case S_IFREG: break
    default: return
    }
    guard overwrites else { throw .exists(path: path) }
    guard status.st_size == 0 || isHeld(by: path, size: Int(status.st_size)) else {
      throw .otherKind(path: path, expected: name)
    }
  }

  /// Refuses a path that cannot be written, before the work that would be lost.
  package static func requirePlace(_ path: String) throws(FileError) {
    var information = stat()
    // A regular file is replaced, which needs its folder; anything else is written into.
    let isReplaced = stat(path, &information) != 0 || information.st_mode & S_IFMT == S_IFREG
    let (place, mode) = isReplaced ? (folderPath(of: path), W_OK | X_OK) : (path, W_OK)
    guard access(place, mode) == 0 else {
      throw .cannotWrite(path: path, reason: systemErrorText())
    }
  }

  private var name: String {
    switch self {
    case .cfg: "a cfg"
    case .weights: "a file of weights"
    case .safetensors: "a safetensors file"
    case .numbers: "a file of numbers"
    case .json: "JSON that pare wrote"
    }
  }

  /// Whether a file is of this kind, by its content; one that cannot be read is not.
  private func isHeld(by path: String, size: Int) -> Bool {
    guard let file = try? ReadOnlyFile(opening: path),
      let start: [UInt8] = try? file.numbers(min(size, 1 << 16), at: 0)
    else { return false }
    switch self {
    case .cfg: return (try? Configuration(contentsOf: path)) != nil
    case .weights: return WeightsHeader.begins(start) && size % 4 == 0
    case .safetensors:
      // The length of the header, then JSON.
      let length = start.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      return start.count > 8 && start[8] == UInt8(ascii: "{") && length <= UInt64(size - 8)
    case .numbers:
      guard size % 4 == 0 else { return false }
      return stride(from: 0, to: start.count - 3, by: 4).allSatisfy { place in
        let bits = start[place..<place + 4].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        // Text, and what is packed, has larger ones among its first.
        return abs(Float(bitPattern: bits)) < 1e9
      }
    case .json: return JSONOutput.isOwn(start)
    }
  }
}
