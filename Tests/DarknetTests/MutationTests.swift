import Darknet
import Testing
import _TestSupport

/// Valid files with bytes changed, lost and added at random: each is read, or refused in one line.
@Suite struct MutationTests {
  @Test func `cfgs`() throws {
    var generator = SeededGenerator(seed: 1)
    var seeds: [[UInt8]] = []
    for network in [BuiltInNetwork.yolov3Tiny, .yolov4Tiny, .yoloFastest] {
      seeds.append(Array(try network.configuration(classes: 2, width: 64).text.utf8))
    }
    seeds.append(Array(smallNetwork(NetworkParametersTests.network).utf8))
    var accepted = 0
    for round in 0..<4000 {
      let bytes = mutated(seeds[round % seeds.count], &generator)
      do {
        let text = String(decoding: bytes, as: UTF8.self)
        let configuration = try Configuration(parsing: text, path: "m.cfg")
        #expect(try Configuration(parsing: configuration.text, path: "m.cfg") == configuration)
        let spec = try NetworkSpec(configuration)
        accepted += 1
        #expect(spec.shapes.count == spec.layers.count)
        _ = try spec.shapes(width: 96, height: 64)
        _ = try spec.headStrides(width: 96, height: 64)
      } catch {
        expectOneLine("\(error)")
      }
    }
    // Otherwise the mutations are too coarse to get past the first line.
    #expect(accepted > 200)
  }

  @Test func `weights`() throws {
    var generator = SeededGenerator(seed: 2)
    let spec = try spec(NetworkParametersTests.network)
    let folder = try TemporaryFolder()
    try WeightsFile.write(countingParameters(spec), for: spec, to: folder.file("a.weights"))
    let seed = try folder.bytes(of: "a.weights")
    var accepted = 0
    for _ in 0..<4000 {
      let bytes = mutated(seed, &generator)
      do {
        let parameters = try WeightsFile.read(bytes: bytes, path: "m.weights", for: spec)
        accepted += 1
        #expect(parameters.layers.count == spec.layers.count)
        _ = parameters.firstImplausibleArray()
      } catch {
        expectOneLine("\(error)")
      }
    }
    #expect(accepted > 400)
  }

  @Test func `data files, lists and names`() throws {
    var generator = SeededGenerator(seed: 3)
    let data = Array("classes=3\ntrain=train.txt\nvalid = val.txt\nnames=a.names\n# c\n".utf8)
    let lines = Array("cat\ndog\n\u{FEFF}horse\r\nimages/a.jpg\n/x/b.png\n\n".utf8)
    var accepted = 0
    for round in 0..<4000 {
      do {
        let text = String(
          decoding: mutated(round % 2 == 0 ? data : lines, &generator), as: UTF8.self)
        if round % 2 == 0 {
          #expect(try DataFile(parsing: text, path: "/m/m.data").classes > 0)
        } else if round % 4 == 1 {
          #expect(try !NamesFile(parsing: text, path: "m.names").names.contains(""))
        } else {
          let pictures = try DataFile.pictures(parsing: text, list: "/m/m.txt")
          #expect(pictures.allSatisfy { $0.hasPrefix("/") })
          _ = pictures.map(DataFile.labelPath(forPicture:))
        }
        accepted += 1
      } catch {
        expectOneLine("\(error)")
      }
    }
    #expect(accepted > 400)
  }

  private func expectOneLine(_ message: String) {
    #expect(!message.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F })
    #expect(message.utf8.count < 1000)
  }
}
