import Commands
import Datasets
import Runs
import Summaries

extension DatasetMergeCommand: Executable {
  package func execute() throws {
    let json = try JSONOutput(report, in: folder.output)
    var merger = DatasetMerger(sources, output: folder.output)
    merger.name = set.name
    merger.names = try set.classNames()
    merger.renamed = Dictionary(
      map.map { ($0.old, $0.new) }, uniquingKeysWith: { first, _ in first })
    merger.copies = set.copy
    merger.splits = set.splitMoves
    merger.overwrites = folder.overwrite
    let (result, duplicates) = try ConsoleObserver(report).watch("merging") {
      try merger.run(progress: $0)
    }
    Console.list(
      duplicates.map { "\($0.path) is \($0.original)\($0.isLeak ? ", in another list" : "")" },
      what: "pictures have the same contents as another",
      one: "picture has the same contents as another")
    try report.tell(result, result.summary(duplicates: duplicates), json)
  }
}
