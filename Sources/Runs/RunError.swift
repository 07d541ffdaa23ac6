import Networks
import Darknet
import Terminal
import Torch

/// Why a run cannot start, or gives nothing.
public enum RunError: Error, Equatable, CustomStringConvertible {
  /// A folder or file that would be written and is read.
  case outputIsInput(String)
  /// A folder that cannot be made.
  case cannotCreate(String, reason: String)
  /// A `.data` file without a list that is needed.
  case noSplit(String, data: String)
  /// A data set of one class for a network of more.
  case notSingleClass(cfg: String, classes: Int)
  /// Something that was asked for, by the option's name, and cannot be had.
  case unusable(String, reason: String)
  /// A folder with a run that can be gone on with.
  case holdsRun(String)
  /// A folder where the training without a teacher would go.
  case controlExists(String)
  /// The folder of a training without a teacher that holds another training.
  case controlIsOther(String)
  /// What is wrong with a teacher's files.
  case teacher(String)
  /// A folder that holds no run, and runs that there are.
  case nothingToResume(String, nearby: [String])
  /// Weights of another cfg in a form that does not say where layers begin, so that none can be taken;
  /// the cfg beside them, where there is one.
  case nothingToTake(String, cfg: String?)
  /// A data set named for a run that goes on, while the file that it began with is still there.
  case dataIsThere(String, run: String)
  /// A run that is gone on with, and options that it was started without.
  case otherOptions([String], run: String)
  /// A recipe that cannot be taken.
  case unreadableRecipe(String, reason: String)
  /// What a run was started with, and cannot be taken.
  case unreadableRequest(String, reason: String)
  /// Weights of another network, and how many of its layers would fit.
  case otherNetwork(String, fitting: Int)
  /// Weights of which no layer fits the network.
  case nothingFits(String, cfg: String)
  /// Weights that are no numbers, where they are only to be written in another form.
  case notFinite(StoredWeightsError)
  /// An audit that found mistakes, so many.
  case problemsFound(Int)
  /// Two engines that give other codes, and where.
  case enginesDiffer(picture: String, place: String)
  /// What ended a training of which a checkpoint is there.
  case endedEarly(String, run: String)
  /// Memory that a device or the host does not have, at so many pictures per pass, where they are chosen.
  case outOfMemory(TorchError, batchSize: Int?)
  /// A run that is gone on with, and whose data set cannot be read.
  case dataIsGone(String, run: String)

  /// One line: what was found and what to do.
  public var description: String {
    switch self {
    case .outputIsInput(let path):
      "\(path): is what would be read and written; name another --output"
    case .cannotCreate(let path, let reason): "\(path): cannot be created: \(reason)"
    case .noSplit(let split, let data): "\(data): names no '\(split)' list"
    case .notSingleClass(let cfg, let classes):
      "\(cfg): \(classes) classes; '--single-cls' needs a network of one (config new --classes 1)"
    case .unusable(let option, let reason): "\(option): \(reason)"
    case .holdsRun(let path):
      "\(path): exists and is not empty: it holds a run, and \(Self.resuming(path)) goes on with it; for a new one name another --output, or add --overwrite"
    case .controlExists(let path):
      "\(path): exists, and the training without a teacher goes there; move it, or name another "
        + "--output"
    case .controlIsOther(let path):
      "\(path): holds another training, and the one without a teacher goes there; move it, or name "
        + "another --output"
    case .teacher(let description): description
    case .nothingToResume(let path, let nearby):
      "\(path): no run to resume; "
        + (nearby.isEmpty
          ? "without '--resume' a new one begins"
          : "there \(nearby.count == 1 ? "is" : "are") \(nearby.joined(separator: ", "))")
    case .otherOptions(let options, let run):
      "\(run): it was started with other values of \(options.joined(separator: ", ")); "
        + "--resume continues a run as it was begun; only --epochs may change, what says where it "
        + "runs (--device, --threads, --workers, --cache, --cache-folder), and where files are now if "
        + "they have gone (--data, --teacher, --teacher-cfg, --teacher-weights)"
    case .unreadableRecipe(let path, let reason): "\(path): \(reason)"
    case .unreadableRequest(let path, let reason):
      "\(path): \(reason); start a new run from last.weights beside it with --weights"
    case .nothingFits(let path, let cfg):
      "\(path): nothing of these weights fits \(cfg); without '--weights' training starts from "
        + "random numbers"
    case .otherNetwork(let error, let count):
      "\(error); '--pretrain' takes what fits: \(counted(count, "layer"))"
    case .nothingToTake(let error, let cfg):
      "\(error); where layers begin only their own cfg says, so '--pretrain' can take none of them: name "
        + (cfg.map { "that, \($0), or its folder: --model \(folderPath(of: $0))" }
          ?? "that cfg with --cfg, or its run's folder with --model")
    case .dataIsThere(let data, let run):
      "\(run): it was started with \(data), which is still there and is read; correct the paths in its "
        + "lists, or delete it, and then name with --data where the set is now"
    case .notFinite(let error): "\(error); --allow-nan converts them all the same"
    case .problemsFound(let count): count == 1 ? "1 problem found" : "\(count) problems found"
    case .enginesDiffer(let picture, let place):
      "the engines differ first at \(picture): \(place)"
    case .endedEarly(let error, let run):
      "\(error); what was trained until then is saved: when that is put right, \(Self.resuming(run)) goes on"
    case .outOfMemory(let error, nil): "\(error)"
    case .outOfMemory(let error, 1?): "\(error); a smaller --img-size takes less"
    case .outOfMemory(let error, let size?):
      "\(error); a smaller --batch-size (\(size) now) takes less, and so does a smaller --img-size"
    case .dataIsGone(let error, let run):
      "\(error); name it with --data where it is now: \(Self.resuming(run, ["--data", "FILE"]))"
    }
  }

  /// What goes on with a run, in quotes.
  private static func resuming(_ run: String, _ more: [String] = []) -> String {
    quotedCommand(["pare", "train", "--resume", "--output", run] + more)
  }
}
