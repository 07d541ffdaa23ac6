import Datasets
import Testing
import _TestSupport

@Suite struct VOCAnnotationTests {
  @Test func `any bytes end in objects or a fault`() {
    let valid = Array(
      """
      <?xml version="1.0" encoding="UTF-8"?><!DOCTYPE annotation><!-- c --><annotation v="1">
      <filename>a&amp;b.jpg</filename><size><width>640</width><height>480</height></size>
      <object><name><![CDATA[RBC]]></name><difficult>0</difficult><bndbox><xmin>1.5</xmin>
      <ymin>2</ymin><xmax>30</xmax><ymax>40</ymax></bndbox><part/></object></annotation>
      """.utf8)
    var random = SampleRandom(seed: 2)
    var faults = 0
    for _ in 0..<20_000 {
      var bytes = valid
      for _ in 0...random.integer(below: 4) {
        let place = random.integer(below: bytes.count)
        let length = min(1 + random.integer(below: 12), bytes.count - place)
        switch random.integer(below: 4) {
        case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
        case 1: bytes.removeSubrange(place..<(place + length))
        case 2: bytes.insert(contentsOf: bytes[place..<(place + length)], at: place)
        default: bytes.removeSubrange(place...)
        }
        if bytes.isEmpty { bytes = [0x3C] }
      }
      do {
        let annotation = try VOCAnnotation(parsing: bytes)
        #expect(annotation.objects.count <= bytes.count / 8)
      } catch {
        faults += 1
        #expect(error.line ?? 0 >= 1 && !error.reason.isEmpty)
      }
    }
    #expect(faults > 10_000)
  }
}
