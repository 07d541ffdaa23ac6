import Foundation
import Testing

extension Workspace {
  /// Trains `r`, a network that is right about the data set `d`: its surest detections are the truth.
  func prepareRightNetwork(classes: Int = 4) throws {
    try takeOver("right network \(classes)") { try $0.makeRightNetwork(classes: classes) }
  }

  private func makeRightNetwork(classes: Int) throws {
    try succeed(
      "dataset synthetic --size 64 --images 8 --validation 6 --test 4 --classes \(classes) "
        + "--output d --quiet")
    try succeed(
      "config new yolov4-tiny --classes \(classes) --width-multiple 0.125 --img-size 64 "
        + "--output n.cfg --quiet")
    try succeed(
      "train --cfg n.cfg --data d/d.data --batch-size 4 --device cpu --epochs 4 --nominal-batch 4 "
        + "--warmup-steps 0 --evaluate-every 0 --output r --quiet")
    try succeed(
      "detect --cfg n.cfg --weights r/last.weights --source d/images --conf-thres 0.0001 --output f "
        + "--json f.json --quiet --resize letterbox")
    let pictures = try #require(json("f.json")["images"] as? [[String: Any]])
    for picture in pictures {
      let found = try #require(picture["detections"] as? [[String: Any]])
      let sure = found.sorted {
        ($0["confidence"] as? Double ?? 0) > ($1["confidence"] as? Double ?? 0)
      }.prefix(4)
      let lines = try sure.map { each in
        let box = try #require(each["box"] as? [Double]).map { min(max($0 / 64, 0), 1) }
        let sides = [
          (box[0] + box[2]) / 2, (box[1] + box[3]) / 2, box[2] - box[0], box[3] - box[1],
        ]
        return (["\(each["class"] as? Int ?? 0)"] + sides.map { "\($0)" }).joined(separator: " ")
          + "\n"
      }
      let path = try #require(picture["path"] as? String)
      let stem = URL(filePath: path).deletingPathExtension().lastPathComponent
      try write("d/labels/\(stem).txt", lines.joined())
    }
  }
}
