import Commands

extension Console {
  /// Says what to type next after a command that has done its work, unless JSON goes to stdout or
  /// nothing but results is asked for.
  static func next(_ report: ReportOptions, _ purpose: String, _ words: [String]) throws {
    guard report.printsTables, !report.quiet else { return }
    try suggest(purpose, words)
  }

  /// After a data set is ready: training with a cfg, or the cfg that is still missing.
  static func nextOfSet(
    _ report: ReportOptions, data: String, cfg: String? = nil, classes: Int, size: Int?
  ) throws {
    guard let cfg else {
      let output = String(data.dropLast(data.hasSuffix(".data") ? 5 : 0)) + ".cfg"
      var words = ["config", "new", "yolov4-tiny", "--classes", "\(classes)"]
      if let size { words += ["--img-size", "\(size)"] }
      return try next(report, "make a network for it", words + ["--output", output])
    }
    try next(report, "train it", ["train", "--cfg", cfg, "--data", data])
  }
}
