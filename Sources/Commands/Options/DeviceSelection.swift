import ArgumentParsing
import Diagnosis
import Terminal

/// Where tensors live: what `--device` says, in the spelling that the engine reads.
package struct DeviceSelection: Hashable, Sendable, CustomStringConvertible {
  /// `auto`, `cpu`, `cuda` or `cuda:N`.
  package let name: String

  package static let automatic = DeviceSelection(name: "auto")

  private init(name: String) { self.name = name }

  /// Reads the four spellings, and those of the earlier Python programs: empty for auto, `0` for
  /// the first GPU.
  package init(parsing text: String) throws(ValidationError) {
    try self.init(parsing: text, hasGPU: GraphicsProcessors.present().isUsable)
  }

  /// As ``init(parsing:)``.
  ///
  /// - Parameter hasGPU: whether there is one that can be used, asked only of what is no device.
  package init(
    parsing text: String, hasGPU: @autoclosure () -> Bool
  ) throws(ValidationError) {
    if ["", "auto"].contains(text) {
      name = "auto"
    } else if ["cpu", "cuda"].contains(text) {
      name = text
    } else {
      let number = text.hasPrefix("cuda:") ? String(text.dropFirst("cuda:".count)) : text
      if number.contains(",") {
        throw ValidationError("this version works on one device at a time")
      }
      guard let index = Int(number), index >= 0, !number.hasPrefix("+") else {
        let names = ["auto", "cpu", "cuda"]
        let near = text.lowercased() == "gpu" ? "cuda" : closest(to: text, in: names)
        let expected = "expected auto, cpu, cuda or cuda:N"
        // What is suggested has to work.
        if near == "cuda", !hasGPU() {
          throw ValidationError(
            "\(expected); here it is cpu, for there is no GPU that can be used ('pare doctor' says why)"
          )
        }
        throw ValidationError((near.map { "did you mean '\($0)'? " } ?? "") + expected)
      }
      name = "cuda:\(index)"
    }
  }

  package var description: String { name }
}
