import Boxes
import Foundation
import Reports
import Testing
import _TrainingSupport

@testable import Inference
@testable import Training

@Suite struct PaceTests {
  // Work of 10 ms that may take 2 % of the time: 500 ms from one start to the next.
  @Test func `work waits until it is a small share of the time`() {
    var pace = Pace(share: 0.02)
    let start = ContinuousClock.now
    #expect(pace.isDue(at: start))
    pace.worked(from: start, to: start + .milliseconds(10))
    #expect(!pace.isDue(at: start + .milliseconds(499)))
    #expect(pace.isDue(at: start + .milliseconds(501)))
  }
}

@Suite struct RunReportTests {
  fileprivate func figures(_ epoch: Int, _ map50: Double? = nil) -> EpochFigures {
    var figures = EpochFigures(
      epoch: epoch, losses: [1, 2, 3, 6], learningRate: 0.01, imagesPerSecond: 100)
    (figures.map50, figures.map) = (map50, map50.map { $0 / 2 })
    return figures
  }

  fileprivate func withFolder(_ body: (RunFolder) throws -> Void) throws {
    let path = NSTemporaryDirectory() + "pare-report-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: path) }
    try body(RunFolder(path: path))
  }

  @Test func `rows of epochs that are run again are replaced, and a torn line with them`() throws {
    try withFolder { folder in
      var history: [EpochFigures] = []
      do {
        let report = try RunReport(folder, after: [], techniques: [])
        for epoch in 0..<4 {
          history.append(figures(epoch))
          try report.update(history)
        }
      }
      let whole = try String(contentsOfFile: folder.figuresPath, encoding: .utf8)
      #expect(whole.split(separator: "\n").count == 5)
      // Killed while the fifth row was written; the checkpoint was of the second epoch.
      try (whole + "5,1,2").write(toFile: folder.figuresPath, atomically: false, encoding: .utf8)
      history.removeLast(2)
      let report = try RunReport(folder, after: history, techniques: [])
      #expect(try CSVFile(contentsOf: folder.figuresPath).numbers("epoch") == [1, 2])
      for epoch in 2..<4 {
        history.append(figures(epoch))
        try report.update(history)
      }
      #expect(try String(contentsOfFile: folder.figuresPath, encoding: .utf8) == whole)
    }
  }

  @Test func `a technique's figure that comes later gets its column`() throws {
    try withFolder { folder in
      let report = try RunReport(folder, after: [], techniques: [])
      var history = [figures(0)]
      try report.update(history)
      history.append(figures(1))
      history[1].techniques = ["density": 0.5]
      try report.update(history)
      history.append(figures(2))
      try report.update(history)
      let file = try CSVFile(contentsOf: folder.figuresPath)
      #expect(file.columns.last == "density")
      #expect(file.rows.map { $0.last } == ["", "0.5", ""])
    }
  }

  // 5,000 epochs in an instant: the page may not be written 5,000 times, and is there at the end,
  // with the last epoch, the best one and all else bounded.
  @Test func `the page is written seldom, stays small and is whole at the end`() throws {
    try withFolder { folder in
      let report = try RunReport(folder, after: [], techniques: [])
      var history: [EpochFigures] = []
      var written: Set<Int> = []
      let page = folder.path + "/report.html"
      for epoch in 0..<5000 {
        history.append(figures(epoch, epoch == 3210 ? 0.9 : Double(epoch) / 10_000))
        try report.update(history, isBest: epoch <= 3210, isLast: epoch == 4999)
        var status = stat()
        stat(page, &status)
        written.insert(status.st_mtim.tv_sec * 1_000_000_000 + status.st_mtim.tv_nsec)
      }
      #expect(written.count < 500)
      let html = try String(contentsOfFile: page, encoding: .utf8)
      #expect(html.utf8.count < 200_000)
      #expect(html.contains(">3211 (best)<") && html.contains(">5000<"))
      #expect(try CSVFile(contentsOf: folder.figuresPath).rows.count == 5000)
    }
  }
}

extension RunReportTests {
  // 10, 20 and 90 pictures a second: the median is 20.
  @Test func `the page says which speed and which best it shows, and what the figures mean`() throws
  {
    try withFolder { folder in
      var history = [figures(0, 0.5), figures(1, 0.7), figures(2, 0.6)]
      for (index, speed) in [10.0, 90, 20].enumerated() { history[index].imagesPerSecond = speed }
      #expect(history.medianSpeed == 20 && Array(history.prefix(2)).medianSpeed == 50)
      let report = try RunReport(
        folder, after: [], techniques: [], advice: { ["so \($0.count) epochs were too few"] })
      for count in 1...3 {
        try report.update(Array(history.prefix(count)), isBest: count < 3, isLast: count == 3)
      }
      let page = try String(contentsOfFile: folder.path + "/report.html", encoding: .utf8)
      #expect(page.contains("<b>20.0</b><span>pictures a second, median of the epochs</span>"))
      #expect(page.contains("<b>2</b><span>best epoch, by mAP@0.5</span>"))
      #expect(page.contains("<p>Advice: so 3 epochs were too few.</p>"))
      #expect(page.contains("box: place and size") && page.contains("cls: which class"))
    }
  }

  // After epoch 3; the best was epoch 2, with 0.7.
  @Test func `figures of another epoch than the best one say whose they are`() {
    let history = [figures(0, 0.5), figures(1, 0.7), figures(2, 0.6)]
    let nothing = StoredPredictions(names: ["a"])
    let outcome = Evaluation.Outcome(
      result: nothing.evaluator(style: .coco).evaluate(), predictions: nothing, problems: [],
      milliseconds: Evaluation.Milliseconds())
    var page = RunPage(title: "r", history, start: nil, best: 1)
    page.addSummary(EvaluationPage(outcome), of: 2, nil, advice: [])
    let html = page.report.html
    #expect(html.contains("<span>mAP@0.5, epoch 3</span>"))
    #expect(html.contains("<b>2</b><span>best epoch, by mAP@0.5 (0.700)</span>"))
    var own = RunPage(title: "r", history, start: nil, best: 1)
    own.addSummary(EvaluationPage(outcome), of: 1, nil, advice: [])
    #expect(own.report.html.contains("<span>mAP@0.5</span>"))
    #expect(own.report.html.contains("<b>2</b><span>best epoch, by mAP@0.5</span>"))
  }
}

@Suite struct EvaluationPageTests {
  /// The first drawn picture with its boxes found but for one, one of another class, and one where
  /// nothing is; the second one with all right.
  private func outcome(_ run: TinyRun) -> Evaluation.Outcome {
    let names = ["<b>&", "two", "three", "four"]
    var images = run.dataset.pictures.prefix(2).map { picture in
      let truths = picture.labels.map {
        GroundTruth(box: $0.box(pictureWidth: 64, pictureHeight: 64), classIndex: $0.classIndex)
      }
      return StoredPredictions.Image(
        path: picture.path, width: 64, height: 64, groundTruths: truths,
        detections: truths.map {
          Detection(box: $0.box, classIndex: $0.classIndex, confidence: 0.9)
        }
      )
    }
    images[0].groundTruths.append(
      GroundTruth(box: Box(x1: 0, y1: 0, x2: 3, y2: 3), classIndex: 0))
    images[0].groundTruths.append(
      GroundTruth(box: Box(x1: 60, y1: 60, x2: 64, y2: 64), classIndex: 0))
    images[0].detections.append(
      Detection(box: Box(x1: 0, y1: 0, x2: 3, y2: 3), classIndex: 1, confidence: 0.9))
    images[0].detections.append(
      Detection(box: Box(x1: 0, y1: 60, x2: 4, y2: 64), classIndex: 1, confidence: 0.9))
    let predictions = StoredPredictions(names: names, images: images)
    return Evaluation.Outcome(
      result: predictions.evaluator(style: .coco).evaluate(), predictions: predictions,
      problems: [], milliseconds: Evaluation.Milliseconds())
  }

  @Test func `a page shows figures, curves, confusions and pictures`() throws {
    let run = try TinyRun(pictures: 2)
    var report = HTMLReport(title: "test")
    EvaluationPage(outcome(run)).add(to: &report, source: "On two pictures.")
    let html = report.html
    for heading in [
      "Classes", "Curves", "Confusion matrix", "Labels and predictions",
      "Pictures with the most errors",
    ] { #expect(html.contains(">\(heading)</h2>")) }
    #expect(html.contains("F1 over confidence") && html.contains("Precision over recall"))
    #expect(html.contains("at 0.900</text>"))
    // Two pairs of pictures and the one with errors.
    #expect(html.components(separatedBy: "data:image/jpeg").count == 6)
    #expect(html.contains(": 1 missed, 1 of another class, 1 too many,"))
    #expect(html.contains("&lt;b&gt;&amp;") && !html.contains("<b>&"))
    #expect(html.utf8.count < 3_000_000)
  }

  // A network that finds nothing, and a set without labels: every figure is a dash or 0.
  @Test func `nothing found and nothing there are pages too`() throws {
    let run = try TinyRun(pictures: 2)
    for keepsTruth in [true, false] {
      var empty = outcome(run).predictions
      for index in empty.images.indices {
        empty.images[index].detections = []
        if !keepsTruth { empty.images[index].groundTruths = [] }
      }
      let outcome = Evaluation.Outcome(
        result: empty.evaluator(style: .coco).evaluate(), predictions: empty, problems: [],
        milliseconds: Evaluation.Milliseconds())
      var report = HTMLReport(title: "test")
      EvaluationPage(outcome).add(to: &report, source: "On two pictures.")
      // Pictures' bytes may spell anything.
      let words = report.html.components(separatedBy: "src=\"data:").map { part in
        part.drop { $0 != "\"" }
      }.joined()
      #expect(!words.contains("nan") && !words.contains("-1<"))
    }
  }

  @Test func `many classes stay readable`() throws {
    let names = (0..<80).map { "class \($0)" }
    let box = Box(x1: 0, y1: 0, x2: 10, y2: 10)
    let images = (0..<80).map { index in
      StoredPredictions.Image(
        path: "absent-\(index).jpg", width: 64, height: 64,
        groundTruths: [GroundTruth(box: box, classIndex: index)],
        detections: [Detection(box: box, classIndex: index / 2, confidence: 0.5)])
    }
    let predictions = StoredPredictions(names: names, images: images)
    let outcome = Evaluation.Outcome(
      result: predictions.evaluator(style: .coco).evaluate(), predictions: predictions,
      problems: [], milliseconds: Evaluation.Milliseconds())
    var report = HTMLReport(title: "test")
    EvaluationPage(outcome).add(to: &report, source: "On 80 pictures that are gone.")
    #expect(report.html.contains("other classes"))
    // 16 classes, the others, what was missed, and the headings.
    let matrix = report.html.components(separatedBy: "class=\"matrix\"").last ?? ""
    #expect(matrix.components(separatedBy: "</thead>")[0].components(separatedBy: "<th").count < 25)
    #expect(!report.html.contains("data:image"))
  }

  @Test func `a run's page has its command, its first pictures and its evaluation`() throws {
    let run = try TinyRun()
    var options = run.options()
    options.validationInterval = 1
    let description = RunDescription(
      command: "pare train --cfg '<n>.cfg'", settings: [.init("epochs", "2")],
      machine: [.init("threads", "2")])
    try run.train(
      "a", options, techniques: [], validation: run.validation(), description: description)
    let html = try String(contentsOfFile: run.folder + "/a/report.html", encoding: .utf8)
    #expect(html.contains("pare train <span>--cfg</span> '&lt;n&gt;.cfg'"))
    for heading in ["Pictures of training", "Course", "Classes", "Settings", "Machine", "Epochs"] {
      #expect(html.contains(">\(heading)</h2>"))
    }
    // Six pictures of training: all of the set.
    #expect(html.contains("picture 6: ") && !html.contains("picture 7: "))
    // A run that is stopped within its first epoch has its page too.
    try run.train("b", options, techniques: [], validation: run.validation(), stopAfter: 1)
    #expect(FileManager.default.fileExists(atPath: run.folder + "/b/report.html"))
  }
}
