import Terminal

extension SafetensorsHeader {
  /// The header as JSON, with spaces at the end so that the data begins at a multiple of 8.
  func encoded() -> [UInt8] {
    var members: [String] = []
    if !metadata.isEmpty {
      let pairs = metadata.sorted { $0.key < $1.key }.map {
        $0.key.quotedAsJSON + ":" + $0.value.quotedAsJSON
      }
      members.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
    }
    for entry in entries {
      let type = Self.typeNames.first { $0.dtype == entry.dtype }?.name ?? ""
      let shape = entry.shape.map(String.init).joined(separator: ",")
      members.append(
        "\(entry.name.quotedAsJSON):{\"dtype\":\"\(type)\",\"shape\":[\(shape)],"
          + "\"data_offsets\":[\(entry.range.lowerBound),\(entry.range.upperBound)]}")
    }
    var bytes = [UInt8]("{\(members.joined(separator: ","))}".utf8)
    while !bytes.count.isMultiple(of: 8) { bytes.append(UInt8(ascii: " ")) }
    return bytes
  }
}
