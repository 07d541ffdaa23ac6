/// What an evaluation found. All figures are in `0...1`, or −1 where there is nothing to measure:
/// no ground truth of the class, or of any class.
public struct EvaluationResult: Hashable, Sendable {
  /// The rules it was measured by.
  public var style: EvaluationStyle
  /// How many pictures were seen.
  public var images: Int
  /// How many ground truths could be found; crowds and difficult ones are not among them.
  public var instances: Int
  /// The confidence at which precision, recall and F1 are read, the same for all classes.
  ///
  /// 0.1 for `legacy`, which interpolates between the detections around it; for the other styles
  /// that which gives the highest mean F1 at IoU 0.5, or 1 where nothing was detected.
  public var confidence: Double
  /// Share of the detections that are right, at ``confidence`` and IoU 0.5; mean over classes.
  public var precision: Double
  /// Share of the ground truths that are found, at ``confidence`` and IoU 0.5; mean over classes.
  public var recall: Double
  /// Harmonic mean of precision and recall of a class; mean over classes.
  public var f1: Double
  /// Average precision at IoU 0.5, mean over the classes that have ground truth.
  public var map50: Double
  /// Average precision at IoU 0.75, mean over the classes that have ground truth.
  public var map75: Double
  /// Average precision over IoU 0.5 to 0.95, mean over the classes that have ground truth.
  public var map: Double
  /// The figures of each class, by class index; absent classes too.
  public var perClass: [ClassResult]
  /// COCO's figures by object size and by detections a picture; nil for the other styles.
  public var coco: COCOSummary?
}

/// What an evaluation found for one class; −1 where the class has no ground truth.
public struct ClassResult: Hashable, Sendable {
  /// How many ground truths could be found.
  public var instances: Int
  /// Share of the detections that are right, at the evaluation's confidence and IoU 0.5.
  public var precision: Double
  /// Share of the ground truths that are found, at the evaluation's confidence and IoU 0.5.
  public var recall: Double
  /// Harmonic mean of the two.
  public var f1: Double
  /// Average precision at IoU 0.5.
  public var ap50: Double
  /// Average precision at IoU 0.75.
  public var ap75: Double
  /// Average precision over IoU 0.5 to 0.95.
  public var ap: Double
  /// Share of the ground truths that are found by all detections, over IoU 0.5 to 0.95.
  public var averageRecall: Double
}

/// COCO's figures by object size, and by detections allowed a picture and class; −1 where absent.
///
/// Small objects have at most 32² square pixels, large ones at least 96², both borders inclusive.
public struct COCOSummary: Hashable, Sendable {
  /// Average precision of small objects.
  public var apSmall: Double
  /// Average precision of medium objects.
  public var apMedium: Double
  /// Average precision of large objects.
  public var apLarge: Double
  /// Average recall with one detection a picture and class.
  public var ar1: Double
  /// Average recall with ten detections a picture and class.
  public var ar10: Double
  /// Average recall with a hundred detections a picture and class.
  public var ar100: Double
  /// Average recall of small objects.
  public var arSmall: Double
  /// Average recall of medium objects.
  public var arMedium: Double
  /// Average recall of large objects.
  public var arLarge: Double
}

extension Double {
  /// The figure of an evaluation, or nil where there was nothing to measure.
  public var ifMeasured: Double? { self < 0 ? nil : self }
}
