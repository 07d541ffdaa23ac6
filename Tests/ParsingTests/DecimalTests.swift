import Parsing
import Testing

@Suite struct DecimalTests {
  @Test func `decimals are read as the nearest double`() {
    for text in [
      "0.1", "123.456", "0.000000000000000000001", "9007199254740993", "1e22", ".7",
      "0.000000000000000000000000000000012345",
    ] {
      #expect(decimalValue(ArraySlice(text.utf8)) == Double(text))
    }
    for text in ["", ".", "-", "1e", "1e+", "1.2.3", "--1", "1 ", "nan", "Infinity", "e5"] {
      #expect(decimalValue(ArraySlice(text.utf8)) == nil)
    }
    #expect(decimal(-0.5, places: 3) == "-0.5")
    #expect(decimal(-0.0001, places: 3) == "0")
    #expect(decimal(12, places: 3) == "12")
    #expect(decimal(1.0005, places: 4) == "1.0005")
  }
}
