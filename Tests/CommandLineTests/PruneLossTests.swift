import Foundation
import Terminal
import Testing

/// What pruning says of mAP, and whether that is what then happens.
@Suite(.enabled(if: Workspace.isBuilt, "the programs are not built"))
struct PruneLossTests {
  private static let pair = "--cfg n.cfg --weights r/last.weights --quiet --device cpu"

  /// What is said of a network that is to be trained, by what it is worth.
  private static let trainings = [
    "; fine-tune before use", "; the network is of little use yet; train it before use",
    "; the network is too poor to be used; train it first",
  ]

  /// What is printed on stdout, line by line.
  private func printed(
    _ line: String, in space: Workspace, status: Int32 = 0
  ) throws -> (lines: [String], errors: String) {
    let process = Process()
    process.executableURL = URL(filePath: Workspace.program)
    process.arguments = line.split(separator: " ").map(String.init)
    process.currentDirectoryURL = space.folder
    for name in ["out.txt", "err.txt"] { try space.write(name, "") }
    process.standardOutput = FileHandle(forWritingAtPath: space.path("out.txt"))
    process.standardError = FileHandle(forWritingAtPath: space.path("err.txt"))
    try process.run()
    process.waitUntilExit()
    let errors = String(decoding: try space.bytes("err.txt"), as: UTF8.self)
    #expect(process.terminationStatus == status, "pare \(line): \(errors)")
    return (
      String(decoding: try space.bytes("out.txt"), as: UTF8.self).split(separator: "\n")
        .map(String.init), errors
    )
  }

  private func figures(_ result: [String: Any], _ row: String) throws -> [Double] {
    let row = try #require(result[row] as? [String: Any])
    return try ["map50", "map"].map { try #require(row[$0] as? Double) }
  }

  @Test func `the curve is what pruning then gives, to the last digit`() throws {
    try Workspace.with { space in
      try space.prepareRightNetwork()
      for (index, method) in ["normal", "group", "regular --multiple 4"].enumerated() {
        let common = "prune \(method) \(Self.pair) --force --data d/d.data"
        try space.succeed("\(common) --percent 0.2 --curve --output c\(index) --json c.json")
        let whole = try space.json("c.json")
        let before = try figures(whole, "before")
        #expect(before[1] > 0.02, "the network is the one that found the boxes")
        let curve = try #require(whole["curve"] as? [[String: Any]])
        #expect(curve.map { $0["percent"] as? Double } == (0...9).map { Double($0) / 10 })
        let first = try ["map50AsPruned", "mapAsPruned"].map {
          try #require(curve[0][$0] as? Double)
        }
        #expect(first == before, "share 0 is the original")
        for place in [2, 4] {
          for (keys, option) in [
            (["map50AsPruned", "mapAsPruned"], ""), (["map50", "map"], "--recalibrate"),
          ] {
            let output = "p\(index)-\(place)\(option)"
            try space.succeed(
              "\(common) --percent 0.\(place) \(option) --output \(output) --json p.json")
            let after = try figures(space.json("p.json"), "after")
            let measured = try keys.map { try #require(curve[place][$0] as? Double) }
            #expect(after == measured, "\(method) \(option) at \(place)0 %")
          }
        }
      }
    }
  }

  // The dense network is made 0.2 better on the same pictures than the one that is pruned, as before a
  // sparse training; half a percent of the channels costs nothing.
  @Test func `a network behind the one that it comes from is trained before it is used`() throws {
    try Workspace.with { space in
      try space.prepareRightNetwork()
      try space.succeed(
        "prune normal --model r --weights last --percent 0 --data d/d.data --output p --quiet")
      var dense = try space.json("r/model.json")
      var figures = try #require(dense["validation"] as? [String: Any])
      let own = try #require(try space.json("p/model.json")["validation"] as? [String: Any])
      let before = try #require(own["map50"] as? Double) + 0.2
      figures["map50"] = before
      dense["validation"] = figures
      // Its figures are of pictures that were labelled otherwise; a training now names these.
      try space.succeed(
        "train --cfg n.cfg --data d/d.data --epochs 1 --batch-size 4 --device cpu --quiet --output s"
      )
      dense["validationPictures"] = try #require(
        try space.json("s/model.json")["validationPictures"] as? String)
      try space.write("r/model.json", JSONSerialization.data(withJSONObject: dense))
      let (lines, _) = try printed(
        "prune normal --model p --percent 0.005 --score taylor --output q --json q.json",
        in: space)
      let result = try space.json("q.json")
      #expect(result["judgement"] as? String == "no-difference")
      #expect(result["callsForTuning"] as? Bool == true)
      let first = try #require(lines.first)
      #expect(
        first.contains(": no difference is shown")
          && first.contains("; mAP@0.5 of r, which it comes from, is "), "\(first)")
      #expect(
        Self.trainings.contains { first.hasSuffix(" points more\($0)") }, "\(first)")
      let next = lines.filter { $0.hasPrefix("next, ") || $0.hasPrefix("or, ") }
      #expect(next.first == "next, win back what was lost:" && next.count == 2, "\(lines)")

      // Figures of other pictures, as after a set is divided anew in its place, are not compared.
      dense["validationPictures"] = "others"
      try space.write("r/model.json", JSONSerialization.data(withJSONObject: dense))
      let (others, _) = try printed(
        "prune normal --model p --percent 0.005 --score taylor --output o", in: space)
      #expect(others.first?.contains("which it comes from") == false, "\(others)")
    }
  }

  @Test func `the loss comes first, and the next command with it`() throws {
    try Workspace.with { space in
      try space.prepareRightNetwork()
      let pair = Self.pair.replacing(" --quiet", with: "")
      let (lines, _) = try printed(
        "prune normal \(pair) --percent 0.3 --data d/d.data --force --output p --json p.json",
        in: space)
      let result = try space.json("p.json")
      let (before, after) = (try figures(result, "before")[1], try figures(result, "after")[1])
      let loss = try #require(result["loss"] as? Double)
      #expect(abs(loss - 100 * (before - after)) < 1e-9 && loss > 1)
      let next = "pare train --model p --data d/d.data --epochs 100 --name p-tuned"
      let text = { (value: Double) in
        let rounded = Int((10_000 * value).rounded())
        return "0." + String(repeating: "0", count: 4 - "\(rounded)".count) + "\(rounded)"
      }
      #expect(
        lines.first?.hasPrefix("mAP@0.5:0.95 \(text(before)) → \(text(after)) (-") == true
          && Self.trainings.contains {
            lines.first?.hasSuffix(" points): a loss is shown\($0)") == true
          },
        "\(lines.first ?? "")")
      // The command is there once, at the end; all of it is one screen.
      #expect(lines.suffix(2) == ["next, win back what was lost:", "  \(next)"], "\(lines)")
      #expect(lines.count { $0.contains(next) } == 1, "\(lines)")
      #expect(lines.count { !$0.hasPrefix("these times are not") } <= 20, "\(lines)")
      for file in ["p/model.cfg", "p/model.weights"] { #expect(lines.contains(file)) }
      #expect(lines.contains { $0.hasPrefix("report: p/report.html (") })
      #expect(
        lines.contains {
          $0.firstMatch(of: /^after +mAP@0\.5:0\.95 +-[\d.]+ +-[\d.]+ to -[\d.]+ +a loss$/) != nil
        })
      #expect(result["judgement"] as? String == "loss")
      #expect(result["next"] as? String == next)
      #expect(result["report"] as? String == space.path("p/report.html"))
      #expect(lines.contains { $0.hasPrefix("advice: the scales are not sparse") })
      #expect(!lines.joined().contains("safe"))
      let page = String(decoding: try space.bytes("p/report.html"), as: UTF8.self)
      #expect(page.contains("Where they differ most") && page.contains("class=\"bars\""))
      #expect(page.components(separatedBy: "data:image/jpeg;base64,").count > 2)
      #expect(!page.contains("Safe") && Self.trainings.contains(where: page.contains))
      #expect(page.contains(">Proof</h2>") && page.contains("limit 0.0001"))
      let proof = try space.json("p/certificate.json")
      let values = try #require(proof["comparedValues"] as? Int)
      #expect(page.contains("<dt>values compared</dt><dd>\(grouped(values))</dd>"))
      #expect(result["emptyingPercent"] as? Double == result["safePercent"] as? Double)
      let differences = try #require(result["differences"] as? [[String: Any]])
      for each in differences {
        let difference = try #require(each["difference"] as? Double)
        let (old, new) = (each["baseline"] as? Double ?? 0, each["candidate"] as? Double ?? 0)
        #expect(abs(difference - (new - old)) < 1e-12)
        // As it is printed: around the difference, and shown where zero is outside.
        let (lower, upper) = (each["lower"] as? Double ?? 1, each["upper"] as? Double ?? -1)
        #expect(lower <= difference && difference <= upper)
        #expect(each["isShown"] as? Bool == (lower > 0 || upper < 0))
        #expect(each["judgement"] as? String == "loss")
      }
      // The command that is named works.
      try space.succeed(
        next.dropFirst(5).replacing("--epochs 100", with: "--epochs 1") + " --batch-size 4 --quiet")
      let compared = try printed(
        "compare r p --data d/d.data --bootstrap 100 --json k.json", in: space)
      #expect(compared.lines.contains { $0.hasPrefix("minus r  figure ") })
      #expect(compared.lines.contains { $0.firstMatch(of: /^p +mAP@0\.5:0\.95 +-/) != nil })
      // A network of little use is trained on before it is used in codes.
      let isUseful = try figures(result, "before")[0] >= 0.5
      let commands = compared.lines.filter { $0.hasPrefix("  pare ") }
      let kinds = commands.map { $0.split(separator: " ")[1] }
      #expect(kinds == (isUseful ? ["detect", "quantize"] : ["train", "detect"]), "\(commands)")
      let look = try #require(
        commands.first { $0.hasPrefix("  pare detect --model r --source d/") })
      #expect(look.contains(".jpg"))
      let other =
        isUseful
        ? "  pare quantize --model r --data d/d.data --output runs/quantized"
        : "  pare train --resume --output r --epochs 100"
      #expect(commands.contains(other), "\(commands)")
    }
  }

  @Test func `a loss beyond the limit is refused before anything is written`() throws {
    try Workspace.with { space in
      try space.prepareRightNetwork()
      let prune = "prune normal \(Self.pair) --force --percent 0.3 --output p"
      let (lines, errors) = try printed(
        "\(prune) --data d/d.data --max-loss 0.5 --json j.json", in: space, status: 1)
      let error = errors.split(separator: "\n").last ?? ""
      #expect(
        error.hasPrefix("Error: mAP@0.5")
          && error.contains("more than the 0.50 points of --max-loss; nothing was written"),
        "\(errors)")
      #expect(lines.isEmpty && !space.exists("p") && !space.exists("runs"))
      try space.succeed("\(prune) --data d/d.data --max-loss 100")
      #expect(try space.run("\(prune) --max-loss 1").status == 64)
      // What was measured on a few pictures is measured on those.
      try space.succeed(
        "\(prune)2 --data d/d.data --pictures 3 --json j.json")
      let differences = try #require(space.json("j.json")["differences"] as? [[String: Any]])
      #expect(differences.count == 2)
    }
  }

  @Test func `without pictures it says what cannot be known`() throws {
    try Workspace.with { space in
      try space.prepareRightNetwork()
      let (lines, errors) = try printed(
        "prune normal \(Self.pair) --force --percent 0.3 --output p", in: space)
      let first = lines.first ?? ""
      #expect(
        first.hasPrefix("mAP after pruning is not known, there is no --data; outputs are up to "))
      #expect(
        first.hasSuffix(
          "measure it before use"), "\(first)")
      let told = try printed(
        "prune normal --cfg n.cfg --weights r/last.weights --force --percent 0.3 --output q",
        in: space)
      let commands = told.lines.filter { $0.hasPrefix("  pare ") }
      #expect(
        commands == [
          "  pare test --model q --data DATA.data",
          "  pare train --model q --data DATA.data --epochs 100 --name q-tuned",
        ])
      #expect(lines.contains { $0.contains("with pictures (--data) --score taylor measures it") })
      #expect(!errors.contains("safe") && !lines.joined().contains("optional"))
      let profiled = try printed("profile --model p", in: space)
      #expect(profiled.lines.suffix(2) == ["next, time it:", "  pare profile --model p --latency"])
    }
  }

  // The first line, the line of the interval, the page and the JSON judge in the same words, whichever
  // the method.
  @Test func `a loss is judged once, in the same words everywhere`() throws {
    try Workspace.with { space in
      try space.prepareRightNetwork()
      let words = [
        "gain": "a gain is shown", "no-difference": "no difference is shown",
        "unclear": "nothing is shown: 6 pictures are too few to show a difference of mAP@0.5",
        "small-loss": "a small loss is shown", "loss": "a loss is shown",
      ]
      let cells = [
        "gain": "a gain", "no-difference": "nothing", "unclear": "too few pictures",
        "small-loss": "a small loss", "loss": "a loss",
      ]
      let methods =
        ["01", "03", "1", "3"].map { "normal --percent 0.\($0)" } + [
          "target --params 90%", "target --macs 70%",
        ]
      for (number, method) in methods.enumerated() {
        let pair = Self.pair.replacing(" --quiet", with: "")
        let (lines, _) = try printed(
          "prune \(method) \(pair) --data d/d.data --pictures 6 --force --output p\(number) "
            + "--json p.json", in: space)
        let first = try #require(lines.first)
        let line = try #require(lines.first { $0.hasPrefix("after ") && $0.contains(" to ") })
        let result = try space.json("p.json")
        let judgement = try #require(result["judgement"] as? String)
        let verdict = try #require(words[judgement])
        #expect(
          first.contains(" points): \(verdict)") && first.contains("mAP@0.5 "), "\(lines)")
        // What the line of mAP@0.5:0.95 says may be less than what that of mAP@0.5 does.
        let own = try #require(
          (result["differences"] as? [[String: Any]])?.first { $0["metric"] as? String == "map" })
        let told = try #require(own["judgement"] as? String)
        let word = try #require(cells[told])
        #expect(line.hasSuffix("  \(word)"), "\(lines)")
        let page = String(decoding: try space.bytes("p\(number)/report.html"), as: UTF8.self)
        #expect(page.contains(verdict) && page.contains("<td>\(word)</td>"))
        // Nobody is told to win back what may not be lost.
        #expect(
          lines.contains("next, win back what was lost:") == (judgement == "loss"), "\(lines)")
        if judgement == "loss" {
          #expect(Self.trainings.contains(where: first.hasSuffix), "\(lines)")
        }
        if judgement != "unclear" { #expect(!first.contains("to be sure"), "\(lines)") }
      }
    }
  }

  @Test func `what is measured has a name, and a log few lines`() throws {
    try Workspace.with { space in
      try space.prepareRightNetwork()
      let pair = Self.pair.replacing(" --quiet", with: "")
      let (_, errors) = try printed(
        "prune eagleeye \(pair) --percent 0.3 --number 12 --delta 0.5 --data d/d.data --output p",
        in: space)
      let lines = errors.split(separator: "\n")
      #expect(lines.count { $0.hasPrefix("candidates: 72/72 (100 %)") } == 1, "\(errors)")
      #expect(lines.count { $0.contains("is the best so far: mAP@0.5 ") } < 12, "\(errors)")
      #expect(
        lines.count {
          $0.hasPrefix("candidates are chosen by mAP@0.5 of boxes above a confidence of 0.1; ")
        } == 1, "\(errors)")
      for name in ["before pruning: 6/6", "after pruning: 6/6"] {
        #expect(lines.count { $0.hasPrefix(name) } == 1, "\(errors)")
      }
      let curve = try printed(
        "prune normal \(pair) --percent 0.3 --force --curve --data d/d.data --output c",
        in: space)
      #expect(
        curve.errors.split(separator: "\n").count { $0.hasPrefix("curve: 120/120") } == 1,
        "\(curve.errors)")
      // The shares' heading has no two columns of one name.
      let heading = try #require(curve.lines.first { $0.hasPrefix("share  ") })
      let titles = heading.split(separator: "  ").map { $0.trimmingCharacters(in: .whitespaces) }
      #expect(Set(titles).count == titles.count && titles.count == 5, "\(heading)")
    }
  }

  @Test func `a pruning without names says which it writes`() throws {
    try Workspace.with { space in
      try space.prepareRightNetwork()
      // Beside the weights of a run lie its names.
      try space.write("n.weights", space.bytes("r/last.weights"))
      let pair = "--cfg n.cfg --weights n.weights --quiet --device cpu"
      let prune = "prune normal \(pair) --percent 0.3 --force"
      let (_, errors) = try printed("\(prune) --output p", in: space)
      #expect(
        errors.contains(
          "no class names are known, there is no n.names: model.names says class 0 to class 3; write "
            + "yours into it, a line for each"), "\(errors)")
      #expect(
        try !printed("\(prune) --data d/d.data --output q", in: space).errors.contains("names"))
    }
  }
}
