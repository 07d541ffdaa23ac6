/// What can go wrong before the work starts.
enum EngineError: Error, Equatable, CustomStringConvertible {
  case classOutOfRange(Int, classes: Int)
  case noSuchClass(String, names: [String])
  case otherOptions([String], run: String)
  case unusableOperand(String, reason: String)
  /// Figures to compare are of different pictures; the line says which, and the way out.
  case otherPictures(String)
  case problemsFound(Int)

  var description: String {
    switch self {
    case .classOutOfRange(let index, let classes):
      "--classes \(index): the network has classes 0 to \(classes - 1)"
    case .noSuchClass(let name, let names):
      "--classes \(name): no such class; expected a number or one of "
        + names.prefix(20).joined(separator: ", ") + (names.count > 20 ? ", …" : "")
    case .otherOptions(let options, let run):
      "\(run): it was started with other values of \(options.joined(separator: ", ")); "
        + "--resume continues a run as it was begun; only --epochs, and what says where it runs "
        + "(--device, --threads, --workers, --cache), may change"
    case .unusableOperand(let path, let reason): "\(path): \(reason)"
    case .otherPictures(let line): line
    case .problemsFound(let count): count == 1 ? "1 problem found" : "\(count) problems found"
    }
  }
}
