import Testing

@testable import Reports

@Suite struct HeatMapTests {
  // 2×2 cells of 12 pixels below a title of 36: the fullest is opaque, half of it half so, and
  // empty ones are not drawn.
  @Test func `cells are as dark as they are full`() {
    let map = HeatMap("where <&>", columns: 2, rows: 2, values: [0, 4, 2, .nan])
    let svg = map.svg
    #expect(map.values == [0, 4, 2, 0])
    #expect(svg.contains("where &lt;&amp;&gt;"))
    let cell = "width=\"12\" height=\"12\" fill=\"#0072B2\" fill-opacity"
    #expect(svg.contains("<rect x=\"13\" y=\"36\" \(cell)=\"1.000\"/>"))
    #expect(svg.contains("<rect x=\"1\" y=\"48\" \(cell)=\"0.500\"/>"))
    #expect(svg.split(separator: "fill-opacity").count == 3)
    #expect(svg.contains("darkest: 4"))
  }

  @Test func `an empty map is a frame`() {
    let svg = HeatMap("nothing", columns: 3, rows: 1, values: [0, -1, 0]).svg
    #expect(!svg.contains("fill-opacity"))
    #expect(svg.contains("stroke=\"#888\""))
  }
}
