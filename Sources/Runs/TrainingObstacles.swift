import Boxes
import Darknet
import Datasets
import Inference
import Quantization
import Reports
import Storage
import Terminal
import Torch
import Training

/// What may keep a network from learning, read off the plan of its training, its pictures, its anchors
/// and what its best weights find: likely reasons where it came to little.
///
/// What takes time is looked at when it is first asked for, and once.
package final class TrainingObstacles {
  /// Optimizer steps of the whole training, about.
  package let steps: Int

  private let recipe: TrainingRecipe
  private let train: DetectionDataset
  private let spec: NetworkSpec
  private let run: RunFolder?

  /// Fewer steps are few, whatever is trained.
  static let fewSteps = 2000
  /// A class of a lower average precision is hardly found.
  private static let hardlyFound = 0.01
  /// Smaller boxes, in pixels of the input, are hard to find; where they are this share of all, that
  /// shows in the figures.
  private static let (smallSide, smallShare) = (Float(12), 0.25)
  /// How much better mAP@0.5 is on pictures of the training where these are known by heart.
  private static let heartGap = 0.2
  /// Pictures at most that boxes are measured in, and that the network is tried on.
  private static let (mostMeasured, mostTried) = (2000, 50)
  /// Classes that are named at most, and reasons.
  private static let (mostNames, mostReasons) = (3, 4)

  /// Looks at a training.
  ///
  /// - Parameter folder: where its best weights are; nothing is said of them without one.
  package init(
    _ recipe: TrainingRecipe, _ train: DetectionDataset, _ spec: NetworkSpec, folder: String? = nil
  ) {
    (self.recipe, self.train, self.spec) = (recipe, train, spec)
    run = folder.map(RunFolder.init(path:))
    steps = recipe.options.epochs * recipe.options.stepsPerEpoch(pictures: train.labelledCount)
  }

  /// Likely reasons, the likeliest first, each with what to do; words, without a full stop.
  ///
  /// - Parameter isWorthLonger: whether more epochs are likely to help.
  package func reasons(isWorthLonger: Bool) -> [String] {
    // What a network has not learned yet is no reason as long as it learns.
    let learning =
      isWorthLonger
      ? [steps < Self.fewSteps ? fewStepsInWords : nil]
      : [
        tried.flatMap { trialInWords(map50: $0.map50, pictures: $0.pictures) }, hardlyFoundInWords,
      ]
    let found =
      learning + [
        codesInWords, fewBoxesInWords, smallBoxesInWords, anchorsInWords,
        takesPublishedWeights
          ? "random numbers at the start: published weights help (--weights FILE --pretrain)" : nil,
      ]
    return found.compactMap(\.self).prefix(Self.mostReasons)
      + [labelsInWords]
  }

  private var labelsInWords: String {
    let page = run.map { "\(displayed($0.reportPath)) shows pictures with their boxes" }
    return "labels that are wrong: \(page ?? "look at pictures with their boxes")"
  }

  /// Whether it began with random numbers, and there are weights of others that fit: of the networks that
  /// are built in, at their full width.
  package var takesPublishedWeights: Bool {
    recipe.beginning == .randomNumbers && BuiltInNetwork.recognized(spec)?.widthMultiple == 1
  }

  private var fewStepsInWords: String {
    let options = recipe.options
    let hasLarge =
      options.accumulationSteps > 1 && options.batchSize * options.accumulationSteps > 16
    let smaller = hasLarge ? ", or more steps of fewer pictures (--nominal-batch 16)" : ""
    return "only \(counted(steps, "step")): more epochs\(smaller)"
  }

  // MARK: The codes that it trains on

  /// Fewer bits lose something, in some networks much.
  private static let enoughBits = 8

  /// That few bits, or steps that are powers of two, may cost what is missing; nil where neither is so,
  /// and of a network that was poor before, in float.
  private var codesInWords: String? {
    guard let options = recipe.quantization?.options,
      let plan = try? QuantizationPlan(spec, options),
      floatWorth != .poor
    else { return nil }
    var causes: [String] = []
    let weights = plan.weightBits.values.min() ?? Self.enoughBits
    let activations = plan.groups.map(\.bits).min() ?? Self.enoughBits
    if min(weights, activations) < Self.enoughBits {
      var words: [String] = []
      if [.ternary, .binary].contains(options.scheme) {
        words.append("--quantize google")
      } else if options.weightBits < Self.enoughBits {
        words.append("--w-bit \(Self.enoughBits)")
      }
      if options.activationBits < Self.enoughBits { words.append("--a-bit \(Self.enoughBits)") }
      let remedy = words.isEmpty ? "in the file of --layer-bits" : words.joined(separator: " ")
      causes.append(
        "few bits: down to \(weights) of weights and \(activations) of activations, where "
          + "\(Self.enoughBits) lose less (\(remedy))")
    }
    if options.scheme.hasPowersOfTwo {
      let other: QuantizationScheme = options.scheme.hasStepsThatLearn ? .lsq : .google
      causes.append(
        "steps that are powers of two, where others fit values better, if no hardware needs them "
          + "(--quantize \(other.rawValue))")
    }
    return causes.isEmpty ? nil : causes.joined(separator: "; and ")
  }

  /// What the float network that it began with is worth; nil where that is not known.
  private var floatWorth: DetectionQuality.Worth? {
    recipe.weights.flatMap { floatValidation(cfg: recipe.cfg, weights: $0) }?.worth
  }

  // MARK: What the best weights find

  /// What the best weights are worth on validation pictures; nil where that is not known.
  private var quality: DetectionQuality? {
    run.flatMap { try? ModelDescription(contentsOf: $0.modelPath) }?.validation
  }

  /// mAP@0.5 of the best weights on some pictures that they were trained on; nil where they cannot be
  /// tried, and where the run was judged by these pictures anyway.
  private lazy var tried: (map50: Double, pictures: Int)? = {
    guard let run, let data = try? DataFile(contentsOf: recipe.data), let valid = data.valid,
      data.train.map(resolvedPath) != resolvedPath(valid),
      let device = try? Device.named(recipe.device)
    else { return nil }
    let options = recipe.options
    var evaluation = Evaluation(
      train.sample(of: Self.mostTried), of: spec, fed: options.feeding,
      batchSize: options.batchSize)
    evaluation.loading.workers = recipe.workers
    let result = try? Model(cfg: run.cfgPath, weights: run.weightsPath) { _ in }
      .usedNetwork(on: device, MachineRecipe(), SilentObserver())
    guard let network = result?.network,
      let outcome = try? evaluation(EngineKind.torch.engine(network)),
      let map50 = outcome.result.map50.ifMeasured
    else { return nil }
    return (map50, outcome.result.images)
  }()

  /// What it says of a network how it does on pictures that it was trained on: whether it knows these
  /// by heart, or has not even learned these.
  func trialInWords(map50: Double, pictures: Int) -> String? {
    let figure = Figures.fixed(map50, 4)
    let some = counted(pictures, "picture") + " that it was trained on"
    if DetectionQuality.Worth(map50: map50) != .useful {
      return "it has not learned its own pictures: on \(some) mAP@0.5 is \(figure), no more: "
        + largerNetwork
    }
    guard let own = quality?.map50, map50 - own >= Self.heartGap else { return nil }
    return "it knows its own pictures by heart: on \(some) mAP@0.5 is \(figure), on the validation "
      + "pictures \(Figures.fixed(own, 4)): more pictures, and more different ones"
  }

  /// What learns more.
  private var largerNetwork: String {
    let (known, words) = largerNetworkCommand
    let command = quotedCommand(["pare"] + words)
    guard let known else { return "a larger network may learn more (\(command) lists them)" }
    return
      "it has \(Figures.significant(known.widthMultiple)) of the width of \(known.network.rawValue), "
      + "and the whole may learn more (\(command))"
  }

  /// What makes a wider network of the same kind, or lists others where this one is not known or has its
  /// whole width.
  private var largerNetworkCommand:
    (known: (network: BuiltInNetwork, widthMultiple: Double)?, words: [String])
  {
    guard let known = BuiltInNetwork.recognized(spec), known.widthMultiple < 1 else {
      return (nil, ["help", "config", "new"])
    }
    let size = [spec.net.width] + (spec.net.width == spec.net.height ? [] : [spec.net.height])
    return (
      known,
      ["config", "new", known.network.rawValue, "--classes", "\(spec.classes ?? 1)", "--img-size"]
        + size.map(String.init) + ["--output", unusedPath("wider.cfg")]
    )
  }

  /// What to type for a larger network where this one has not learned even its own pictures.
  var largerNetworkIfUnlearned: [String]? {
    guard let tried, DetectionQuality.Worth(map50: tried.map50) != .useful else { return nil }
    return largerNetworkCommand.words
  }

  private var hardlyFoundInWords: String? {
    let missed = zip(train.names, quality?.classes ?? []).filter { _, ap50 in
      ap50.map { $0 < Self.hardlyFound } ?? false
    }.map(\.0)
    // Where all are, mAP says it.
    guard !missed.isEmpty, missed.count < quality?.classes?.count(where: { $0 != nil }) ?? 0 else {
      return nil
    }
    return "hardly found at all: \(namedInWords(missed)): look at their boxes "
      + "(\(quotedCommand(["pare", "dataset", "stats", "--data", displayed(recipe.data)])))"
  }

  // MARK: What it learns from

  private var fewBoxesInWords: String? {
    let boxes = train.classCounts
    var pictures = [Int](repeating: 0, count: boxes.count)
    for picture in train.pictures {
      for index in Set(picture.labels.map(\.classIndex)) { pictures[index] += 1 }
    }
    // Those that are not there at all matter where something of them is to be found.
    let wanted = quality?.classes ?? []
    let few = boxes.indices.filter { index in
      boxes[index] < DetectionDataset.fewestBoxes
        && (boxes[index] > 0 || wanted.indices.contains(index) && wanted[index] != nil)
    }.sorted { boxes[$0] < boxes[$1] }
    guard !few.isEmpty else { return nil }
    var words = few.prefix(Self.mostNames).map { index in
      "'\(train.names[index])' has "
        + (boxes[index] == 0
          ? "none" : "\(boxes[index]) in \(counted(pictures[index], "picture"))")
    }
    let more = few.count - words.count
    if more > 0 { words.append("\(counted(more, "more class", "more classes")) too few") }
    return "few boxes: a class needs \(DetectionDataset.fewestBoxes) or more to be learned, and "
      + words.joined(separator: ", ") + ": label more pictures of them"
  }

  /// Sides of the boxes in the network's input.
  private lazy var sizes: [BoxSize] = {
    let feeding = recipe.options.feeding
    return train.sample(of: Self.mostMeasured).boxSizes(
      inputWidth: feeding.width, inputHeight: feeding.height, fit: feeding.fit,
      workers: recipe.workers)
  }()

  private var smallBoxesInWords: String? {
    let sides = sizes.map { min($0.width, $0.height) }.sorted()
    let share = Double(sides.count { $0 < Self.smallSide }) / Double(max(sides.count, 1))
    guard share >= Self.smallShare else { return nil }
    let feeding = recipe.options.feeding
    // At most twice the size: four times the work.
    let least = sides[min(Int(Self.smallShare * Double(sides.count)), sides.count - 1)]
    let factor = min(max(Double(Self.smallSide / max(least, 0.01)), 1.25), 2)
    let stride = Double(spec.greatestStride)
    let larger = Int(
      (factor * Double(max(feeding.width, feeding.height)) / stride).rounded(.up) * stride)
    return "small objects: \(Figures.percent(share, 0)) of the boxes are narrower than "
      + "\(Int(Self.smallSide)) pixels at \(feeding.width)×\(feeding.height): train at a larger size "
      + "(--img-size \(larger))"
  }

  /// As `pare anchors` judges them.
  private var anchorsInWords: String? {
    let own = spec.anchorSizes
    guard !own.isEmpty, let others = try? AnchorClustering(count: own.count)(sizes) else {
      return nil
    }
    let verdict = AnchorVerdict(
      own: AnchorFit(own, to: sizes), others: AnchorFit(AnchorFit.rounded(others), to: sizes))
    guard verdict.isWorthwhile else { return nil }
    let isRuns = fileName(of: recipe.cfg) == fileName(of: RunFolder(path: "").cfgPath)
    let feeding = recipe.options.feeding
    let size = feeding.width == feeding.height ? [feeding.width] : [feeding.width, feeding.height]
    // The run's network has the size of its training, the cfg that it began with may have another.
    let net = (try? NetworkSpec(contentsOf: recipe.cfg))?.net ?? spec.net
    let isOwnSize = feeding.width == net.width && feeding.height == net.height
    let command =
      ["pare", "anchors", "--data", displayed(recipe.data), "--cfg", displayed(recipe.cfg)]
      + (isOwnSize ? [] : ["--img-size"] + size.map(String.init))
      + (isRuns
        ? ["--output", unusedPath("anchors.cfg")]
        : ["--output", displayed(recipe.cfg), "--overwrite"])
    return "anchors that do not fit: their mean IoU with the boxes is "
      + "\(Figures.fixed(verdict.own.meanIoU, 2)), that of others "
      + "\(Figures.fixed(verdict.others.meanIoU, 2)) (\(quotedCommand(command)), then train anew)"
  }

}

/// "'a', 'b', 'c' and 4 more".
private func namedInWords(_ names: [String]) -> String {
  let most = 3
  let shown = names.prefix(most).map { "'\($0)'" }.joined(separator: ", ")
  return shown + (names.count > most ? " and \(names.count - most) more" : "")
}

extension DetectionDataset {
  /// That classes cannot be learned, for no picture has a box of them; nil where all are there.
  ///
  /// - Parameter data: the `.data` file.
  func absentClasses(of data: String) -> String? {
    let absent = zip(names, classCounts).filter { $0.1 == 0 }.map(\.0)
    guard !absent.isEmpty else { return nil }
    return
      "\(displayed(data)): no training picture has a box of \(namedInWords(absent)), so no network "
      + "learns \(absent.count == 1 ? "it" : "them")"
  }

  /// That classes are learned and not judged, for no picture to judge by has a box of them; nil where
  /// all are there.
  ///
  /// - Parameters:
  ///   - train: what is trained on.
  ///   - data: the `.data` file.
  func absentClasses(besides train: DetectionDataset, of data: String) -> String? {
    let absent = labelCount > 0 ? unjudgedClasses(of: train).map { names[$0] } : []
    guard !absent.isEmpty else { return nil }
    return
      "\(displayed(data)): no validation picture has a box of \(namedInWords(absent)), so "
      + "\(absent.count == 1 ? "its AP is" : "their APs are") not measured"
  }

  /// That pictures to judge by are trained on; nil where none is.
  ///
  /// - Parameters:
  ///   - train: what is trained on.
  ///   - data: the `.data` file.
  func sharedPictures(with train: DetectionDataset, of data: String) -> String? {
    let trained = Set(train.pictures.lazy.map { resolvedPath($0.path) })
    let shared = pictures.count { trained.contains(resolvedPath($0.path)) }
    guard shared > 0 else { return nil }
    let share = Figures.percent(Double(shared) / Double(pictures.count), 0)
    let check = quotedCommand(["pare", "dataset", "check", "--data", displayed(data)])
    return
      "\(displayed(data)): \(grouped(shared)) of the \(counted(pictures.count, "validation picture")) "
      + "(\(share)) \(shared == 1 ? "is" : "are") trained on too, so the figures are too good and the best "
      + "epoch is no independent choice; \(check) lists them"
  }

  /// At most so many of the pictures whose labels are known, at even steps.
  fileprivate func sample(of most: Int) -> DetectionDataset {
    let count = min(labelledCount, most)
    return DetectionDataset(
      pictures: (0..<count).map { pictures[$0 * labelledCount / count] }, names: names)
  }
}
