/// What libtorch says of memory that is not there, in one short line: how much was asked for, what is
/// free, and what this process holds. libtorch itself lists every process on the device.
enum MemoryShortage {
  /// The line for what libtorch said; that itself where its form is not known.
  static func line(of said: String) -> String {
    if let bytes = text(in: said, after: "you tried to allocate ", before: " bytes") {
      return "no room for \(bytes) bytes more"
    }
    guard let asked = text(in: said, after: "Tried to allocate ", before: ". ") else { return said }
    var line = "no room for \(asked) more"
    if let device = text(in: said, after: ". GPU ", before: " has a total capacity of "),
      let all = text(in: said, after: "has a total capacity of ", before: " of which "),
      let free = text(in: said, after: " of which ", before: " is free")
    {
      line += " on GPU \(device), which has \(free) of \(all) free"
    }
    if let own = text(in: said, after: "this process has ", before: " memory in use") {
      line += "; this process holds \(own)"
    }
    return line
  }

  private static func text(in said: String, after start: String, before end: String) -> String? {
    guard let from = said.firstRange(of: start),
      let to = said[from.upperBound...].firstRange(of: end), from.upperBound < to.lowerBound
    else { return nil }
    return String(said[from.upperBound..<to.lowerBound])
  }
}
