import Darknet
import Quantization
import Reports
import Terminal
import Training

extension TrainingRecipe.Quantization {
  /// All that decides a training on codes, for its page.
  ///
  /// - Parameter spec: the network.
  func facts(of spec: NetworkSpec) -> [RunDescription.Fact] {
    let ends =
      switch options.ends {
      case .same: "as the others"
      case .eightBits: "8 bits where the others have fewer"
      case .float: "float"
      }
    var facts: [RunDescription.Fact] = [
      .init("quantization", (try? options.summary(of: spec)) ?? options.scheme.rawValue),
      .init("first and last layers", ends),
    ]
    func words(_ bits: Int?) -> String { bits.map(String.init) ?? "float" }
    if !options.layerBits.isEmpty {
      let layers = options.layerBits.sorted { $0.key < $1.key }.map { layer, bits in
        "\(layer): \(words(bits.weights)), \(words(bits.activations))"
      }
      facts.append(
        .init("bits of layers, of weights and of what is read", layers.joined(separator: "; ")))
    }
    facts.append(
      .init("steps of weights", options.isPerChannel ? "one a channel" : "one a layer"))
    if options.isSymmetric == true { facts.append(.init("activations", "around zero")) }
    if options.shortcuts == .shared {
      facts.append(.init("shortcuts", "one step for summands and sum"))
    }
    if options.scheme.hasStepsThatLearn {
      let rule = course.firstSteps == .paper ? "as in the scheme's paper" : "least squared error"
      facts.append(.init("first steps", rule))
    }
    if course.lowersOver > 0 {
      facts.append(.init("bits fall", "over \(percent(course.lowersOver)) of the steps"))
    }
    facts.append(
      .init("statistics and ranges stay", "after \(percent(course.freezesAfter)) of the steps"))
    if course.damping > 0 {
      facts.append(.init("damping", "up to \(Figures.significant(course.damping, 4))"))
    }
    if course.reestimates { facts.append(.init("statistics of quantized sums", "taken anew")) }
    if course.correctedEpochs > 0 {
      facts.append(.init("correction", counted(course.correctedEpochs, "last epoch")))
    }
    return facts
  }

  private func percent(_ share: Double) -> String { Figures.percent(share, 0) }
}
