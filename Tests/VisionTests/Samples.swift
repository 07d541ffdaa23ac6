import Glibc
import Storage

@testable import Vision

/// A picture whose every pixel differs from its neighbours, smooth enough for JPEG: red grows to
/// the right, green downwards, blue falls to the right.
func gradient(width: Int, height: Int, channels: Int = 3) -> Image {
  var pixels: [UInt8] = []
  for y in 0..<height {
    for x in 0..<width {
      let (right, down) = (UInt8(x * 255 / max(width - 1, 1)), UInt8(y * 255 / max(height - 1, 1)))
      pixels += channels == 1 ? [right / 2 + down / 2] : [right, down, 255 - right]
    }
  }
  return Image(width: width, height: height, channels: channels, pixels: pixels)
}

extension Image {
  /// The largest difference of a sample; nil when the sizes differ.
  func largestDifference(from other: Image) -> Int? {
    guard width == other.width, height == other.height, channels == other.channels else {
      return nil
    }
    return zip(pixels, other.pixels).map { abs(Int($0) - Int($1)) }.max() ?? 0
  }
}

/// A folder of its own for one test, removed with everything in it.
func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  var template = Array("/tmp/pare-vision-XXXXXX".utf8CString)
  guard mkdtemp(&template) != nil else {
    throw VisionError.unwritable(path: "/tmp", reason: "\(SystemError())")
  }
  let folder = template.withUnsafeBufferPointer { name in
    String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
  defer { removeFolder(folder) }
  return try body(folder)
}

private func removeFolder(_ path: String) {
  for name in entries(of: path) {
    let entry = "\(path)/\(name)"
    if unlink(entry) != 0 { removeFolder(entry) }
  }
  rmdir(path)
}

/// Names in a folder, without the two dots.
func entries(of folder: String) -> [String] {
  guard let directory = opendir(folder) else { return [] }
  defer { closedir(directory) }
  var names: [String] = []
  while let entry = readdir(directory) {
    let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    if name != "." && name != ".." { names.append(name) }
  }
  return names
}

/// What a body writes to the standard error stream of the whole process.
func standardError(of body: () throws -> Void) throws -> String {
  try withTemporaryFolder { folder in
    let saved = dup(2)
    let file = open("\(folder)/stderr", O_WRONLY | O_CREAT, 0o600)
    dup2(file, 2)
    defer {
      close(saved)
      close(file)
    }
    do {
      try body()
    } catch {
      dup2(saved, 2)
      throw error
    }
    fflush(nil)
    dup2(saved, 2)
    return String(decoding: try readFile("\(folder)/stderr"), as: UTF8.self)
  }
}

/// The formats that nearly all pictures are in.
let commonFormats: [PictureFormat] = [.jpeg, .png, .bmp, .webp, .tiff]
