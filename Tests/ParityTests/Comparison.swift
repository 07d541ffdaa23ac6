import Darknet
import Foundation
import Networks
import Testing
import Torch

/// A network of ours beside reference programs that read its cfg and weights from files.
struct Comparison {
  private let network: Network
  private let programs: ReferencePrograms
  private let name: String

  /// Writes the pair into `folder` and reads it back.
  init(_ configuration: Configuration, _ parameters: NetworkParameters, in folder: URL) throws {
    let cfg = folder.appendingPathComponent("network.cfg")
    let weights = folder.appendingPathComponent("network.weights")
    try configuration.text.write(to: cfg, atomically: true, encoding: .utf8)
    try WeightsFile.write(parameters, for: NetworkSpec(configuration), to: weights.path)
    network = try Network(Configuration(contentsOf: cfg.path))
    try network.load(WeightsFile.read(weights.path, for: network.spec))
    programs = ReferencePrograms(cfg: cfg, weights: weights, folder: folder)
    name = URL(filePath: configuration.path).lastPathComponent
  }

  /// Expects the same layers and the same boxes from all programs.
  ///
  /// - Returns: the largest difference of all runs.
  func callAsFunction(_ runs: [ReferenceRun]) throws -> Float {
    let answers = try programs(runs)
    try #require(answers.count == runs.count && !runs.isEmpty)
    var largest: Float = 0
    for (run, theirs) in zip(runs, answers) {
      let ours = try outputs(run)
      let shape = run.images.shape
      let place = "\(name), \(shape[3])×\(shape[2])×\(shape[0]), \(run.program)"
      #expect(ours.layers.count == run.layers.count && theirs.layers.count == run.layers.count)
      #expect(ours.layers.map(\.shape) == theirs.layers.map(\.shape), "\(place)")
      let differences = zip(ours.layers, theirs.layers)
        .map { relativeDifference($0.values, $1.values) }
      // The first layer that differs is the one to look at.
      let first = differences.firstIndex { !($0 <= Parity.tolerance) }.map { run.layers[$0] }
      #expect(
        first == nil,
        "\(place): \(first.map { network.spec.section(ofLayer: $0).name } ?? ""), \(differences)")
      let worst = differences.max() ?? 0
      let boxes = try compareBoxes(ours.boxes, theirs.boxes, place)
      print("\(place): layers to \(worst), boxes to \(boxes.difference), \(boxes.scores) scores")
      largest = max(largest, worst, boxes.difference)
    }
    return largest
  }

  private func outputs(_ run: ReferenceRun) throws -> NetworkOutputs {
    var kept: [Int: NetworkOutputs.Values] = [:]
    let wanted = Set(run.layers)
    let decoded = try withoutGrad {
      let keeping = ForwardPass { index, output in
        if wanted.contains(index) {
          kept[index] = .init(shape: output.shape, values: try output.contiguous().toFloats())
        }
        return output
      }
      let raw = try network(run.images, keeping)
      return try network.decode(
        raw, inputWidth: run.images.shape[3], inputHeight: run.images.shape[2])
    }
    var boxes = NetworkOutputs.Values(shape: decoded.shape, values: try decoded.toFloats())
    let width = boxes.shape[2]
    for row in stride(from: 0, to: boxes.values.count, by: width) {
      for index in row + 5..<row + width { boxes.values[index] *= boxes.values[row + 4] }
    }
    return NetworkOutputs(
      layers: try run.layers.map { try #require(kept[$0]) }, boxes: boxes)
  }

  /// The largest difference in shares of the largest value; infinite where numbers are not.
  private func relativeDifference(_ a: [Float], _ b: [Float]) -> Float {
    var difference: Float = 0
    var scale: Float = 0
    guard a.count == b.count else { return .infinity }
    for index in a.indices {
      let distance = abs(a[index] - b[index])
      guard distance.isFinite else { return .infinity }
      difference = max(difference, distance)
      scale = max(scale, abs(b[index]))
    }
    return scale > 0 ? difference / scale : difference
  }

  /// Every box of every cell: sides and places to a share of the larger of the box and the input,
  /// scores to a share of one.
  ///
  /// - Returns: the largest difference, and how many scores the program gave.
  private func compareBoxes(
    _ ours: NetworkOutputs.Values, _ theirs: NetworkOutputs.Values, _ place: String
  ) throws -> (difference: Float, scores: Int) {
    try #require(ours.shape == theirs.shape, "\(place), boxes")
    let width = ours.shape[2]
    var difference: Float = 0
    var scores = 0
    // OpenCV's threshold; a score near it may fall on either side.
    var dropped: Float = 0
    for index in ours.values.indices {
      let (column, a, b) = (index % width, ours.values[index], theirs.values[index])
      if column > 4, b == 0 {
        dropped = max(dropped, a)
        continue
      }
      if column > 4 { scores += 1 }
      let scale = column < 4 ? max(abs(b), 32) : 1
      let distance = abs(a - b) / scale
      difference = distance.isFinite ? max(difference, distance) : .infinity
    }
    #expect(difference <= Parity.tolerance, "\(place), boxes")
    #expect(dropped <= 0.2 + Parity.tolerance, "\(place), scores that the program dropped")
    #expect(scores >= 50, "\(place), scores to compare")
    return (difference, scores)
  }
}
