import Testing

@testable import Reports

@Suite struct EventWriterTests {
  // Recipe, with tensorboard 2.21 and crc32c 2.9 of PyPI: Event messages of
  // tensorboard.compat.proto.event_pb2 with wall_time 1700000000.5, serialised, each framed as
  // struct.pack("<Q", len), masked crc32c of it, the message, masked crc32c of it:
  //   file_version="brain.Event:2"
  //   step=7, session_log.status=START
  //   step=300, summary: ("train/loss", 0.1), ("map", -2.5)
  //   step=301, summary: "gamma", histo min=1 max=5 num=4 sum=12 sum_squares=46
  //     bucket_limit=[1, 3, 5] bucket=[0, 2, 2]
  private let expected = bytes(
    """
    1800000000000000a37f4b220900002040fc54d9411a0d627261696e2e4576656e743a322b3531100f0000000000
    00006d532b090900002040fc54d94110073a0208019beb06a72d000000000000003c418afb0900002040fc54d941
    10ac022a1f0a110a0a747261696e2f6c6f737315cdcccc3d0a0a0a036d617015000020c0f60373d67a0000000000
    0000138986780900002040fc54d94110ad022a6c0a6a0a0567616d6d612a6109000000000000f03f110000000000
    0014401900000000000010402100000000000028402900000000000047403218000000000000f03f000000000000
    084000000000000014403a18000000000000000000000000000000400000000000000040895c7b94
    """)

  @Test func `the file equals TensorBoard's own, byte by byte`() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/events"
      do {
        let writer = try EventWriter(path: path, firstStep: 7) { 1_700_000_000.5 }
        try writer.scalars([("train/loss", 0.1), ("map", -2.5)], step: 300)
        try writer.histogram("gamma", Histogram([1, 2, 4, 5], bins: .count(2)), step: 301)
        try writer.flush()
      }
      #expect(try readFile(path) == expected)
    }
  }

  // RFC 3720, appendix B.4, and the check value of the CRC catalogue.
  @Test func `checksums are Castagnoli's`() {
    #expect(crc32C(Array("123456789".utf8)) == 0xE306_9283)
    #expect(crc32C([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
    #expect(crc32C([]) == 0)
  }

  @Test func `a file of a folder has the name that TensorBoard looks for`() throws {
    try withTemporaryFolder { folder in
      let writer = try EventWriter(folder: folder)
      try writer.scalar("loss", 1, step: 1)
      let names = entries(of: folder)
      #expect(names.count == 1)
      #expect(names.allSatisfy { $0.hasPrefix("events.out.tfevents.1") })
      #expect(writer.path.hasPrefix(folder))
    }
  }

  @Test func `a folder that is not there is explained`() {
    let error = #expect(throws: ReportsError.self) { try EventWriter(folder: "/nowhere/at/all") }
    guard case .unwritable(_, "No such file or directory") = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func `a full disk is explained`() throws {
    #expect(
      throws: ReportsError.unwritable(path: "/dev/full", reason: "No space left on device")
    ) {
      try EventWriter(path: "/dev/full", firstStep: nil) { 0 }
    }
  }
}
