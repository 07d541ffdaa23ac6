import Foundation
import Testing
import _TestSupport

/// Weights that others trained, with 8 bits.
@Suite(.enabled(if: Workspace.isBuilt && realData != nil, "PARE_REALDATA is not set"))
struct RealQuantizeTests {
  // Five pictures calibrate and judge. All objects above 0.25 are found again; confidences differ by
  // 0.020 to 0.021 in the median, as processors add up float numbers in one order or another.
  @Test func `a depthwise network finds nearly all that it found in float`() throws {
    try Workspace.with { space in
      let root = try #require(realData)
      let folder = "\(root)/yolo-fastest"
      let pictures = ["bus", "dog", "horses", "person", "zidane"].map {
        "\(root)/samples/\($0).jpg\n"
      }
      try space.write("list.txt", pictures.joined())
      try space.write(
        "s.data", "classes=80\ntrain=list.txt\nvalid=list.txt\nnames=\(folder)/coco.names\n")
      let pair =
        "--cfg \(folder)/yolo-fastest-1.1.cfg --weights \(folder)/yolo-fastest-1.1.weights"
      try space.succeed(
        "quantize \(pair) --data s.data --force --output q --device cpu --quiet")
      func found(_ model: String, above confidence: Double) throws -> [[FoundObject]] {
        try space.succeed(
          "detect \(model) --names \(folder)/coco.names --source \(root)/samples --output f "
            + "--overwrite --conf-thres \(confidence) --device cpu --json f.json --quiet")
        let images = try #require(space.json("f.json")["images"] as? [[String: Any]])
        return try images.map {
          try #require($0["detections"] as? [[String: Any]]).map(FoundObject.init)
        }
      }
      let (float, quantized) = (
        try found(pair, above: 0.25), try found("--model q", above: 0.1)
      )
      var differences: [Double] = []
      for (expected, candidates) in zip(float, quantized) {
        for object in expected {
          let same = candidates.filter { $0.matches(object) }
          if let nearest = same.map({ abs($0.confidence - object.confidence) }).min() {
            differences.append(nearest)
          }
        }
      }
      let count = float.reduce(0) { $0 + $1.count }
      #expect(count > 30 && Double(differences.count) >= 0.95 * Double(count))
      #expect(differences.sorted()[differences.count / 2] <= 0.023)
    }
  }

  // A small network, trained shortly, remembers what blood looks like.
  @Test func `a network of cells knows its own pictures, and that photographs are none`() throws {
    try Workspace.with { space in
      let root = try #require(realData)
      try space.succeed("dataset import voc \(root)/bccd/BCCD --output d --quiet")
      try space.succeed(
        "config new yolov4-tiny --classes 3 --width-multiple 0.25 --img-size 160 --output n.cfg "
          + "--quiet")
      let data = try "d/" + #require(space.names("d").first { $0.hasSuffix(".data") })
      try space.succeed(
        "train --cfg n.cfg --data \(data) --batch-size 16 --epochs 6 --device cpu --output r "
          + "--quiet")
      func remarks(_ data: String, pictures: Int) throws -> String {
        let run = try space.run(
          "quantize --model r --data \(data) --calibration-pictures \(pictures) --pictures 2 --force "
            + "--rounding nearest --output q --overwrite --device cpu --quiet")
        try #require(run.status == 0, "\(run.errors)")
        return run.errors
      }
      for pictures in [2, 5, 64] {
        #expect(try !remarks(data, pictures: pictures).contains("do not look like"))
      }
      let photographs = ["bus", "dog", "horses", "person", "zidane"]
      try space.write("list.txt", photographs.map { "\(root)/samples/\($0).jpg\n" }.joined())
      try space.write(
        "s.data", "classes=3\ntrain=list.txt\nvalid=list.txt\nnames=d/d.names\n")
      #expect(try remarks("s.data", pictures: 5).contains("do not look like"))
    }
  }

  // The network was trained on photographs of the world; it has seen no blood.
  @Test func `cells under a microscope are not what it was trained on`() throws {
    try Workspace.with { space in
      let root = try #require(realData)
      let folder = "\(root)/yolo-fastest"
      func remarks(on pictures: [String]) throws -> String {
        try space.write("list.txt", pictures.map { $0 + "\n" }.joined())
        try space.write(
          "s.data", "classes=80\ntrain=list.txt\nvalid=list.txt\nnames=\(folder)/coco.names\n")
        let run = try space.run(
          "quantize --cfg \(folder)/yolo-fastest-1.1.cfg --weights \(folder)/yolo-fastest-1.1.weights "
            + "--data s.data --force --rounding nearest --output q --overwrite --device cpu --quiet"
        )
        try #require(run.status == 0)
        return run.errors
      }
      let cells = (0..<4).map { "\(root)/bccd/BCCD/JPEGImages/BloodImage_0000\($0).jpg" }
      let said = try remarks(on: cells)
      #expect(said.contains("the calibration pictures do not look like"))
      #expect(said.contains(" disagree, most in layers "))
      let own = ["bus", "dog", "horses", "person", "zidane"].map { "\(root)/samples/\($0).jpg" }
      #expect(try !remarks(on: own).contains("do not look like"))
    }
  }
}
