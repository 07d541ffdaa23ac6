import Foundation
import Testing

@testable import Boxes

/// Equality with pycocotools on stored cases; `Scripts/make-coco-cases.py` made them.
@Suite struct COCOReferenceTests {
  private struct Stored: Decodable {
    var cases: [Case]
  }

  private struct Case: Decodable {
    var name: String
    var classes: Int
    var images: [Image]
    /// The twelve figures of `COCOeval.summarize`.
    var stats: [Double]
    /// `[class][area][threshold]`.
    var ap: [[[Double]]]
    /// `[class][area][1, 10, 100 detections]`.
    var ar: [[[Double]]]

    struct Image: Decodable {
      var groundTruths: [[Double?]]
      var detections: [[Double]]
    }
  }

  private static func stored() throws -> [Case] {
    let url = try #require(
      Bundle.module.url(forResource: "Resources/coco-cases", withExtension: "json"))
    return try JSONDecoder().decode(Stored.self, from: Data(contentsOf: url)).cases
  }

  private func box(_ x: Double, _ y: Double, _ width: Double, _ height: Double) -> Box {
    Box(x1: Float(x), y1: Float(y), x2: Float(x + width), y2: Float(y + height))
  }

  private func evaluator(of stored: Case) throws -> DetectionEvaluator {
    var evaluator = DetectionEvaluator(style: .coco, classCount: stored.classes)
    for image in stored.images {
      let truths = try image.groundTruths.map { row in
        let numbers = try row.prefix(6).map { try #require($0) }
        return GroundTruth(
          box: box(numbers[1], numbers[2], numbers[3], numbers[4]), classIndex: Int(numbers[0]),
          isCrowd: numbers[5] != 0, area: row[6].map { Float($0) })
      }
      let detections = image.detections.map { row in
        Detection(
          box: box(row[1], row[2], row[3], row[4]), classIndex: Int(row[0]),
          confidence: Float(row[5]))
      }
      evaluator.add(detections: detections, groundTruths: truths)
    }
    return evaluator
  }

  @Test func `every figure equals pycocotools to a millionth`() throws {
    let cases = try Self.stored()
    #expect(cases.count { !$0.name.hasPrefix("random") } >= 20)
    #expect(cases.count { $0.name.hasPrefix("random") } >= 30)
    for stored in cases {
      let result = try evaluator(of: stored).evaluate()
      let coco = try #require(result.coco)
      let figures = [
        result.map, result.map50, result.map75, coco.apSmall, coco.apMedium, coco.apLarge, coco.ar1,
        coco.ar10, coco.ar100, coco.arSmall, coco.arMedium, coco.arLarge,
      ]
      for (index, (ours, theirs)) in zip(figures, stored.stats).enumerated() {
        #expect(abs(ours - theirs) < 1e-6, "\(stored.name), figure \(index)")
      }
    }
  }

  @Test func `every class, area and threshold equals pycocotools`() throws {
    for stored in try Self.stored() {
      let evaluator = try evaluator(of: stored)
      let result = evaluator.evaluate()
      for index in 0..<stored.classes {
        let total = evaluator.positives[index].reduce(SIMD4<Int>.zero) { $0 &+ $1.counts }
        let sorted = evaluator.judged[index].sortedStably { $0.confidence }
        let table = evaluator.averagePrecisions(sorted, positives: total)
        for area in 0..<4 {
          for threshold in 0..<10 {
            let (ours, theirs) = (table[area][threshold], stored.ap[index][area][threshold])
            #expect(abs(ours - theirs) < 1e-6, "\(stored.name), \(index) \(area) \(threshold)")
          }
        }
        let figures = result.perClass[index]
        #expect(abs(figures.ap50 - stored.ap[index][0][0]) < 1e-6)
        #expect(abs(figures.ap75 - stored.ap[index][0][5]) < 1e-6)
        #expect(abs(figures.ap - stored.ap[index][0].reduce(0, +) / 10) < 1e-6)
        #expect(abs(figures.averageRecall - stored.ar[index][0][2]) < 1e-6)
      }
    }
  }
}
