import Foundation
import Testing

@testable import Boxes

@Suite struct StoredPredictionsTests {
  private func predictions(_ count: Int, seed: UInt64, prefix: String = "a") -> StoredPredictions {
    var random = RandomBoxes(seed: seed)
    var result = StoredPredictions(names: ["disc", "ring \"é\"", "cross"], dataHash: "12ab")
    for index in 0..<count {
      let picture = random.picture(classes: 3)
      result.images.append(
        StoredPredictions.Image(
          path: "images/\(prefix)/\(index).jpg", width: 100, height: 80 + index,
          groundTruths: picture.groundTruths, detections: picture.detections))
    }
    return result
  }

  @Test func `what is written is read back to the bit`() throws {
    var stored = predictions(20, seed: 16)
    stored.images[3].groundTruths = [
      GroundTruth(
        box: Box(x1: 0.1, y1: 1e-7, x2: 1e6, y2: 33.333_332), classIndex: 2, isCrowd: true,
        isDifficult: true, area: 0.3)
    ]
    stored.images[4].detections = [
      Detection(box: Box(x1: -0.3, y1: 5, x2: -0.1, y2: 5), classIndex: 0, confidence: 0.1)
    ]
    #expect(try StoredPredictions(json: stored.json(), path: "a.json") == stored)
    #expect(stored.json() == stored.json())
    let empty = StoredPredictions(names: [])
    #expect(try StoredPredictions(json: empty.json(), path: "a.json") == empty)
  }

  @Test func `the file's keys are COCO's`() throws {
    let stored = StoredPredictions(
      names: ["disc"], dataHash: "12ab",
      images: [
        .init(
          path: "images/1.jpg", width: 64, height: 48,
          groundTruths: [GroundTruth(box: Box(x1: 1, y1: 2, x2: 4, y2: 6.5), classIndex: 0)],
          detections: [
            Detection(box: Box(x1: 1, y1: 2, x2: 4, y2: 6), classIndex: 0, confidence: 0.5)
          ])
      ])
    #expect(
      String(decoding: stored.json(), as: UTF8.self) == """
        {"annotations":[{"area":13.5,"bbox":[1,2,3,4.5],"category_id":0,"id":1,"image_id":0,\
        "iscrowd":0}],"categories":[{"id":0,"name":"disc"}],"images":[{"file_name":"images/1.jpg",\
        "height":48,"id":0,"width":64}],"info":{"dataHash":"12ab",\
        "description":"pare predictions 1"},"results":[{"bbox":[1,2,3,4],"category_id":0,\
        "image_id":0,"score":0.5}]}
        """)
  }

  @Test func `what evaluation leaves out is not written`() throws {
    let box = Box(x1: 0, y1: 0, x2: 9, y2: 9)
    let odd = Box(x1: .nan, y1: 0, x2: 9, y2: 9)
    let stored = StoredPredictions(
      names: ["disc"],
      images: [
        .init(
          path: "1", width: 9, height: 9,
          groundTruths: [
            GroundTruth(box: odd, classIndex: 0), GroundTruth(box: box, classIndex: 1),
            GroundTruth(box: box, classIndex: 0, area: .infinity),
          ],
          detections: [
            Detection(box: odd, classIndex: 0, confidence: 1),
            Detection(box: box, classIndex: 0, confidence: .nan),
            Detection(box: box, classIndex: -1, confidence: 1),
          ])
      ])
    let read = try StoredPredictions(json: stored.json(), path: "a.json")
    #expect(read.images[0].groundTruths == [GroundTruth(box: box, classIndex: 0)])
    #expect(read.images[0].detections.isEmpty)
  }

  @Test func `a stored evaluation equals the one made directly`() throws {
    let stored = predictions(10, seed: 17)
    let read = try StoredPredictions(json: stored.json(), path: "a.json")
    for style in EvaluationStyle.allCases {
      var direct = DetectionEvaluator(style: style, classCount: 3)
      for image in stored.images {
        direct.add(
          detections: image.detections, groundTruths: image.groundTruths,
          imageSize: (image.width, image.height))
      }
      #expect(read.evaluator(style: style).evaluate() == direct.evaluate())
    }
  }

  @Test func `folds are joined`() throws {
    let (a, b) = (predictions(3, seed: 18), predictions(4, seed: 19, prefix: "b"))
    let joined = try StoredPredictions.joining([a, b])
    #expect(joined.images == a.images + b.images)
    #expect(joined.dataHash == "12ab")
    #expect(throws: BoxesError.repeatedImage("images/a/0.jpg")) {
      try StoredPredictions.joining([a, b, a])
    }
    var other = b
    other.names = ["disc"]
    #expect(throws: BoxesError.differentNames(a.names, ["disc"])) {
      try StoredPredictions.joining([a, other])
    }
    #expect(try StoredPredictions.joining([]).images.isEmpty)
  }

  @Test func `pictures are paired by name, in any order`() throws {
    let a = predictions(8, seed: 20)
    var shuffled = a
    shuffled.images.reverse()
    let bootstrap = PairedBootstrap(resamples: 50)
    let result = try bootstrap(baseline: a, candidate: shuffled, style: .coco)
    #expect(result.lower == 0 && result.upper == 0)

    var short = a
    let last = short.images.removeLast()
    for (x, y) in [(a, short), (short, a)] {
      #expect(throws: BoxesError.unpairedImage(last.path)) {
        try bootstrap(baseline: x, candidate: y, style: .coco)
      }
    }
    var moved = a
    moved.images[2].groundTruths = [
      GroundTruth(box: Box(x1: 0, y1: 0, x2: 1, y2: 1), classIndex: 0)
    ]
    #expect(throws: BoxesError.differentGroundTruths(image: "images/a/2.jpg")) {
      try bootstrap(baseline: a, candidate: moved, style: .coco)
    }
    // As many of the same class, one of them a pixel further.
    moved = a
    let index = try #require(moved.images.firstIndex { !$0.groundTruths.isEmpty })
    moved.images[index].groundTruths[0].box.x2 += 1
    #expect(throws: BoxesError.differentGroundTruths(image: moved.images[index].path)) {
      try bootstrap(baseline: a, candidate: moved, style: .coco)
    }
  }

  @Test(arguments: [
    ("", "not JSON"), ("[1", "not JSON"), ("\u{0}\u{1}", "not JSON"), ("[]", "has another type"),
    ("{}", "is missing"), (#"{"images":3}"#, "is missing"),
  ])
  func `other files are refused`(text: String, reason: String) {
    let error = #expect(throws: BoxesError.self) {
      try StoredPredictions(json: text.utf8, path: "a.json")
    }
    #expect(error?.description.hasPrefix("a.json: not a file of stored predictions, as ") == true)
    #expect(error?.description.contains(reason) == true)
    #expect(error?.description.contains("\n") == false)
  }

  @Test(arguments: [
    (#""image_id":0,"score""#, #""image_id":7,"score""#, "image 7 is not in the list"),
    (#""category_id":0,"image_id":0,"s"#, #""category_id":5,"image_id":0,"s"#, "category 5 is not"),
    (#"[1,2,3,4.5]"#, "[1,2,3]", "a bbox has 3 numbers instead of 4"),
    (#"[1,2,3,4.5]"#, "[1,2,3,1e300]", "a bbox is beyond all numbers"),
    (#""score":0.5"#, #""score":"0.5""#, "'results[0].score' has another type than expected"),
    (#""score":0.5"#, #""scores":0.5"#, "'results[0].score' is missing"),
    (#"[{"id":0,"name":"disc"}]"#, #"[{"id":0,"name":"a"},{"id":0,"name":"b"}]"#, "twice"),
  ])
  func `a wrong file says what is wrong`(from: String, to: String, reason: String) {
    let stored = StoredPredictions(
      names: ["disc"],
      images: [
        .init(
          path: "1", width: 9, height: 9,
          groundTruths: [GroundTruth(box: Box(x1: 1, y1: 2, x2: 4, y2: 6.5), classIndex: 0)],
          detections: [
            Detection(box: Box(x1: 1, y1: 2, x2: 4, y2: 6), classIndex: 0, confidence: 0.5)
          ])
      ])
    let text = String(decoding: stored.json(), as: UTF8.self)
    let broken = text.replacingOccurrences(of: from, with: to)
    #expect(broken != text)
    let error = #expect(throws: BoxesError.self) {
      try StoredPredictions(json: broken.utf8, path: "a.json")
    }
    #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
  }

  @Test func `damaged files never crash`() {
    let bytes = predictions(2, seed: 21).json()
    var generator = SeededGenerator(seed: 22)
    var refused = 0
    for round in 0..<2000 {
      var damaged = bytes
      for _ in 0...generator.index(below: 4) {
        let place = generator.index(below: damaged.count)
        switch round % 3 {
        case 0: damaged[place] = UInt8(truncatingIfNeeded: generator.next())
        case 1: damaged.removeSubrange(place..<min(place + 5, damaged.count))
        default: damaged.insert(damaged[generator.index(below: damaged.count)], at: place)
        }
        if damaged.isEmpty { damaged = bytes }
      }
      do {
        _ = try StoredPredictions(json: damaged, path: "a.json").evaluator(style: .coco).evaluate()
      } catch {
        refused += 1
      }
    }
    #expect(refused > 1000)
    let deep = Array(repeating: UInt8(ascii: "["), count: 100_000)
    #expect(throws: BoxesError.self) { try StoredPredictions(json: deep, path: "a.json") }
  }

  @Test func `a missing file is one line`() {
    let error = #expect(throws: BoxesError.self) {
      try StoredPredictions(contentsOf: "/nowhere/predictions.json")
    }
    #expect(error?.description == "/nowhere/predictions.json: no such file or folder")
  }

  @Test func `the surest picture has the greatest confidence, else it is the first`() {
    func image(_ path: String, _ confidences: [Float]) -> StoredPredictions.Image {
      StoredPredictions.Image(
        path: path, width: 4, height: 4, groundTruths: [],
        detections: confidences.map {
          Detection(box: Box(x1: 0, y1: 0, x2: 2, y2: 2), classIndex: 0, confidence: $0)
        })
    }
    func surest(_ images: [StoredPredictions.Image]) -> String? {
      StoredPredictions(names: ["a"], images: images).surest?.path
    }
    #expect(surest([image("a", []), image("b", [0.1, 0.4]), image("c", [0.3, 0.2])]) == "b")
    #expect(surest([image("a", []), image("b", [])]) == "a" && surest([]) == nil)
  }
}
