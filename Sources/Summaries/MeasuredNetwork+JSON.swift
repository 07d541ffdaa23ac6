import Commands
import Diagnosis
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
  var json: JSONValue { .members(["path": absolute(path), "summary": summary]) }
}
