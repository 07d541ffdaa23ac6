import Boxes
import Darknet
import Datasets
import Loading
import Networks
import Vision

/// How a pair of cfg and weights wants to be fed, and how its boxes are thinned out.
///
/// Every command that shows pictures to a network takes this from
/// ``init(of:cfg:weights:scale:warn:)``, and may be told otherwise by ``overruled(by:)``.
public struct Feeding: Hashable, Sendable {
  /// Width of the network's input, in pixels.
  public var width: Int
  /// Height of the network's input, in pixels.
  public var height: Int
  /// How pictures are brought to it.
  public var fit: PictureFit
  /// What pixel values become before the first layer.
  public var inputScale: InputScale
  /// How overlapping boxes are thinned out.
  public var suppression: SuppressionRule
  /// Who says so, in words.
  private var reasons = Reasons()

  private struct Reasons: Hashable {
    var fit = ""
    var size = ""
    var suppression = ""
  }

  /// A feeding that needs no reasons, as that of a training.
  public init(
    width: Int, height: Int, fit: PictureFit = .letterbox, inputScale: InputScale = .by255,
    suppression: SuppressionRule = SuppressionRule(.greedy)
  ) {
    (self.width, self.height, self.fit) = (width, height, fit)
    (self.inputScale, self.suppression) = (inputScale, suppression)
  }

  /// What a pair says of itself: its `model.json`; without one its cfg is Darknet's, whose
  /// `letter_box` is 0 by default, and whose suppression is `nms_kind` with `beta_nms`.
  ///
  /// - Parameters:
  ///   - spec: the pair's cfg.
  ///   - description: its `model.json` and where that lies; nil where there is none.
  ///   - ownsSize: whether the description's size counts; not when the cfg was changed since.
  public init(
    of spec: NetworkSpec, description: (path: String, description: ModelDescription)?,
    ownsSize: Bool = true
  ) {
    let cfg = fileName(of: spec.configuration.path)
    (width, height) = (spec.net.width, spec.net.height)
    reasons.size = cfg
    guard let (path, description) = description else {
      fit = spec.net.letterBox ? .letterbox : .darknet
      inputScale = .by255
      let rule = spec.darknetSuppression
      suppression = rule.rule
      reasons.fit =
        spec.net.raw["letter_box"].map { "letter_box=\($0) in \(cfg)" } ?? "no letter_box in \(cfg)"
      reasons.suppression = rule.kind.map { "nms_kind=\($0) in \(cfg)" } ?? "no nms_kind in \(cfg)"
      return
    }
    fit = description.resize ?? .letterbox
    inputScale = description.inputScale
    suppression = description.nms ?? SuppressionRule(.greedy)
    (reasons.fit, reasons.suppression) = (path, path)
    if ownsSize, let w = description.width, let h = description.height {
      (width, height, reasons.size) = (w, h, path)
    }
  }

  /// What a user asks for in place of what the pair says; nil leaves it.
  public struct Wishes: Sendable {
    /// Width and height of the input, in pixels.
    public var size: (width: Int, height: Int)?
    /// How pictures are brought to it.
    public var fit: PictureFit?
    /// How overlapping boxes are thinned out.
    public var method: NonMaximumSuppression.Method?

    /// Nothing in particular.
    public init(
      size: (width: Int, height: Int)? = nil, fit: PictureFit? = nil,
      method: NonMaximumSuppression.Method? = nil
    ) {
      (self.size, self.fit, self.method) = (size, fit, method)
    }
  }

  /// The feeding with what was asked for in its place.
  public func overruled(by wishes: Wishes) -> Feeding {
    var feeding = self
    let asked = "as asked for"
    if let size = wishes.size {
      (feeding.width, feeding.height, feeding.reasons.size) = (size.width, size.height, asked)
    }
    if let fit = wishes.fit { (feeding.fit, feeding.reasons.fit) = (fit, asked) }
    if let method = wishes.method {
      (feeding.suppression, feeding.reasons.suppression) = (SuppressionRule(method), asked)
    }
    return feeding
  }

  /// One line: what is taken, and who says so.
  public var summary: String {
    let parts = [
      ("resize \(fit.rawValue)", reasons.fit), ("\(width)×\(height) pixels", reasons.size),
      ("nms \(suppression)", reasons.suppression),
    ]
    if Set(parts.map(\.1)).count == 1, let reason = parts.first?.1, !reason.isEmpty {
      return "pictures: " + parts.map(\.0).joined(separator: ", ") + " (\(reason))"
    }
    return "pictures: "
      + parts.map { $0.1.isEmpty ? $0.0 : "\($0.0) (\($0.1))" }.joined(separator: ", ")
  }

  /// How pictures become batches.
  ///
  /// - Parameters:
  ///   - spec: the network that is fed.
  ///   - batchSize: pictures a batch.
  public func loading(for spec: NetworkSpec, batchSize: Int = 16) -> EvaluationLoader.Settings {
    var loading = EvaluationLoader.Settings()
    (loading.width, loading.height, loading.fit) = (width, height, fit)
    (loading.channels, loading.batchSize) = (spec.net.channels, batchSize)
    return loading
  }

  /// What becomes of the network's boxes. The defaults are those of a measurement of mAP.
  ///
  /// - Parameters:
  ///   - confidence: what the score of a detection is above, `0...1`.
  ///   - overlap: the IoU above which two boxes are taken for one object, `0...1`.
  ///   - isAgnostic: whether boxes of different classes compete too.
  public func detection(
    confidence: Float = 0.001, overlap: Float = 0.6, isAgnostic: Bool = false
  ) -> DetectionSettings {
    var settings = DetectionSettings(confidenceThreshold: confidence)
    settings.suppression = NonMaximumSuppression(
      suppression, iouThreshold: overlap, isAgnostic: isAgnostic)
    return settings
  }
}

extension Feeding {
  /// The cfg of a network that is to be fed so, as far as a cfg can say it: with the size,
  /// `letter_box` and the heads' `nms_kind` and `beta_nms`. So a pair means the same without its
  /// `model.json`. What the cfg says already, and what no cfg can say, such as soft suppression,
  /// stays as it is.
  package func said(by spec: NetworkSpec) -> Configuration {
    var configuration = spec.configuration
    configuration.sections[0]["width"] = "\(width)"
    configuration.sections[0]["height"] = "\(height)"
    if spec.net.letterBox != fit.keepsProportions {
      configuration.sections[0]["letter_box"] = fit.keepsProportions ? "1" : "0"
    }
    guard spec.darknetSuppression.rule != suppression else { return configuration }
    for head in spec.heads {
      if case .region = spec.layers[head] { continue }
      switch suppression.method {
      case .greedy: configuration.sections[head + 1]["nms_kind"] = "default"
      case .diou:
        configuration.sections[head + 1]["nms_kind"] = "greedynms"
        configuration.sections[head + 1]["beta_nms"] = "\(suppression.beta)"
      case .merge, .soft, .fast: continue
      }
    }
    return configuration
  }
}

extension NetworkSpec {
  /// The suppression that Darknet would use: that of the last head.
  ///
  /// `greedynms` and `diounms` subtract (d² / c²)^`beta_nms` from the IoU; `default` and
  /// `cornersnms` take the IoU as it is.
  ///
  /// - Returns: the rule, and the kind as the cfg names it; nil where it names none.
  public var darknetSuppression: (rule: SuppressionRule, kind: String?) {
    guard let last = heads.last else { return (SuppressionRule(.greedy), nil) }
    let yolo: YoloSpec? =
      switch layers[last] {
      case .yolo(let spec): spec
      case .gaussianYolo(let spec): spec.yolo
      default: nil
      }
    guard let yolo else { return (SuppressionRule(.greedy), nil) }
    let rule =
      switch yolo.nmsKind {
      case .greedy, .diou: SuppressionRule(.diou, beta: yolo.betaNMS)
      case .standard, .corners: SuppressionRule(.greedy)
      }
    return (rule, section(ofLayer: last)["nms_kind"])
  }
}
