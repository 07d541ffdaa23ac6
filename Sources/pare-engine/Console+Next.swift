import Commands

extension Console {
  /// Says what to type next after a command that has done its work, unless JSON goes to stdout or
  /// nothing but results is asked for.
  static func next(_ report: ReportOptions, _ purpose: String, _ words: [String]) throws {
    guard report.printsTables, !report.quiet else { return }
    try suggest(purpose, words)
  }

  /// After a data set is ready: the cfg that is still missing.
  static func nextOfSet(_ report: ReportOptions, data: String, classes: Int) throws {
    let output = String(data.dropLast(data.hasSuffix(".data") ? 5 : 0)) + ".cfg"
    try next(
      report, "make a network for it",
      ["config", "new", "yolov4-tiny", "--classes", "\(classes)", "--output", output])
  }
}
