import Darknet
import Datasets
import Pruning
import Testing
import Training
import _TestSupport

@testable import Quantization
@testable import Runs

/// What is said of pictures that calibrate.
@Suite struct CalibrationAuditTests {
  @Test func `a network that was pruned and not trained since does not blame the pictures`() throws
  {
    let folder = try TemporaryFolder()
    let data = try DataFile(contentsOf: folder.write("classes=1\ntrain=t.txt\n", to: "d.data"))
    var audit = CalibrationAudit(DetectionDataset(pictures: [], names: ["a"]), data)
    audit.disagreeing = [.init(index: 3, divergence: 0.5), .init(index: 7, divergence: 0.9)]
    let layers = "statistics of 2 layers disagree, most in layers 7, 3; "
    #expect(
      audit.warnings == [
        "the calibration pictures do not look like those that the network was trained on: \(layers)"
          + "ranges will not fit the pictures that it is for"
      ])
    audit.isPrunedOnly = true
    #expect(
      audit.warnings == [
        "the network was pruned and not trained since, so what it remembers of its pictures does not "
          + "hold any more: \(layers)train it before it is quantized"
      ])
  }

  // Two pictures of the training are known as such, in any order; one that is none of them makes all
  // foreign.
  @Test func `pictures of the training are not called foreign, whatever the network remembers`()
    throws
  {
    let folder = try TemporaryFolder()
    let run = RunFolder(path: folder.file("r"))
    for path in ["r/model.weights", "a.jpg", "b.jpg", "c.jpg"] { try folder.write("", to: path) }
    try folder.write(
      BuiltInNetwork.yolov3Tiny.configuration(classes: 1, width: 32, height: 32).text,
      to: "r/model.cfg")
    try folder.write("a.jpg\nb.jpg\n", to: "t.txt")
    let data = try folder.write("classes=1\ntrain=t.txt\n", to: "d.data")
    try run.writeJSON(TrainingRecipe(cfg: run.cfgPath, data: data), to: run.requestPath)
    func audit(_ names: [String]) throws -> CalibrationAudit {
      let pictures = DetectionDataset(
        pictures: names.map { .init(path: folder.file($0), labels: []) }, names: ["a"])
      var audit = CalibrationAudit(pictures, try DataFile(contentsOf: data))
      audit.disagreeing = [.init(index: 3, divergence: 0.5)]
      audit.areTrained = pictures.isTrained(cfg: run.cfgPath, weights: run.weightsPath)
      return audit
    }
    for names in [["a.jpg"], ["b.jpg", "a.jpg"]] {
      let own = try audit(names)
      #expect(own.warnings.filter { $0.contains("statistics") }.isEmpty)
      #expect(own.remarks.count == 1)
      #expect(own.remarks.first?.contains("are those of the training") == true)
      #expect(
        own.remarks.first?.contains("statistics of 1 layer disagree, most in layer 3") == true)
    }
    for names in [["a.jpg", "c.jpg"], ["c.jpg"]] {
      let foreign = try audit(names)
      #expect(foreign.remarks.isEmpty)
      #expect(foreign.warnings.contains { $0.contains("do not look like") })
    }
  }

  @Test func `a pair is as pruning left it until it is trained or its statistics are taken anew`()
    throws
  {
    let folder = try TemporaryFolder()
    let run = RunFolder(path: folder.file("p"))
    try folder.write("", to: "p/model.cfg")
    try folder.write("", to: "p/model.weights")
    func isPruned() -> Bool { isPrunedOnly(cfg: run.cfgPath, weights: run.weightsPath) }
    #expect(!isPruned())
    var recipe = PruningRecipe(
      cfg: "n.cfg", weights: "n.weights", method: .normal, request: PruningRequest(percent: 0.3))
    try run.writeJSON(recipe, to: run.recipePath)
    #expect(isPruned())
    #expect(!isPrunedOnly(cfg: run.cfgPath, weights: folder.file("other.weights")))
    recipe.recalibrates = true
    try run.writeJSON(recipe, to: run.recipePath)
    #expect(!isPruned())
    recipe.recalibrates = false
    try run.writeJSON(recipe, to: run.recipePath)
    try folder.write("{}", to: "p/request.json")
    #expect(!isPruned())
  }
}
