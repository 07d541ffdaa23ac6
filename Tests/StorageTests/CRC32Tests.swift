import Storage
import Testing

@Suite struct CRC32Tests {
  // The check value of the CRC catalogue for CRC-32/ISO-HDLC.
  @Test func `the check value is the published one`() {
    #expect(CRC32.checksum(Array("123456789".utf8)) == 0xCBF4_3926)
    #expect(CRC32.checksum([]) == 0)
  }

  @Test func `pieces give the sum of the whole`() {
    let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 * 7) }
    for cut in [0, 1, 7, 8, 9, 500, 999, 1000] {
      var sum = CRC32()
      bytes[..<cut].withUnsafeBytes { sum.update($0) }
      bytes[cut...].withUnsafeBytes { sum.update($0) }
      #expect(sum.value == CRC32.checksum(bytes))
    }
  }
}
