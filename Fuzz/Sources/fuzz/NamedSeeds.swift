import Checkpoints
import Darknet

/// A network whose parameters have names of every kind.
let namedNetwork = """
  [net]
  width=8
  height=8
  channels=1
  [convolutional]
  batch_normalize=1
  filters=2
  size=1
  activation=leaky
  [depthwise]
  filters=2
  size=1
  activation=relu
  [shortcut]
  from=-2
  weights_type=per_feature
  [se]
  reduction=2
  [BatchNorm2d]
  [convolutional]
  filters=6
  size=1
  activation=linear
  [yolo]
  mask=0
  anchors=4,4
  classes=1
  """

/// Four numbers that tensors look into.
let seedStorage: [UInt8] = [0, 0, 128, 63, 0, 0, 0, 64, 0, 0, 64, 64, 0, 0, 128, 64]

/// State dicts in protocols 2, 0 and 4 with what checkpoints hold beside them, then each type
/// alone.
let seedPickles: [[UInt8]] =
  [
    latin1(
      "\u{80}\u{2}}(X\u{5}\0\0\0modelccollections\nOrderedDict\n)Rq\u{1}(X\u{3}\0\0\0a.b"
        + tensor("FloatStorage", "K\u{4}", "K\u{2}K\u{2}", "K\u{1}K\u{2}") + "X\u{8}\0\0\0module.c"
        + "ctorch._utils\n_rebuild_parameter\n("
        + tensor("FloatStorage", "K\u{4}", "K\u{4}", "K\u{1}") + "\u{88}NtRu"
        + "}X\u{9}\0\0\0_metadatah\u{1}sbX\u{5}\0\0\0epochK\u{7}"
        + "X\u{4}\0\0\0bestcnumpy._core.multiarray\nscalar\ncnumpy\ndtype\nX\u{2}\0\0\0f8\u{85}R"
        + "c_codecs\nencode\nX\u{1}\0\0\0a\u{85}R\u{86}RX\u{1}\0\0\0nM\u{1}\u{1}X\u{1}\0\0\0oNu."),
    latin1(
      "(dp0\nS'a'\np1\n" + tensor("HalfStorage", "I8\n", "I2\nI4\n", "I4\nI1\n")
        + "sS'l'\n(lp2\nI1\naL2L\nag1\nasVu\n(I1\nF.5\ntsS'd'\n(I1\nI2\nds."),
    latin1(
      "\u{80}\u{4}\u{95}\u{40}\0\0\0\0\0\0\0}\u{94}(\u{8C}\u{1}a"
        + "\u{8C}\u{C}torch._utils\u{8C}\u{12}_rebuild_tensor_v2\u{93}\u{94}"
        + "((X\u{7}\0\0\0storagectorch\nLongStorage\nX\u{1}\0\0\0" + "0X\u{3}\0\0\0cpuK\u{2}tQ"
        + "\u{8A}\u{1}\u{1}K\u{1}\u{85}K\u{1}\u{85}\u{89}]tR"
        + "\u{8C}\u{1}s\u{8F}(K\u{1}K\u{2}\u{90}\u{8C}\u{1}b\u{8E}\u{1}\0\0\0\0\0\0\0a"
        + "\u{8C}\u{1}cC\u{1}aX\u{1}\0\0\0tK\u{1}K\u{2}K\u{3}\u{87}"
        + "X\u{1}\0\0\0fctorch\nSize\n(K\u{1}\u{91}\u{85}\u{81}2u."),
  ]
  + ElementType.allCases.map { type in
    let name =
      switch type {
      case .float64: "DoubleStorage"
      case .float32: "FloatStorage"
      case .float16: "HalfStorage"
      case .bfloat16: "BFloat16Storage"
      case .int64: "LongStorage"
      case .int32: "IntStorage"
      case .int16: "ShortStorage"
      case .int8: "CharStorage"
      case .uint8: "ByteStorage"
      case .bool: "BoolStorage"
      }
    let count = Unicode.Scalar(UInt8(seedStorage.count / type.byteCount))
    return latin1("}X\u{1}\0\0\0a" + tensor(name, "K\(count)", "K\u{2}", "K\u{1}") + "s.")
  }

/// The code of `_rebuild_tensor_v2`, called on a look into the storage.
private func tensor(_ type: String, _ count: String, _ sizes: String, _ strides: String) -> String {
  "ctorch._utils\n_rebuild_tensor_v2\n((X\u{7}\0\0\0storagectorch\n\(type)\nX\u{1}\0\0\0"
    + "0X\u{3}\0\0\0cpu\(count)tQK\0(\(sizes)t(\(strides)tNNtR"
}

/// One byte a character, so that text and opcodes can be written together.
private func latin1(_ text: String) -> [UInt8] {
  text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
}

/// A zip archive of stored entries.
func zip(_ entries: [(name: String, contents: [UInt8])], isWide: Bool = false) -> [UInt8] {
  var file: [UInt8] = []
  var directory: [UInt8] = []
  for (name, contents) in entries {
    let checksum = little(Int(crc32(contents)), 4)
    let size = little(contents.count, 4)
    let position = file.count
    file += little(0x0403_4B50, 4) + little(20, 10) + checksum + size + size
    file += little(name.utf8.count, 4) + Array(name.utf8) + contents

    let wide = little(contents.count, 8) + little(contents.count, 8) + little(position, 8)
    let extra = isWide ? little(1, 2) + little(24, 2) + wide : []
    let unknown = little(-1, 4)
    directory += little(0x0201_4B50, 4) + little(20, 12) + checksum
    directory += isWide ? unknown + unknown : size + size
    directory += little(name.utf8.count, 2) + little(extra.count, 2) + little(0, 10)
    directory += isWide ? unknown : little(position, 4)
    directory += Array(name.utf8) + extra
  }
  let start = file.count
  file += directory
  if isWide {
    let end = file.count
    file += little(0x0606_4B50, 4) + little(44, 20) + little(entries.count, 8)
    file += little(entries.count, 8) + little(directory.count, 8) + little(start, 8)
    file += little(0x0706_4B50, 8) + little(end, 8) + little(1, 4)
  }
  file += little(0x0605_4B50, 8) + little(entries.count, 2) + little(entries.count, 2)
  return file + little(directory.count, 4) + little(start, 4) + little(0, 2)
}

/// Named arrays as a safetensors file.
func safetensors(_ arrays: [NamedArray]) -> [UInt8] {
  var data: [UInt8] = []
  let members = arrays.map { array in
    let start = data.count
    let type: String
    switch array.values {
    case .floats(let values):
      type = "F32"
      for value in values { data += little(Int(value.bitPattern), 4) }
    case .integers(let values):
      type = "I64"
      for value in values { data += little(Int(value), 8) }
    }
    return #""\#(array.name)":{"dtype":"\#(type)","shape":\#(array.shape),"#
      + #""data_offsets":[\#(start),\#(data.count)]}"#
  }
  let header = Array(
    #"{"__metadata__":{"pare.images_seen":"7"},\#(members.joined(separator: ","))}"#.utf8)
  return little(header.count, 8) + header + data
}

/// A header whose text is written in every way that JSON has.
let escapedHeader: [UInt8] = {
  let header =
    Array(
      #"{"a\"\\\/\b\f\n\r\t\u0041\uD83D\uDE00" : {"shape":[ 1 , 2 ],"data_offsets":[0,4],"dtype":"F16"},"#
        .utf8)
    + Array(#""b":{"dtype":"BOOL","shape":[],"data_offsets":[4,5]}} "#.utf8)
  return little(header.count, 8) + header + [0, 60, 0, 60, 1]
}()

private func little(_ value: Int, _ count: Int) -> [UInt8] {
  (0..<count).map { $0 < 8 ? UInt8(truncatingIfNeeded: value >> (8 * $0)) : 0 }
}

/// The checksum of zip archives, bit by bit (ISO 3309).
private func crc32(_ bytes: [UInt8]) -> UInt32 {
  ~bytes.reduce(UInt32.max) { sum, byte in
    (0..<8).reduce(sum ^ UInt32(byte)) { sum, _ in
      sum & 1 == 1 ? 0xEDB8_8320 ^ (sum >> 1) : sum >> 1
    }
  }
}
