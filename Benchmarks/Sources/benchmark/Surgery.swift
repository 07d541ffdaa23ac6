import Darknet
import Foundation
import Pruning
import Reports

/// Prunes a network with random parameters at several shares and by several scores: labels, scores,
/// choice, compensation and surgery, without files and without any evaluation.
func measureSurgery(_ options: Options) throws {
  let configuration = try Configuration(contentsOf: options.requiredCfg())
  let empty = MemoryUsage.resident ?? 0
  let parameters = try drawnParameters(NetworkSpec(configuration))
  let weights = parameters.layers.reduce(0) { sum, arrays in
    sum + arrays.values.reduce(0) { $0 + 4 * $1.values.count }
  }
  print("\(configuration.path), \(weights >> 20) MiB of weights, which count as part of the peak")
  let cases: [(method: PruningMethod, score: ImportanceScore, percent: Double)] =
    [0.01, 0.1, 0.5, 0.9, 0.99].map { (.normal, .scaleMagnitude, $0) } + [
      (.slim, .scaleMagnitude, 0.5), (.regular, .scaleMagnitude, 0.5),
      (.layerChannel, .scaleMagnitude, 0.5), (.normal, .filterNorm1, 0.5),
      (.normal, .filterNorm2, 0.5), (.normal, .geometricMedian, 0.5),
    ]
  for each in cases {
    var method = each.method
    method.score = each.score
    var request = PruningRequest(percent: each.percent)
    request.blocks = method.removesBlocks ? 4 : 0
    var samples = Samples()
    resetPeak()
    for _ in 0..<options.repeats {
      samples.append(
        try seconds {
          _ = try Pruner(configuration, parameters, method: method).prune(request, force: true)
        })
    }
    let peak = Double((MemoryUsage.peak ?? 0) - empty) / Double(weights)
    print(
      "  \(method.name) by \(each.score.rawValue), \(Int((100 * each.percent).rounded())) %: "
        + "\(samples) s, peak \(rounded(peak)) times the weights")
  }
}

/// Parameters with the spread of a trained network's.
private func drawnParameters(_ spec: NetworkSpec) throws -> NetworkParameters {
  // Multiplicative, modulo 2³² (Numerical Recipes): the same numbers every time, and quickly.
  var state: UInt32 = 1
  func uniform() -> Float {
    state = state &* 1_664_525 &+ 1_013_904_223
    return Float(state >> 8) / Float(1 << 24)
  }
  return NetworkParameters(
    layers: try spec.parameterLayout().map { slots in
      var arrays: [ParameterRole: ParameterArray] = [:]
      for slot in slots {
        let isPositive = slot.role == .gamma || slot.role == .variance
        arrays[slot.role] = ParameterArray(
          shape: slot.shape,
          values: (0..<slot.count).map { _ in isPositive ? uniform() + 1e-3 : uniform() - 0.5 })
      }
      return arrays
    })
}

/// Makes the kernel forget the peak so far; without the right to, the peak is that of all cases.
private func resetPeak() {
  // proc(5), clear_refs: 5 resets VmHWM.
  try? Data("5".utf8).write(to: URL(filePath: "/proc/self/clear_refs"))
}
