import Commands
import Inference

extension Feeding {
  /// What is taken, for programs.
  var json: JSONValue {
    .members([
      "resize": fit.rawValue, "width": width, "height": height, "nms": suppression.method.rawValue,
      "nmsBeta": suppression.beta, "inputScale": inputScale.rawValue,
    ])
  }
}
