import Commands
import Darknet
import Diagnosis
import Reports
import Runs

extension MeasuredNetwork {
  /// For programs.
  package var json: JSONValue {
    .members([
      "parameters": parameters, "weightsBytes": weightsBytes, "macs": macs, "map50": map50,
      "map": map, "milliseconds": milliseconds,
      "millisecondsMiddle": middleHalf.map { [$0.lowerBound, $0.upperBound].json },
    ])
  }
}

extension MachineLoad {
  /// For programs: how busy the machine was while times were measured.
  var json: JSONValue {
    .members(["programs": programs, "cores": cores, "spoilsTimes": spoilsTimes])
  }
}

extension PairCodes {
  /// For programs: which codes figures are of.
  var json: JSONValue {
    .members(["path": absolute(path), "summary": summary, "fileBytes": fileBytes])
  }

  /// "25 kB as codes (model.quantization.safetensors with names and steps: 40 kB; in float 98 kB)".
  ///
  /// - Parameter floatBytes: bytes of the float weights.
  func sizeInWords(floatBytes: Int) -> String {
    let file = fileBytes.map { " with names and steps: \(Figures.bytes($0))" } ?? ""
    return "\(Figures.bytes(bytes)) as codes (\(fileName(of: path))\(file); in float "
      + "\(Figures.bytes(floatBytes)))"
  }
}
