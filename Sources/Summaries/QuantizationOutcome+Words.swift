import Commands
import Foundation
import Quantization
import Reports
import Runs
import Terminal
import Training

extension QuantizationOutcome {
  /// What it costs.
  var headline: String {
    differences.isEmpty
      ? "mAP of the quantized network is not known: the pictures have no labels"
      : differences.headline
  }

  /// What was lost.
  var lost: DifferenceTable { DifferenceTable([("quantized", differences)], minus: "float") }

  /// Both networks side by side; a dash for what was not measured.
  var table: Table {
    var table = Table("network", "weights", "mAP@0.5", "mAP@0.5:0.95")
    for (place, (name, bytes)) in [("float", floatBytes), ("quantized", bytes)].enumerated() {
      let result = results.indices.contains(place) ? results[place] : nil
      table.append([
        name, Figures.bytes(bytes), Figures.fixed(result?.map50.ifMeasured, 4),
        Figures.fixed(result?.map.ifMeasured, 4),
      ])
    }
    return table
  }

  /// How it was quantized.
  var how: String {
    "\(state.summary); calibrated with "
      + "\(counted(calibrationPictures, "training picture")) by "
      + CalibrationChoice(recipe.options.activationRange).rawValue
  }

  /// How many entries of the list did not calibrate, with the first; nil where all did.
  private var left: String? {
    skipped.first.map {
      "\(counted(skipped.count, "entry", "entries")) of the list of calibration pictures "
        + "\(skipped.count == 1 ? "was" : "were") left out, such as \($0)"
    }
  }

  /// Bits that were chosen, for whoever asked for a limit.
  var choices: [String] {
    var lines: [String] = []
    if recipe.budget != nil {
      let bits = state.plan.weightBits
      let layers = Dictionary(grouping: bits.keys) { bits[$0] ?? 0 }
      lines = layers.sorted { $0.key < $1.key }.map { bits, layers in
        "weights of \(bits) bits: \(Self.named(layers.sorted()))"
      }
    }
    if recipe.maximumDrop != nil {
      if choice == .init() { lines.append("no layer had to be raised") }
      if !choice.raised.isEmpty {
        let hasWeights = choice.raised.contains { state.plan.weightBits[$0] != nil }
        lines.append(
          "activations raised to \(DropSearch.raisedActivationBits) bits"
            + (hasWeights ? " and weights to \(DropSearch.raisedWeightBits(state.options))" : "")
            + ": \(Self.named(choice.raised))")
      }
      if !choice.freed.isEmpty {
        lines.append(
          "left float, so that libtorch alone can run it: \(Self.named(choice.freed))")
      }
      if let excess { lines.append(excess) }
    }
    return lines
  }

  /// That layers were raised, or left float, to more than 8 bits for every weight would take, and, where
  /// fewer were asked for, how to take less; nil where they were not, and where some were raised alone from
  /// 7 or more bits.
  private var excess: String? {
    let options = state.options
    let isOfFewer = options.weightBits < 7 || options.activationBits < 8
    guard !choice.freed.isEmpty || isOfFewer && !choice.raised.isEmpty, bytesOf8Bits < bytes
    else { return nil }
    return "that is larger than plain 8 bits, with which the weights take "
      + Figures.bytes(bytesOf8Bits)
      + (isOfFewer ? ": begin with these (--w-bit 8 --a-bit 8)" : "")
  }

  /// That what is stored is packed, and what a program in C keeps; nil where it is as much, or where no
  /// such program can be made.
  var packing: String? {
    let weights = state.kernels.values.map(\.weights)
    guard let bytesInC, bytesInC > weights.reduce(0, { $0 + $1.byteCount }) else { return nil }
    return "codes are stored packed; a program in C keeps each weight in a byte of its own"
      + (bytesInC > weights.reduce(0) { $0 + $1.codes.count }
        ? ", in 2 or 4 where the codes of its layer need them" : "")
      + ": \(Figures.bytes(bytesInC))"
  }

  /// Layers by number, in ascending order; three and more that follow one another as the first to the
  /// last.
  static func named(_ layers: [Int]) -> String {
    let runs = layers.reduce(into: [ClosedRange<Int>]()) { runs, layer in
      if let last = runs.last, last.upperBound == layer - 1 {
        runs[runs.count - 1] = last.lowerBound...layer
      } else {
        runs.append(layer...layer)
      }
    }
    let names = runs.flatMap { run in
      run.count < 3 ? run.map(String.init) : ["\(run.lowerBound) to \(run.upperBound)"]
    }
    return "\(layers.count == 1 ? "layer" : "layers") \(names.joined(separator: ", "))"
  }

  /// Layers that are on codes, the noisiest first.
  private var noisiest: [LayerErrors.Layer] {
    layers.filter { $0.weightBits != nil || $0.outputBits != nil }
      .sorted { ($0.decibels ?? .infinity, $0.index) < ($1.decibels ?? .infinity, $1.index) }
  }

  /// A row for each layer that is on codes, the noisiest first.
  var layerTable: Table {
    var table = Table(
      "layer", "weights", "output", "range", "beyond", "SQNR", "mAP alone")
    for layer in noisiest {
      let range = layer.range.map {
        "\(Figures.significant($0.lowerBound)) to \(Figures.significant($0.upperBound))"
      }
      table.append([
        "\(layer.index)", layer.weightBits.map { counted($0, "bit") } ?? "–",
        layer.outputBits.map { counted($0, "bit") } ?? "float", range ?? "–",
        layer.outputBits == nil ? "–" : Figures.percent(layer.clippedShare, 2),
        layer.decibels.map { $0.isFinite ? "\(Figures.fixed($0, 1)) dB" : "exact" } ?? "–",
        changes[layer.index].map { ($0 < 0 ? "-" : "+") + Figures.fixed(100 * abs($0), 2) } ?? "–",
      ])
    }
    return table
  }

  /// Layers whose values the page shows.
  private static let shownLayers = 10

  /// Writes `report.html`: figures, layers, and what values the noisiest ones give.
  package func writePage(_ description: RunDescription, to folder: String) throws {
    var page = HTMLReport(title: "Quantization of \(recipe.pair.weights)")
    page.section("Float and quantized")
    page.paragraph(headline + ".")
    page.addCommand(description)
    page.table(table)
    if !differences.isEmpty { page.add(lost) }
    for line in choices + audit.warnings + audit.remarks
      + [how, left, packing].compactMap(\.self)
    {
      page.sentence(line)
    }
    page.section("Layers")
    page.paragraph(
      "The noisiest first. Beyond: the share of values that lie outside of the range. SQNR: signal to "
        + "quantization noise of what the layer gives in the quantized network, noise of earlier layers included. mAP "
        + "alone: by how many points mAP@0.5:0.95 changes with this layer's weights, and what it reads, on "
        + "codes, and all else in float: minus is a loss; differences below what chance makes of so many "
        + "pictures say nothing.")
    page.table(layerTable)
    page.section("Values of the noisiest layers")
    page.paragraph(
      "How many values of each size the layer gave on the calibration pictures, as powers of ten. A line marks "
        + "where the range ends, if values lie beyond it.")
    for layer in noisiest.filter({ histograms[$0.index] != nil }).prefix(Self.shownLayers) {
      guard let histogram = histograms[layer.index], let plot = plot(histogram, of: layer)
      else { continue }
      page.plot(plot)
    }
    page.addMachine(description)
    try page.write(to: folder + "/report.html")
  }

  private func plot(_ histogram: RangeHistogram, of layer: LayerErrors.Layer) -> Plot? {
    let bins = 32
    let width = histogram.counts.count / bins
    var (x, y): ([Double], [Double]) = ([], [])
    for bin in 0..<bins {
      let places = bin * width..<(bin + 1) * width
      let last = histogram.center(places.upperBound - 1)
      let middle = (histogram.center(places.lowerBound) + last) / 2
      let half = Double(width) * histogram.width / 2
      guard middle + half >= histogram.minimum, middle - half <= histogram.maximum else { continue }
      x.append(middle)
      y.append(log10(Double(1 + histogram.counts[places].reduce(0, +))))
    }
    guard x.count > 1 else { return nil }
    var plot = Plot(
      "Layer \(layer.index)", lines: [Plot.Line("values", x: x, y: y)], xLabel: "value",
      yLabel: "log₁₀ of how many")
    if let range = layer.range, range.upperBound < histogram.maximum {
      plot.mark = (range.upperBound, "end of the range")
    }
    return plot
  }
}

extension CalibrationChoice {
  /// The option that chooses a rule.
  init(_ rule: RangeRule) {
    self =
      switch rule {
      case .minMax: .minMax
      case .percentile: .percentile
      case .squaredError: .mse
      case .entropy: .entropy
      case .unilateral: .unilateral
      case .cosineVote: .cosine
      }
  }
}

extension CalibrationAudit {
  var json: JSONValue {
    .members([
      "pictures": pictures, "duplicates": JSONValue.array(duplicates.map { .string($0) }),
      "sharedWithValid": JSONValue.array((shared[.valid] ?? []).map { .string($0) }),
      "sharedWithTest": JSONValue.array((shared[.test] ?? []).map { .string($0) }),
      "disagreeingLayers": JSONValue.array(
        disagreeing.map {
          .members(["index": $0.index, "divergence": $0.divergence])
        }),
    ])
  }
}
