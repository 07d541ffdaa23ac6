import CZlib

/// Unpacks zlib streams.
enum Inflater {
  /// What a stream unpacks to.
  ///
  /// Memory grows with what comes out, whatever the stream claims.
  ///
  /// - Parameter limit: the most bytes that may come out.
  /// - Throws: ``AnnotationFault`` when the stream is broken, ends early or unpacks to more.
  static func inflated(_ bytes: ArraySlice<UInt8>, limit: Int) throws(AnnotationFault) -> [UInt8] {
    var stream = z_stream()
    guard inflateInit_(&stream, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      throw AnnotationFault(reason: "zlib cannot be started")
    }
    defer { inflateEnd(&stream) }
    var output: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: min(max(4 * bytes.count, 256), 1 << 16))
    var status = Z_OK
    var input = Array(bytes)
    let inputCount = input.count
    var isTooLong = false
    input.withUnsafeMutableBufferPointer { input in
      stream.next_in = input.baseAddress
      stream.avail_in = UInt32(clamping: inputCount)
      repeat {
        let room = chunk.count
        let unused = chunk.withUnsafeMutableBufferPointer { buffer in
          stream.next_out = buffer.baseAddress
          stream.avail_out = UInt32(room)
          status = inflate(&stream, Z_NO_FLUSH)
          return Int(stream.avail_out)
        }
        isTooLong = output.count + room - unused > limit
        if !isTooLong { output += chunk[..<(room - unused)] }
        // Without an end, inflate stops for want of input (Z_BUF_ERROR) or says what is wrong.
      } while status == Z_OK && !isTooLong
    }
    guard !isTooLong else {
      throw AnnotationFault(reason: "unpacks to more than \(limit) bytes")
    }
    guard status == Z_STREAM_END else {
      throw AnnotationFault(
        reason: status == Z_BUF_ERROR ? "ends inside of packed data" : "packed data is broken")
    }
    return output
  }
}
