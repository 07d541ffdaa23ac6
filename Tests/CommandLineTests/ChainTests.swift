import Foundation
import Testing

@Suite(.enabled(if: Workspace.isBuilt, "the programs are not built"))
struct ChainTests {
  private func check(_ value: Any?, has keys: Set<String>) throws {
    let members = try #require(value as? [String: Any])
    let missing = keys.subtracting(members.keys)
    #expect(missing.isEmpty)
  }

  @Test func `a network goes through the whole chain`() throws {
    try Workspace.with { space in
      try space.train()
      try check(space.json("r.json"), has: ["run", "epochs", "best", "last", "imagesPerSecond"])
      #expect(try space.json("r.json")["epochs"] as? Int == 2)
      let pair = "--cfg n.cfg --weights r/last.weights --quiet"
      for name in ["a", "b"] {
        try space.succeed(
          "test \(pair) --data d/d.data --json t.json --save-predictions \(name).json"
        )
      }
      let tested = try space.json("t.json")
      try check(
        tested,
        has: [
          "images", "instances", "precision", "recall", "f1", "map50", "map", "classes",
          "milliseconds",
        ])
      #expect(tested["images"] as? Int == 4)
      try check(
        (tested["classes"] as? [Any])?.first,
        has: ["name", "instances", "precision", "recall", "f1", "ap50", "ap"])
      try check(tested["milliseconds"], has: ["preprocess", "inference", "postprocess"])

      try space.succeed("compare a.json b.json --bootstrap 100 --json c.json --quiet")
      #expect((try space.json("c.json")["rows"] as? [Any])?.count == 2)

      try space.succeed(
        "train --cfg n.cfg --data d/d.data --epochs 1 --batch-size 4 --sparsity 0.01 --output s --quiet"
      )
      try space.succeed(
        "detect \(pair) --source d/images --save-txt --save-json --conf-thres 0.01 --output f "
          + "--json f.json")
      let pictures = try #require(try space.json("f.json")["images"] as? [[String: Any]])
      #expect(pictures.count == 20 && space.exists("f/results.json") && space.exists("f/labels"))
      try check(pictures[0], has: ["path", "width", "height", "detections"])
      #expect((pictures[0]["path"] as? String)?.hasPrefix("/") == true)

      try space.succeed("convert --cfg n.cfg --weights r/last.weights --output c.safetensors")
      try space.succeed("convert --cfg n.cfg --weights c.safetensors --output c.weights")
      #expect(try space.bytes("c.weights") == space.bytes("r/last.weights"))

      try space.succeed("profile --cfg n.cfg --json p.json --quiet")
      let profile = try space.json("p.json")
      #expect(profile["weightsBytes"] as? Int == (try space.bytes("c.weights").count))
      try check(
        (profile["layers"] as? [Any])?.first,
        has: [
          "index", "type", "inChannels", "outChannels", "height", "width", "parameters", "macs",
        ])
    }
  }

  @Test func `a profile measures each layer`() throws {
    try Workspace.with { space in
      try space.prepare()
      try space.succeed(
        "profile --cfg n.cfg --latency --repeats 3 --device cpu --threads 1 --json p.json")
      let profile = try space.json("p.json")
      #expect(profile["device"] as? String == "cpu" && profile["threads"] as? Int == 1)
      #expect(try #require(profile["milliseconds"] as? Double) > 0)
      let layers = try #require(profile["layers"] as? [[String: Any]])
      #expect(layers.count == 38)
      let shares = layers.compactMap { $0["share"] as? Double }
      #expect(shares.count == layers.count && abs(shares.reduce(0, +) - 1) < 1e-9)
      #expect(try layers.allSatisfy { try #require($0["milliseconds"] as? Double) >= 0 })
    }
  }

  @Test(arguments: ["", " --data d/d.data"])
  func `pruning writes a smaller pair with or without pictures`(data: String) throws {
    try Workspace.with { space in
      try space.train()
      try space.succeed(
        "prune normal --cfg n.cfg --weights r/last.weights --percent 0.3 --force --output p "
          + "--json p.json --quiet" + data)
      let result = try space.json("p.json")
      try check(
        result,
        has: [
          "before", "after", "maxAbsDifference", "outputScale", "relativeDifference",
          "emptyingPercent", "safePercent", "cfg", "weights",
        ])
      let before = try #require(result["before"] as? [String: Any])
      let after = try #require(result["after"] as? [String: Any])
      try check(after, has: ["parameters", "weightsBytes", "macs", "milliseconds"])
      let left = try #require(after["parameters"] as? Int)
      #expect(try left < #require(before["parameters"] as? Int))
      #expect((after["map50"] as? Double != nil) == !data.isEmpty)
      #expect(after["weightsBytes"] as? Int == (try space.bytes("p/model.weights").count))
      try space.succeed("profile --cfg p/model.cfg --quiet")
    }
  }
}
