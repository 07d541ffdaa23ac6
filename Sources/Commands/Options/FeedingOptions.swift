import ArgumentParsing
import Boxes

/// How a picture is brought to the network's size.
package enum ResizeChoice: String, ExpressibleByArgument, CaseIterable, Sendable {
  case letterbox, stretch, darknet
}

extension NonMaximumSuppression.Method: ExpressibleByArgument {}

/// What a pair of cfg and weights says about its pictures and boxes, and can be overruled in.
package struct FeedingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "How pictures are brought to the input size; the model's own unless given: model.json, else "
        + "letter_box of the cfg, which Darknet takes for 'darknet' where it is not 1.",
      valueName: "mode"))
  package var resize: ResizeChoice?

  @Option(
    help: ArgumentHelp(
      "How overlapping boxes are thinned out: 'greedy' drops those that overlap a surer one, the others "
        + "are variants of it. The model's own unless given: model.json, else nms_kind of the cfg.",
      valueName: "kind"))
  package var nms: NonMaximumSuppression.Method?

  package init() {}

  /// Stretching fills the input: there is no padding to save.
  func requirePadding(_ rect: Bool) throws(ValidationError) {
    guard rect, let resize, resize != .letterbox else { return }
    throw ValidationError(
      "'--rect' saves padding, which '--resize \(resize.rawValue)' has none of")
  }
}
