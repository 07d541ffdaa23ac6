import Boxes
import Commands
import Darknet
import Inference
import Reports
import Runs
import Storage
import Training

extension DetectionQuality {
  /// That a network is too poor to be used, and by which figures; nil where it is not.
  ///
  /// - Parameter place: what the figures are of, such as "on its validation pictures, ".
  package func warning(of name: String, _ place: String = "") -> String? {
    guard isPoor else { return nil }
    let found =
      "\(name) is too poor to be used: \(place)mAP@0.5 is \(Figures.fixed(map50, 4)), and a "
      + "detector of use has \(Figures.significant(Self.poorMap50)) at least"
    guard recall > 0 else { return found }
    return found + "; at its best it finds \(Figures.percent(recall, 0)) of the objects, and "
      + "\(Figures.percent(precision, 0)) of its boxes are right"
  }
}

extension NextCommand {
  /// More training of a network that is poor: its run goes on for longer, where there is one.
  ///
  /// - Parameter network: the options that name it.
  package static func more(
    training network: [String], on data: String?, isSingleClass: Bool
  ) -> NextCommand {
    if network.first == "--model", case let run = RunFolder(path: network[1]),
      fileExists(run.checkpointPath), let recipe = try? TrainingRecipe(contentsOf: run.requestPath)
    {
      return NextCommand("train", "--resume", "--output", run.path, "--epochs")
        + ["\(longer(recipe.options.epochs))"]
    }
    return NextCommand("train") + network + ["--data", data ?? Placeholder.data.rawValue]
      + (isSingleClass ? ["--single-cls"] : []) + ["--epochs", "100", "--name", "tuned"]
  }

  /// How many epochs to train where so many were too few.
  package static func longer(_ epochs: Int) -> Int { max(100, 2 * epochs) }
}
