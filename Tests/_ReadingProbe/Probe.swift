import Darknet
import Datasets
import Glibc

/// Writes the large files of one form into a folder, reads each, and prints a line for it: its
/// name, size, seconds of the processor, peak of memory beyond the start in bytes, and what came of
/// it.
///
///     _ReadingProbe FORM FOLDER [FILE]
@main
struct Probe {
  static func main() throws {
    let arguments = CommandLine.arguments
    guard arguments.count >= 3, let form = Form.all.first(where: { $0.name == arguments[1] }) else {
      throw Measurement.Failure(
        description: "_ReadingProbe FORM FOLDER [FILE]; FORM is one of \(Form.all.map(\.name))")
    }
    for file in form.files where arguments.count < 4 || file.name == arguments[3] {
      let folder = "\(arguments[2])/\(file.name)"
      let (path, size) = try form.prepare(folder, file)
      var outcome = ""
      let cost = try Measurement.of {
        do { outcome = try form.read(folder, path) } catch { outcome = "Error: \(error)" }
      }
      print(
        [file.name, "\(size)", "\(cost.seconds)", "\(cost.peakGrowth)", outcome]
          .joined(separator: "\t"))
      unlink(path)
    }
  }
}
