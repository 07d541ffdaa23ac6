import Foundation
import Testing
import _TestSupport

/// Whole numbers from the command line: `--engine integer`, `quantize --verify` and `--dump`, `export`.
@Suite(.enabled(if: Workspace.isBuilt, "the programs are not built"))
struct IntegerTests {
  @Test func `a quantized pair runs in whole numbers, and leaves as C and for FPGAs`() throws {
    try Workspace.with { space in
      try space.train("--epochs 1")
      try space.succeed("quantize --model r --data d/d.data --output q --device cpu --quiet")
      let same = try space.output(
        of: "quantize --model q --verify --source d/images --device cpu --json v.json")
      #expect(same.contains("the same codes in all of "))
      let verified = try space.json("v.json")
      let images = try space.names("d/images").count
      #expect(verified["isSame"] as? Bool == true && verified["pictures"] as? Int == images)
      #expect(try #require(verified["layers"] as? Int) > 20)
      // Both engines find the same.
      for engine in ["torch", "integer"] {
        try space.succeed(
          "test --model q --data d/d.data --engine \(engine) --device cpu --json \(engine).json")
      }
      let maps = try ["torch", "integer"].map { try space.json("\($0).json")["map"] as? Double }
      #expect(maps[0] != nil && maps[0] == maps[1])
      let picture = try "d/images/" + #require(space.names("d/images").sorted().first)
      let dumped = try space.output(
        of: "quantize --model q --dump x --layer 0 --source \(picture) --device cpu")
      #expect(dumped.contains(" files of "))
      #expect(space.exists("x/0000_convolutional_output.npy") && space.exists("x/program.json"))
      // What is no file of ours stays, and what is needs to be asked for.
      let again = try space.run("quantize --model q --dump x --source \(picture) --device cpu")
      #expect(again.status == 1 && !again.errors.isEmpty)
      let text = try space.output(of: "export c --model q --name net --output c")
      #expect(text.contains("memory for weights: ") && text.contains("c/net.c"))
      #expect(try Set(space.names("c")).isSuperset(of: ["net.c", "net.h", "net.bin", "main.c"]))

      // Errors are one line each.
      for (line, reason) in [
        ("export c --model r --output c2", "the network is float"),
        ("test --model r --data d/d.data --engine integer", "the network is float"),
        ("export fpga --model q --output c3", "no powers of two"),
        (
          "quantize --model r --verify --source \(picture)",
          "run 'pare quantize --model r --output runs/quantized'"
        ),
        ("quantize --model q --dump y --layer 77 --source \(picture)", "--layer 77"),
        ("export c --model q --output q", "name another --output"),
      ] {
        let run = try space.run(line)
        let errors = run.errors.split(separator: "\n").filter { $0.hasPrefix("Error") }
        #expect(run.status == 1 && errors.count == 1, "\(line): \(run.errors)")
        #expect(run.errors.contains(reason), "\(line): \(run.errors)")
      }
      // A name that its example has is wrong usage, and no cfg's name by default.
      let main = try space.run("export c --model q --name main --output c4")
      #expect(main.status == 64 && main.errors.contains("--name: 'main' is no name"))
      #expect(!space.exists("c4"))
      try space.write("q/main.cfg", space.bytes("q/model.cfg"))
      try space.succeed("export c --cfg q/main.cfg --weights q/model.weights --output c4")
      #expect(
        try Set(space.names("c4")).isSuperset(
          of: ["net_main.c", "net_main.h", "net_main.bin", "main.c"]))
      try space.succeed(
        "quantize --model r --data d/d.data --output p --scheme pow2 --device cpu --quiet")
      let fpga = try space.output(
        of: "export fpga --model p --output f --source \(picture) --TN 4 --TM 4")
      #expect(fpga.contains("f/model_weights.bin") && fpga.contains(" files of \(picture)\n"))
      let first = try space.output(of: "export fpga --model p --output f2 --source d/images")
      #expect(first.contains(/\/golden: \d+ files of \S+, the first of \d+ pictures\n/))
      #expect(space.exists("f/golden/img_bin") && space.exists("f/a_scale.bin"))
    }
  }
}

/// The C program of weights that others trained, on real pictures.
@Suite(.enabled(if: Workspace.isBuilt && realData != nil, "PARE_REALDATA is not set"))
struct RealExportTests {
  @Test func `the C program gives the integer engine's numbers on real pictures`() throws {
    try Workspace.with { space in
      let root = try #require(realData)
      let folder = "\(root)/yolo-fastest"
      let names = ["bus", "dog", "horses", "person", "zidane"]
      let pictures =
        names.map { "\(root)/samples/\($0).jpg" } + names.map { "\(root)/samples-320/\($0).png" }
      try space.write("list.txt", pictures.map { $0 + "\n" }.joined())
      try space.write(
        "s.data", "classes=80\ntrain=list.txt\nvalid=list.txt\nnames=\(folder)/coco.names\n")
      try space.succeed(
        "quantize --cfg \(folder)/yolo-fastest-1.1.cfg --weights \(folder)/yolo-fastest-1.1.weights "
          + "--data s.data --pictures 1 --img-size 160 --output q --force --device cpu --quiet")
      try space.succeed("quantize --model q --verify --source list.txt --device cpu --quiet")
      let told = try space.output(of: "export c --model q --name fast --output c --json c.json")
      #expect(
        told.contains("memory for what layers give: ") && told.contains("memory for weights: "))
      // An eighth of what all layers take, and next to what the largest one needs with all that it reads.
      let memory = try space.json("c.json")
      let bytes = try ["arenaBytes", "separateBytes", "largestLayerBytes"].map {
        try #require(memory[$0] as? Int)
      }
      #expect(bytes[0] * 8 < bytes[1] && bytes[0] >= bytes[2] && bytes[0] * 10 < bytes[2] * 12)
      let c = space.path("c")
      func run(_ path: String, _ arguments: [String]) throws -> Int32 {
        let process = Process()
        process.executableURL = URL(filePath: path)
        (process.arguments, process.currentDirectoryURL) = (arguments, URL(filePath: c))
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
      }
      #expect(
        try run(
          "/usr/bin/gcc",
          ["-std=c99", "-O2", "-Wall", "-Wextra", "-Werror", "fast.c", "main.c", "-o", "fast"]) == 0
      )
      try space.succeed(
        "quantize --model q --dump x --layer 0 --source \(pictures[0]) --device cpu --quiet")
      let heads = try #require(space.json("x/program.json")["heads"] as? [[String: Any]])
      // Files are few where one layer is dumped, and quick to write.
      let layers = try heads.map { try #require($0["input"] as? Int) }
      for picture in pictures {
        try space.succeed(
          "quantize --model q --dump x --layer \(layers[0]) --overwrite --source \(picture) "
            + "--device cpu --quiet")
        let bytes = try space.bytes("x/picture.npy")
        let header = 10 + Int(bytes[8]) + 256 * Int(bytes[9])
        try space.write("c/picture", bytes.dropFirst(header))
        #expect(try run("\(c)/fast", ["fast.bin", "picture", "heads"]) == 0)
        var expected = Data()
        for layer in layers {
          try space.succeed(
            "quantize --model q --dump x --layer \(layer) --overwrite --source \(picture) "
              + "--device cpu --quiet")
          let file = try space.bytes("x/0\(layer)_convolutional_output.npy")
          #expect(file.range(of: Data("<i4".utf8)) != nil)
          expected += file.dropFirst(10 + Int(file[8]) + 256 * Int(file[9]))
        }
        #expect(try space.bytes("c/heads") == expected, "\(picture)")
      }
    }
  }
}
