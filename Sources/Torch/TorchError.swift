import CTorch

/// What can go wrong with tensors and the files that hold them.
public enum TorchError: Error, Equatable {
  /// libtorch refused an operation: the first line of what it said.
  case libtorch(String)
  /// A device or the host has no memory left: how much was asked for, and what is free.
  case outOfMemory(String)
  /// A device name that means nothing.
  case invalidDevice(String)
  /// A device that this machine does not have, and why.
  case noDevice(String, reason: String)
  /// As many values as `count` do not fill `shape`.
  case countMismatch(shape: [Int], count: Int)
  /// A file that cannot be read or written.
  case file(path: String, reason: String)
  /// A file whose contents are not what its format asks for.
  case malformedFile(path: String, reason: String)
  /// A file whose contents are not what was written.
  case damagedFile(path: String, part: String)
  /// A tensor that the file does not hold.
  case missingTensor(String, path: String)
}

extension TorchError: CustomStringConvertible {
  /// One line: where, what was found, what was expected.
  public var description: String { Self.printable(message) }

  private var message: String {
    switch self {
    case .libtorch(let message): message
    case .outOfMemory(let message): "out of memory: \(message)"
    case .invalidDevice(let name):
      "'\(name)' is not a device; expected auto, cpu, cuda or cuda:N"
    case .noDevice(let name, let reason): "no \(name) device: \(reason)"
    case .countMismatch(let shape, let count): "\(count) values do not fill shape \(shape)"
    case .file(let path, let reason): "\(path): \(reason)"
    case .malformedFile(let path, let reason): "\(path): not a safetensors file: \(reason)"
    case .damagedFile(let path, let part):
      "\(path): is damaged: \(part) is not what was written; copy the file anew, or use another"
    case .missingTensor(let name, let path): "\(path): has no tensor '\(name)'"
    }
  }

  /// At most 1,000 characters, none a control character: names and paths may come from a file.
  private static func printable(_ text: String) -> String {
    let scalars = text.unicodeScalars
    let shown = scalars.prefix(1000).map {
      $0.value < 0x20 || $0.value == 0x7F ? "\u{FFFD}" : $0
    }
    return String(String.UnicodeScalarView(shown)) + (scalars.count > 1000 ? "…" : "")
  }
}

/// Throws what the last call on this thread left, unless it went well.
@inline(__always)
func check(_ status: ct_status) throws(TorchError) {
  if status != CT_OK { throw lastError(status) }
}

@inline(never)
private func lastError(_ status: ct_status) -> TorchError {
  let said = String(cString: ct_last_error())
  let line = said.prefix { !$0.isNewline }
  let message = line.isEmpty ? "libtorch gave no reason" : String(line)
  return status == CT_OUT_OF_MEMORY
    ? .outOfMemory(MemoryShortage.line(of: message)) : .libtorch(message)
}
