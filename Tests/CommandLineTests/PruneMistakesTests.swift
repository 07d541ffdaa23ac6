import Darknet
import Foundation
import Testing

/// What cannot be pruned: one line, and nothing written.
@Suite(.enabled(if: Workspace.isBuilt, "the programs are not built"))
struct PruneMistakesTests {
  private static let net = "[net]\nwidth=32\nheight=32\nchannels=3\n"
  private static let head = """
    [convolutional]
    filters=18
    size=1
    activation=linear
    [yolo]
    mask=0,1,2
    anchors=4,4,8,8,16,16
    classes=1
    num=3
    """

  private static func block(_ filters: Int, batchNormalize: Int = 1) -> String {
    "[convolutional]\nbatch_normalize=\(batchNormalize)\nfilters=\(filters)\nsize=1\n"
      + "activation=leaky\n"
  }

  /// Writes a cfg and weights whose values are 0.5 but for what `change` does.
  private func write(
    _ name: String, _ layers: String, head: String = head, in space: Workspace,
    change: (inout NetworkParameters) -> Void = { _ in }
  ) throws {
    let configuration = try Configuration(
      parsing: Self.net + layers + head, path: name + ".cfg")
    let spec = try NetworkSpec(configuration)
    var parameters = NetworkParameters(
      layers: try spec.parameterLayout().map { slots in
        Dictionary(
          slots.map { slot in
            let array = ParameterArray(
              shape: slot.shape, values: [Float](repeating: 0.5, count: slot.count))
            return (slot.role, array)
          }
        ) { first, _ in first }
      })
    change(&parameters)
    try space.write(name + ".cfg", configuration.text)
    try WeightsFile.write(parameters, for: spec, to: space.path(name + ".weights"))
  }

  @Test func `what cannot be pruned is one line and leaves nothing behind`() throws {
    try Workspace.with { space in
      let chain = Self.block(4) + Self.block(6)
      func trained(_ parameters: inout NetworkParameters) {
        parameters.layers[0][.gamma]?.values = [0.1, 0.2, 0.9, 0.8]
      }
      try write("good", chain, in: space, change: trained)
      try write("other", Self.block(4) + Self.block(7), in: space, change: trained)
      try write("fresh", chain, in: space) { parameters in
        for layer in 0..<2 {
          parameters.layers[layer][.gamma]?.values = [Float](repeating: 1, count: 4 + 2 * layer)
        }
      }
      try write("nan", chain, in: space) { $0.layers[0][.gamma]?.values[1] = .nan }
      try write("negative", chain, in: space) { $0.layers[1][.variance]?.values[2] = -1 }
      try write("headless", chain, head: "", in: space, change: trained)
      try write("bare", Self.block(4, batchNormalize: 0), in: space)
      try FileManager.default.createDirectory(
        atPath: space.path("taken"), withIntermediateDirectories: false)
      try space.write("taken/file", "kept")
      let cases: [(line: String, status: Int32, words: String)] = [
        ("normal --cfg good.cfg --weights good.weights --percent 50", 64, "50%"),
        ("normal --cfg good.cfg --weights good.weights --percent 1", 64, "--percent"),
        ("slim --cfg good.cfg --weights good.weights --percent -0.1", 64, "--percent"),
        ("normal --cfg good.cfg --weights good.weights --percent nan", 64, "--percent"),
        ("normal --cfg good.cfg --weights good.weights --percent 0.95", 1, "or add --force"),
        ("normal --cfg good.cfg --weights other.weights", 1, "other.weights"),
        ("normal --cfg nan.cfg --weights nan.weights", 1, "NaN or infinity in layer 0"),
        ("normal --cfg negative.cfg --weights negative.weights", 1, "layer 1"),
        ("normal --cfg fresh.cfg --weights fresh.weights", 1, "train with --sparsity first"),
        ("normal --cfg bare.cfg --weights bare.weights", 1, "no convolution has batch norm"),
        ("layer --cfg good.cfg --weights good.weights --shortcuts 1", 1, "nothing to prune"),
        ("normal --cfg good.cfg --weights absent.weights", 1, "No such file"),
        ("normal --cfg absent.cfg --weights good.weights", 1, "No such file"),
        ("target --cfg good.cfg --weights good.weights --params 1", 1, "cannot be reached"),
        ("target --cfg good.cfg --weights good.weights --params 0.3", 1, "as 30%"),
        ("layer --cfg good.cfg --weights good.weights --data d.data --curve", 64, "'--curve'"),
        (
          "group --cfg good.cfg --weights good.weights --percents 0.1 --percent 0.2", 64, "give one"
        ),
        ("group --cfg good.cfg --weights good.weights --percents 20 30", 64, "write '20%'"),
        (
          "group --cfg good.cfg --weights good.weights --boundaries 1 --percents 0.95 0.1", 1,
          "95% of the channels of layers 0 to 0 is too much"
        ),
        ("normal --cfg headless.cfg --weights headless.weights", 1, "no detection head"),
        ("target --cfg good.cfg --weights good.weights --latency 0.0001ms", 1, "cannot be reached"),
      ]
      for (line, status, words) in cases {
        let run = try space.run("prune \(line) --quiet --output z")
        #expect(run.status == status, "pare prune \(line): \(run.errors)")
        let errors = run.errors.split(separator: "\n").filter { $0.hasPrefix("Error: ") }
        #expect(errors.count == 1 && errors.first?.contains(words) == true, "\(run.errors)")
        #expect(run.errors.split(separator: "\n").last == errors.last || status == 64)
        #expect(!space.exists("z"), "pare prune \(line)")
      }
      let run = try space.run(
        "prune normal --cfg good.cfg --weights good.weights --percent 0.1 --output taken")
      #expect(run.status == 1 && run.errors.contains("taken: exists and is not empty"))
      #expect(try space.names("taken") == ["file"])
      // An empty folder of the user's, and folders on the way to one.
      try FileManager.default.createDirectory(
        atPath: space.path("empty"), withIntermediateDirectories: false)
      for output in ["empty", "nest/a/b"] {
        let run = try space.run(
          "prune normal --cfg good.cfg --weights good.weights --percent 0.95 --output \(output)")
        #expect(run.status == 1 && run.errors.contains("or add --force"), "\(run.errors)")
      }
      #expect(space.exists("empty") && !space.exists("nest"))
    }
  }
}
