import Foundation
import Testing
import _TestSupport

/// `quantize`, and who sees what it wrote.
@Suite(.enabled(if: Workspace.isBuilt, "the programs are not built"))
struct QuantizeTests {
  private func map(_ object: Any?) throws -> Double {
    try #require((object as? [String: Any])?["map"] as? Double)
  }

  @Test func `a pair is quantized, measured, and seen by the other commands`() throws {
    try Workspace.with { space in
      try space.train()
      let text = try space.output(
        of: "quantize --model r --data d/d.data --output q --json q.json --explain --device cpu")
      // Both figures, judged, and then how.
      let first = try #require(text.split(separator: "\n").first)
      #expect(first.hasPrefix("mAP@0.5:0.95 0.") && first.contains("mAP@0.5 0."), "\(first)")
      #expect(text.contains("minus float  figure "))
      #expect(text.contains("google, weights of 8 bits, activations of 8; calibrated with 12 "))
      #expect(text.contains("SQNR") && text.contains(" dB"))
      let table = text.split(separator: "\n").filter {
        $0.hasSuffix(" dB") || $0.contains(" bits  ")
      }
      #expect(!table.isEmpty && table.allSatisfy { $0.count <= 80 })
      #expect(text.contains("calibrated with 12 training pictures by min-max"))
      let page = try #require(String(data: space.bytes("q/report.html"), encoding: .utf8))
      #expect(page.contains("Values of the noisiest layers") && page.contains("<svg"))
      #expect(text.contains("\n  pare test --model q --data d/d.data --split test"))
      #expect(
        try Set(space.names("q")).isSuperset(of: [
          "model.cfg", "model.weights", "model.names", "model.json", "recipe.json",
          "model.quantization.safetensors",
        ]))
      #expect(try space.bytes("q/model.weights") == space.bytes("r/model.weights"))
      // What it is worth is kept, for those who use it; figures of other pictures are not.
      let measured = try #require(space.json("q.json")["after"] as? [String: Any])
      let model = try space.json("q/model.json")
      let kept = try #require(model["validation"] as? [String: Any])
      #expect(kept["map50"] as? Double == measured["map50"] as? Double && kept["confidence"] != nil)
      let seen = try space.everything(
        of: "detect --model q --source d/images --device cpu --output seen")
      #expect(seen.text.contains("q is too poor to be used: mAP@0.5 is "))
      // The codes are not why: what helps is for the float network.
      #expect(try #require(model["change"] as? String) != "loss")
      #expect(
        seen.text.contains(
          ", train it longer, before it is quantized:\n  pare train --resume --output r --epochs 100\n"
        ),
        "\(seen.text)")
      try space.succeed(
        "quantize --model r --split test --rounding nearest --output other --device cpu --quiet")
      #expect(try space.json("other/model.json")["validation"] == nil)
      // What the library chooses where nothing is said: `QuantizationOptions.byPictures()`.
      let options = try #require(try space.json("q/recipe.json")["options"] as? [String: Any])
      #expect(
        options["isEqualized"] as? Bool == true && options["rounding"] as? String == "nearest")
      #expect(options["weightRange"] as? String == "min-max")
      #expect(options["ends"] as? String == "same")
      #expect((options["activationRange"] as? [String: Any])?["minMax"] != nil)

      // The run knows its data set.
      let own = try space.run("quantize --model r --output own --json own.json --device cpu")
      #expect(own.status == 0 && own.errors.contains("--data d/d.data: the data set of r"))
      #expect(try map(space.json("own.json")["after"]) == map(space.json("q.json")["after"]))
      let none = try space.run("quantize --cfg n.cfg --weights r/model.weights --output none")
      #expect(none.status == 64 && none.errors.contains("Missing expected argument '--data"))

      let json = try space.json("q.json")
      #expect(json["scheme"] as? String == "google" && json["calibrationPictures"] as? Int == 12)
      let (before, after) = (try map(json["before"]), try map(json["after"]))
      let layers = try #require(json["layers"] as? [[String: Any]])
      #expect(layers.first?["bits"] as? Int == 8 && layers.first?["scale"] as? Double ?? 0 > 0)
      #expect(layers.contains { $0["decibels"] as? Double ?? 0 > 10 })
      #expect(layers.contains { $0["mapDifference"] is Double })
      let audit = try #require(json["calibrationAudit"] as? [String: Any])
      #expect(audit["pictures"] as? Int == 12 && (audit["duplicates"] as? [Any])?.isEmpty == true)

      // The same figures, float and quantized, by those who look at the pairs later.
      for (folder, expected) in [("r", before), ("q", after)] {
        let run = try space.run(
          "test --model \(folder) --data d/d.data --device cpu --batch-size 8 --json t.json")
        #expect(run.status == 0 && run.errors.contains("quantized, google") == (folder == "q"))
        #expect(try abs(map(space.json("t.json")) - expected) < 1e-6)
        // Programs are told which figures are of codes.
        let codes = try space.json("t.json")["quantization"] as? [String: Any]
        #expect(
          codes?["summary"] as? String
            == (folder == "q" ? "google, weights of 8 bits, activations of 8" : nil))
      }
      let compared = try space.run("compare r q --data d/d.data --device cpu --json c.json")
      #expect(compared.status == 0 && compared.errors.contains("quantized, google"))
      let rows = try #require(space.json("c.json")["rows"] as? [[String: Any]])
      #expect(try abs(map(rows[1]) - after) < 1e-3)
      // One rule of sizes: what quantize says, compare and profile say.
      func size(_ object: Any?, _ key: String = "weightsBytes") -> Int? {
        (object as? [String: Any])?[key] as? Int
      }
      let file = try space.bytes("q/model.weights").count
      #expect(size(json["before"]) == file && size(rows[0]) == file)
      #expect(size(rows[1]) == size(json["after"]) && size(rows[1], "floatWeightsBytes") == file)
      try space.succeed("profile --model q --json p.json")
      let profile = try space.json("p.json")
      #expect(size(profile) == size(rows[1]) && size(profile, "floatWeightsBytes") == file)
      let told = try space.output(of: "compare r q --data d/d.data --device cpu")
      // The file has steps and names beside the codes; its size is told for what it is.
      let codes = try space.bytes("q/model.quantization.safetensors").count
      #expect(try codes > #require(size(profile)))
      for object in [rows[1], profile] {
        let quantization = try #require(object["quantization"] as? [String: Any])
        #expect(quantization["fileBytes"] as? Int == codes)
      }
      let sizes = /codes \(model\.quantization\.safetensors with names and steps: [0-9.]+ kB; in/
      #expect(told.contains(sizes) && told.contains("weights of q: q/model.weights, "), "\(told)")
      #expect(try space.output(of: "profile --model q").contains(sizes))
      let found = try space.run("detect --model q --source d/images --output f --device cpu")
      #expect(found.status == 0 && found.errors.contains("quantized, google"))

      let helped = try space.output(of: "test --model q --data d/d.data --device cpu")
      #expect(
        helped.contains(
          "next, train it longer, before it is quantized:\n  pare train --resume --output r "))
      // What is too poor for its codes is trained on codes, from its float weights; typed, it works.
      var worse = try space.json("q/model.json")
      worse["change"] = "loss"
      try space.write("q/model.json", JSONSerialization.data(withJSONObject: worse))
      let tested = try space.output(of: "test --model q --data d/d.data --device cpu")
      let next = try #require(tested.firstMatch(of: /next, win back what[^\n]*:\n  pare ([^\n]*)/))
      let training =
        "train --model q --data d/d.data --epochs 20 --quantize google --name q-quantized"
      #expect(next.1 == training[...], "\(tested)")
      let short = training.replacing("--epochs 20", with: "--epochs 1 --batch-size 4 --device cpu")
      let trained = try space.run(short)
      #expect(
        trained.status == 0 && trained.errors.contains(", from q/model.weights"), "\(trained)")
      #expect(space.exists("runs/q-quantized/model.quantization.safetensors"))

      // Codes are no weights, and what is no network at all is told so; nor is a folder a file.
      for (line, words) in [
        (
          "compare r q/model.quantization.safetensors",
          "is a file of weights, not a network; name a"
        ),
        (
          "compare r r/report.html",
          "is neither a network nor stored predictions; name a run's folder"
        ),
        ("compare r n.cfg", "n.cfg: needs n.weights beside it; or name the run's folder"),
        (
          "test --cfg n.cfg --weights q/model.quantization.safetensors --data d/d.data",
          "codes of a quantized network, which are used with the weights that they lie beside; as "
            + "weights take q/model.weights"
        ),
        (
          "test --cfg n.cfg --weights r --data d/d.data",
          "r: is a run's folder, not a file of weights; --model takes it"
        ),
      ] {
        let wrong = try space.run(line)
        #expect(wrong.status == 1 && wrong.errors.contains(words), "\(line): \(wrong.errors)")
      }
      let needless = try space.run("profile --cfg n.cfg --weights r/model.weights")
      #expect(needless.status == 0 && needless.errors.contains("'--weights' changes nothing"))

      // What its codes would not survive, and weights that they are not of.
      let half = try space.run("test --model q --data d/d.data --precision bf16 --device cpu")
      #expect(half.status == 1 && half.errors.contains("its codes are exact in fp32 alone"))
      let quantized = try space.bytes("q/model.weights")
      try space.write(
        "q/model.weights", space.bytes("r/last.weights").dropLast(4) + Data([0, 0, 0, 1]))
      let other = try space.run("test --model q --data d/d.data --device cpu")
      #expect(other.status == 1 && other.errors.contains("belongs to another file than "))
      for line in [
        "prune normal --model q --percent 0.2 --output p0 --device cpu",
        "convert --cfg q/model.cfg --weights q/model.weights --output c0.weights",
        "quantize --model q --data d/d.data --output q0 --device cpu --rounding nearest",
      ] {
        let told = try space.run(line)
        #expect(told.status == 0 && !told.errors.contains("is quantized already"), "\(line)")
        #expect(
          told.errors.contains(
            "Warning: q/model.quantization.safetensors: belongs to another file than "
              + "q/model.weights, which has changed since or was never its own; it is left aside\n"),
          "\(told.errors)")
      }
      try space.write("q/model.weights", quantized)
      let pruned = try space.run("prune normal --model q --percent 0.2 --output p --device cpu")
      #expect(pruned.errors.contains("the float weights are pruned"))
      let further = "--data d/d.data --epochs 1 --output t --overwrite --device cpu --quiet"
      for (line, words) in [
        (
          "convert --cfg n.cfg --weights q/model.weights --output c.weights",
          "are converted, without"
        ),
        ("quantize --model q --data d/d.data --output q3 --device cpu", "are quantized anew"),
        (
          "train --cfg n.cfg --weights q/model.weights \(further)", "training starts from the float"
        ),
        (
          "train --cfg n.cfg --weights r/model.weights --teacher-cfg q/model.cfg "
            + "--teacher-weights q/model.weights \(further)", "the float weights teach"
        ),
      ] {
        let noted = try space.run(line)
        #expect(
          noted.status == 0 && noted.errors.contains("q is quantized already")
            && noted.errors.contains(words), "\(line): \(noted.errors)")
      }
    }
  }

  @Test func `limits of loss and size are kept, or it is said why not`() throws {
    try Workspace.with { space in
      try space.train()
      let command =
        "quantize --model r --data d/d.data --output q --overwrite --json q.json --device cpu "
        + "--rounding nearest "
      let held = try space.output(of: command + "--max-drop 100")
      #expect(held.contains("no layer had to be raised"))
      let small = try space.output(of: command + "--budget 14%")
      #expect(small.contains("weights of 2 bits: layer"))
      let json = try space.json("q.json")
      func bytes(_ key: String) throws -> Int {
        try #require((json[key] as? [String: Any])?["weightsBytes"] as? Int)
      }
      #expect(try Double(bytes("after")) <= 0.14 * Double(bytes("before")))
      // A share is of the size that is told; what is too little is told before layers are weighed.
      let none = try space.run(command + "--budget 1%")
      #expect(none.status == 1 && none.errors.contains("2 bits for every weight"))
      #expect(
        try none.errors.contains("--budget 1% (\(bytes("before") / 100)B): too little"),
        "\(none.errors)")
      #expect(!none.errors.contains("weigh layers"))
      let share = try #require(none.errors.firstMatch(of: /as a share '--budget ([0-9.]+)%'/)?.1)
      try space.succeed(command + "--budget \(share)%")
      let less = try space.run(
        command + "--budget \((((Double(share) ?? 0) - 0.1) * 10).rounded() / 10)%")
      #expect(less.status == 1 && less.errors.contains("too little"))
      let seven = try space.everything(of: command + "--target cpu-avx2")
      #expect(seven.status == 0 && seven.text.contains("weights have 7 bits"))
      #expect(try space.json("q.json")["weightBits"] as? Int == 7)
      // Bits that were asked for are not told to be those of the target.
      let three = try space.everything(of: command + "--target cpu-avx2 --w-bit 3 --pictures 1")
      #expect(three.text.contains("weights have 3 bits, which the 16-bit sums of '--target cpu-a"))
      try space.succeed(command + "--target cpu-avx2")
      func bits(_ key: String = "bits") throws -> [Int] {
        let layers = try #require(try space.json("q.json")["layers"] as? [[String: Any]])
        return layers.filter { $0["weights"] is Int }.compactMap { $0[key] as? Int }
      }
      // First and last layers too, which have 8 bits beside fewer otherwise.
      #expect(try bits().allSatisfy { $0 == 7 } && bits().count > 2)
      try space.write("bits.txt", "0 8 8\n")
      let eight = try space.run(command + "--target cpu-avx2 --layer-bits bits.txt")
      #expect(eight.status == 1 && eight.errors.contains("bits.txt:1: weights of 8 bits: what "))
      try space.write("bits.txt", "28 8 float\n")
      let shared = try space.run(command + "--layer-bits bits.txt")
      #expect(shared.errors.contains("gives, which has 8 bits for layer 32\n"), "\(shared.errors)")
      // What a budget leaves to first and last layers is what '--ends' says, in what they read too.
      try space.succeed(command + "--budget 20% --a-bit 4 --ends 8")
      #expect(try bits().first == 8 && bits().last == 8 && bits().contains { $0 < 8 })
      try space.succeed(command + "--scheme ternary")
      #expect(try space.json("q.json")["weightBits"] as? Int == 2)
    }
  }

  @Test func `what calibrates does not judge`() throws {
    try Workspace.with { space in
      try space.train("--epochs 1")
      func lines(_ list: String) throws -> [String] {
        String(decoding: try space.bytes("d/\(list).txt"), as: UTF8.self)
          .split(separator: "\n").map(String.init)
      }
      let (train, valid) = (try lines("train"), try lines("val"))
      try space.write("d/val.txt", (valid + [train[0]]).joined(separator: "\n") + "\n")
      let command = "quantize --model r --data d/d.data --rounding nearest --device cpu --output q"
      let refused = try space.run(command)
      #expect(refused.status == 1)
      #expect(refused.errors.contains("1 picture of 'train' is also in 'valid', such as "))
      let forced = try space.everything(of: "\(command) --split train --force")
      #expect(forced.text.contains("these pictures calibrate and judge"))
      let leaking = try space.everything(
        of: "\(command) --force --overwrite --explain --json q.json")
      let leak = "1 picture of 'train' is also in 'valid', such as "
      #expect(leaking.text.contains(leak))
      #expect(leaking.text.contains("mAP of that list says too much"))
      let page = String(decoding: try space.bytes("q/report.html"), as: UTF8.self)
      #expect(page.contains("mAP of that list says too much"))
      let audit = try #require(try space.json("q.json")["calibrationAudit"] as? [String: Any])
      #expect((audit["sharedWithValid"] as? [Any])?.count == 1)
      try space.write("d/val.txt", valid.joined(separator: "\n") + "\n")
      let own = try space.run("\(command) --overwrite --split train")
      #expect(own.status == 1 && own.errors.contains("--split train: these pictures calibrate"))
      let one = try space.run("\(command) --overwrite --calibration-pictures 1")
      #expect(one.status == 0 && one.errors.contains("one picture calibrates"))
      // The same picture under another name.
      let copy = "d/images/copy.png"
      let names = try space.names("d/images").filter { train[0].hasSuffix($0) }
      try space.write(copy, space.bytes("d/images/\(#require(names.first))"))
      try space.write("d/train.txt", (train + ["images/copy.png"]).joined(separator: "\n") + "\n")
      let twice = try space.run("\(command) --overwrite")
      #expect(twice.errors.contains("1 calibration picture repeats another, such as "))
      // What cannot be read is told, and where nothing can be, before anything is measured.
      try space.write("d/images/broken.png", "no picture")
      let withBroken = train + ["images/broken.png"]
      try space.write("d/train.txt", withBroken.joined(separator: "\n") + "\n")
      let broken = try space.run("\(command) --overwrite --explain --json q.json")
      #expect(
        broken.status == 0 && broken.errors.contains("skipped in the calibration")
          && broken.errors.contains("broken.png"), "\(broken.errors)")
      let skipped = try #require(
        try space.json("q.json")["calibrationSkipped"] as? [[String: String]])
      #expect(skipped.count == 1 && skipped[0]["path"] == space.path("d/images/broken.png"))
      #expect(skipped.first?["reason"]?.isEmpty == false)
      let told = String(decoding: try space.bytes("q/report.html"), as: UTF8.self)
      #expect(told.contains("1 entry of the list of calibration pictures was left out, such as "))
      try space.write("d/train.txt", "images/broken.png\n")
      let nothing = try space.run("\(command) --overwrite")
      #expect(
        nothing.status == 1
          && nothing.errors.contains("none of the calibration pictures can be read, such as "),
        "\(nothing.errors)")
    }
  }

  @Test func `without labels mAP is left out, without pictures nothing is done`() throws {
    try Workspace.with { space in
      try space.train("--epochs 1")
      for name in try space.names("d/labels") where name.hasPrefix("valid") {
        try space.write("d/labels/\(name)", "")
      }
      let text = try space.output(
        of: "quantize --model r --data d/d.data --output q --scheme pow2 --calibration cosine "
          + "--calibration-pictures 2 --device cpu")
      #expect(text.contains("is not known: the pictures have no labels"))
      // Sizes need no labels.
      #expect(text.contains(/quantized +[0-9.]+ kB +– +–/), "\(text)")
      #expect(text.contains("calibrated with 2 training pictures by cosine"))
      try space.write("d/train.txt", "")
      let none = try space.run("quantize --model r --data d/d.data --output q2 --device cpu")
      #expect(
        none.status == 1 && none.errors.split(separator: "\n").count { $0.hasPrefix("Error") } == 1)
      #expect(!space.exists("q2/model.cfg"))
    }
  }
}
