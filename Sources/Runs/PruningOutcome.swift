import Boxes
import Darknet
import Inference
import Pruning
import Training

/// What a pruning came to: a pair that is proved and can be written, and all that is known of it.
public struct PruningOutcome {
  /// What was asked for.
  public let recipe: PruningRecipe
  /// How much went: the recipe's own request, or what was found for its target.
  public let request: PruningRequest
  /// The smaller network with its proof and certificate.
  public let pair: PrunedPair
  /// Both networks on this machine and on the pictures.
  public let measured: PruningMeasurement
  /// What the scales said before.
  public let verdict: PruningVerdict
  /// mAP at rising shares; nil unless asked for.
  public let curve: MeasuredCurve?
  /// The network that it comes from besides the one that was pruned, on the same pictures; nil where
  /// none is known.
  public let origin: PruningOrigin?
  /// What is missing, whatever the pruning itself cost; nil where nothing is.
  public let shortfall: PruningShortfall?
  /// What to do about it.
  public let advice: PruningAdvice
  /// What would bring the scales that are left back to about 1.
  public let restoration: ScaleRestoration
  /// What they were multiplied by; nil unless asked for.
  public let restored: Float?
  /// Whether the proof ran on pictures of the data set.
  public let isReal: Bool

  /// What was removed.
  public var plan: PruningPlan { pair.result.plan }
  /// The networks side by side, on which the proof stands.
  public var check: PruningCheck { pair.check }
}

/// What a pruning is judged by.
public struct PruningMeasurement {
  /// Before and after.
  public let rows: [MeasuredNetwork]
  /// After minus before; empty without labelled pictures.
  public let differences: [BootstrapResult]
  /// What the network was worth before; nil without labelled pictures.
  public let qualityBefore: DetectionQuality?
  /// What the pruned network is worth; nil without labelled pictures.
  public let quality: DetectionQuality?
  /// What both found on the pictures; empty without any.
  public let predictions: [StoredPredictions]
  /// What was lost of mAP@0.5:0.95; nil without labelled pictures.
  public let loss: PruningLoss?
  /// The times of both, and how far they may be trusted.
  public let timing: Timing
}

/// Figures of one network in a comparison.
public struct MeasuredNetwork: Hashable, Sendable {
  /// Trainable parameters.
  public let parameters: Int
  /// Bytes of its `.weights` file.
  public let weightsBytes: Int
  /// Multiply-accumulate operations of one picture.
  public let macs: Int
  /// mAP@0.5; nil where nothing was measured.
  public let map50: Double?
  /// mAP@0.5:0.95; nil where nothing was measured.
  public let map: Double?
  /// The time of a picture in the fastest pass.
  public let milliseconds: Double?
  /// What half of the timed passes took.
  public let middleHalf: ClosedRange<Double>?

  /// Figures of a network by its cfg, at an input size in pixels.
  init(
    _ spec: NetworkSpec, size: (width: Int, height: Int), latency: Latency?,
    outcome: Evaluation.Outcome?
  ) throws {
    let profile = try spec.profile(width: size.width, height: size.height)
    parameters = profile.parameters
    weightsBytes = profile.weightsByteCount
    macs = profile.macs
    map50 = outcome?.result.map50.ifMeasured
    map = outcome?.result.map.ifMeasured
    (milliseconds, middleHalf) = (latency?.fastest, latency?.middleHalf)
  }
}

/// mAP at rising shares, as pruned and with statistics re-estimated.
public struct MeasuredCurve: Sendable {
  /// mAP@0.5 and mAP@0.5:0.95.
  public struct Figure: Hashable, Sendable {
    /// mAP@0.5.
    public let map50: Double
    /// mAP@0.5:0.95.
    public let map: Double
  }

  /// One share.
  public struct Point: Hashable, Sendable {
    /// The share.
    public let percent: Double
    /// The smaller network as it is.
    public let asPruned: Figure
    /// With statistics re-estimated.
    public let recalibrated: Figure
    /// Whether the share is beyond what leaves every layer a channel of its own.
    public let empties: Bool
    /// Whether the network is the original.
    public let removesNothing: Bool
  }

  /// The whole network.
  public let original: Figure
  /// Ascending, from 0.
  public internal(set) var points: [Point] = []

  /// The largest measured share that is before the cliff and prunes without force; 0 where there is none.
  package func reach(recalibrated: Bool) -> Double {
    let reach = points(recalibrated: recalibrated).reach
    return points.last { $0.percent <= reach && !$0.empties }?.percent ?? 0
  }

  /// The whole network with statistics re-estimated; as it is before anything is measured.
  public var originalRecalibrated: Figure { points.first?.recalibrated ?? original }

  /// Whether re-estimating alone makes the whole network worse, beyond what two trainings of one network
  /// differ by.
  public var recalibrationCosts: Bool {
    PruningOrigin(name: "", map50: original.map50).isAhead(of: originalRecalibrated.map50)
  }

  /// One of the two curves of mAP@0.5, each beside the whole network treated alike.
  public func points(recalibrated: Bool) -> PruningCurve {
    PruningCurve(
      original: (recalibrated ? originalRecalibrated : original).map50,
      points: points.map {
        .init(
          percent: $0.percent, map50: recalibrated ? $0.recalibrated.map50 : $0.asPruned.map50)
      })
  }
}

extension MeasuredCurve.Figure {
  init(_ outcome: Evaluation.Outcome) {
    self.init(map50: outcome.result.map50, map: outcome.result.map)
  }
}

/// A pruning that was refused when its curve had been measured: it lies beyond the cliff, empties a
/// layer, or costs too much.
public struct RefusedAfterCurve: Error, CustomStringConvertible {
  /// What was measured.
  public let curve: MeasuredCurve
  /// Why it is refused.
  public let reason: any Error

  /// One line: the reason.
  public var description: String { "\(reason)" }
}
