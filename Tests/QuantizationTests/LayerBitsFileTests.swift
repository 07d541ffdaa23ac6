import Darknet
import Testing

@testable import Quantization

@Suite struct LayerBitsFileTests {
  @Test func `bits of layers are read from lines`() throws {
    let found = try LayerBitsFile.parse(
      "# layer weights reads\n0 8 8\n\n 17\t4 float # thin\r\n3 float 16", path: "b.txt")
    #expect(
      found == [
        0: .init(weights: 8, activations: 8), 17: .init(weights: 4, activations: nil),
        3: .init(weights: nil, activations: 16),
      ])
    for (text, line) in [
      ("0 8", 1), ("0 8 8\n0 4 4", 2), ("a 8 8", 1), ("0 1 8", 1), ("0 8 17", 1), ("-1 8 8", 1),
      ("0 8 8 8", 1), ("0 8 int", 1),
    ] {
      let error = try #require(throws: QuantizationError.self) {
        try LayerBitsFile.parse(text, path: "b.txt")
      }
      #expect("\(error)".hasPrefix("b.txt:\(line): "), "\(text)")
    }
  }

  // 0 and 2 are convolutions, 1 is a pool, 3 a head.
  @Test func `what the network or its target cannot have is told with its line`() throws {
    let spec = try NetworkSpec(
      Configuration(
        parsing: """
          [net]
          width=16
          height=16
          channels=3
          [convolutional]
          filters=4
          size=1
          activation=linear
          [maxpool]
          size=2
          stride=2
          [convolutional]
          filters=6
          size=1
          activation=linear
          [yolo]
          mask=0
          anchors=4,4
          classes=1
          num=1
          """, path: "n.cfg"))
    func error(_ text: String) throws -> QuantizationError? {
      try #require(throws: QuantizationError.self) {
        try LayerBitsFile.parse(text, path: "b.txt", for: spec, mostWeightBits: 7)
      }
    }
    let place = SourcePlace(path: "b.txt", line: 3)
    for layer in [1, 3, 4] {
      #expect(
        try error("0 7 8\n# next\n\(layer) float 8")
          == .unfitBits(place, .noSuchLayer(layer, layers: 4)))
    }
    let target = try #require(try error("0 7 8\n\n2 8 8"))
    #expect(target == .unfitBits(place, .tooManyWeightBits(8, most: 7)))
    #expect("\(target)".hasPrefix("b.txt:3: weights of 8 bits: what the network is for has 7"))
    let found = try LayerBitsFile.parse("2 8 16", path: "b.txt", for: spec)
    #expect(found == [2: .init(weights: 8, activations: 16)])
  }
}
