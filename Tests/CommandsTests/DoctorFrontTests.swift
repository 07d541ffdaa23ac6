import Commands
import Darknet
import Foundation
import Testing

/// What the front says of machines, builds and a user's own files, without the engine.
@Suite(.enabled(if: Front.isBuilt, "the program 'pare' is not built"))
struct DoctorFrontTests {
  @Test func `doctor tells a cause once, and what depends on it`() throws {
    try Front.use { front in
      _ = try front.shell("./pare config new yolov4-tiny --classes 2 --quiet --output n.cfg")
      try front.makeEngine("#!/bin/sh\n")
      let run = try front.shell(
        "./pare doctor --quick --cfg no.cfg --weights no.weights --data no.data")
      #expect(run.status == 1)
      let cause = "no.cfg: cannot be read: No such file or directory; did you mean 'n.cfg'?"
      #expect((run.output + run.errors).components(separatedBy: cause).count == 2, "\(run)")
      #expect(run.output.contains("weights        not checked: that needs the cfg\n"))
      #expect(
        run.output.contains("No such file or directory; this folder has no .data file\n"))
      #expect(run.output.contains("\nwhat to do\n"))
      #expect(run.errors.hasSuffix("cfg, data\n") && run.errors.contains(" checks failed: "))
      // What keeps two things from working is told once, and so is its remedy.
      let same = run.output.split(separator: "\n").filter { $0.contains("correct the cfg") }
      #expect(same.count == 1)
    }
  }

  // What is read comes first, then what the engine says of itself, then what to do.
  @Test func `doctor has the engine try itself out`() throws {
    try Front.use { front in
      try front.makeEngine(
        """
        #!/bin/sh
        [ "$*" = doctor ] || exit 3
        printf 'pare-trial\\tbegin\\tcpu\\n'
        printf 'pare-trial\\tcheck\\tcpu\\tok\\tright numbers\\tright ones\\t\\t\\n'
        printf 'pare-trial\\tbegin\\tcuda:0\\nCUDA error: out of cards\\n'
        kill -SEGV $$
        """)
      let run = try front.shell("./pare doctor")
      let lines = run.output.split(separator: "\n").map(String.init)
      let video = try #require(lines.firstIndex { $0.hasPrefix("warning  video ") }, "\(run)")
      #expect(
        lines[(video + 1)...(video + 3)] == [
          "ok       cpu            right numbers",
          "failed   cuda:0         the engine: ended by signal 11 while computing on cuda:0; it said: "
            + "CUDA error: out of cards", "what to do",
        ], "\(run.output)")
      #expect(run.output.contains("\n  cuda:0:"), "\(run.output)")
      #expect(run.status == 1 && run.errors == "Error: a check failed: cuda:0\n", "\(run.errors)")
      let json = try front.shell("./pare doctor --json -")
      #expect(json.output.contains("\"name\": \"cpu\""))
      let quick = try front.shell("./pare doctor --quick")
      #expect(quick.status == 0 && !quick.output.contains("cuda:0"), "\(quick)")
    }
  }

  // Each program that is asked takes milliseconds to start.
  @Test func `doctor asks pkg-config of nothing that it does not list`() throws {
    try Front.use { front in
      try front.makeEngine("#!/bin/sh\n")
      func calls(_ listed: String) throws -> [String] {
        try """
        #!/bin/sh
        echo "$*" >> calls.txt
        case $* in
          --list-all) echo 'zlib   zlib'; echo '\(listed)' ;;
          --modversion*) echo 4.6.0 ;;
          *) echo /opt/cv ;;
        esac
        """.write(toFile: front.file("pkg-config"), atomically: true, encoding: .utf8)
        let run = try front.shell(
          """
          chmod +x pkg-config; rm -f calls.txt
          PATH=$PWD:/usr/bin:/bin ./pare doctor --quick > found.txt
          sort calls.txt; grep '^[a-z]* *pkg-config' found.txt
          """)
        return run.output.split(separator: "\n").map(String.init)
      }
      let without = try calls("tbb  threads")
      #expect(without.count == 2 && without[0] == "--list-all", "\(without)")
      #expect(without.last?.contains("opencv4") == true, "\(without)")
      let with = try calls("opencv4  OpenCV")
      #expect(
        with.dropLast() == [
          "--list-all", "--modversion opencv4", "--variable=libdir opencv4",
          "--variable=prefix opencv4",
        ], "\(with)")
      #expect(with.last?.contains("opencv4 4.6.0 in /opt/cv") == true, "\(with)")
    }
  }

  @Test func `doctor judges a machine that is written down`() throws {
    try Front.use { front in
      let written = try front.shell("./pare doctor --record here.txt --json - | tail -1")
      #expect(written.output == "}\n")
      let record = try String(contentsOfFile: front.file("here.txt"), encoding: .utf8)
      #expect(record.hasPrefix("# ") && record.contains("\n$ cat /proc/meminfo\nMemTotal:"))
      let again = try front.shell("./pare doctor --record here.txt")
      #expect(again.status == 1 && again.errors.contains("here.txt"))
      try """
      # A machine.
      $ gcc --version
      gcc (Debian 12.2.0-14) 12.2.0
      $ g++ --version
      g++ (Debian 11.2.0-14) 11.2.0
      """.write(toFile: front.file("other.txt"), atomically: true, encoding: .utf8)
      let other = try front.shell("./pare doctor --machine other.txt")
      // Nothing of the engine: that is not on the other machine.
      #expect(other.status == 0 && !other.output.contains("engine  "), "\(other)")
      #expect(other.output.contains("compilers      gcc 12.2.0, g++ 11.2.0\n"), "\(other.output)")
      let foreign = try front.shell("echo a > a.txt; ./pare doctor --machine a.txt")
      #expect(
        foreign.errors
          == "Error: a.txt: no record of a machine; 'pare doctor --record FILE' writes one\n")
    }
  }

  @Test func `doctor explains the log of a failed build`() throws {
    try Front.use { front in
      try "[ 1%] x\nc++: fatal error: Killed signal terminated program cc1plus\n".write(
        toFile: front.file("make.log"), atomically: true, encoding: .utf8)
      let run = try front.shell("./pare doctor --explain make.log")
      #expect(
        run.output == """
          error       make.log:2: c++: fatal error: Killed signal terminated program cc1plus
          cause       the kernel ended a compiler, since memory ran out
          what to do  compile fewer files at once, or add swap; what is built stays
                        make -j1
                        sudo fallocate -l 8G /swapfile
                        sudo chmod 600 /swapfile
                        sudo mkswap /swapfile
                        sudo swapon /swapfile

          """ && run.status == 0, "\(run)")
      let json = try front.shell("./pare doctor --explain make.log --json -")
      #expect(json.output.contains("\"known\": true") && json.output.contains("\"line\": 2"))
      let clean = try front.shell("echo fine > a.log; ./pare doctor --explain a.log")
      #expect(clean.output == "a.log: no error in it\n")
      let absent = try front.shell("./pare doctor --explain mak.log")
      #expect(absent.status == 1 && absent.errors.hasPrefix("Error: mak.log: cannot be read"))
    }
  }

  @Test func `doctor takes the folder of a network`() throws {
    try Front.use { front in
      let made = try front.shell(
        "mkdir -p runs/dense && ./pare config new yolov4-tiny --classes 2 --quiet "
          + "--output runs/dense/model.cfg && printf x > runs/dense/last.weights")
      #expect(made.status == 0, "\(made.errors)")
      let run = try front.shell("./pare doctor --model runs/dense --weights last")
      #expect(run.output.contains("cfg            38 layers, "), "\(run.output)")
      #expect(run.output.contains("runs/dense/last.weights"))
      let best = try front.shell("./pare doctor --model runs/dense/ --json -")
      #expect(best.output.contains("runs/dense/model.weights: "), "\(best.output)")
      let absent = try front.shell("./pare doctor --model runs/danse")
      #expect(
        absent.output.contains("runs/danse is not there; did you mean 'runs/dense'?"),
        "\(absent.output)")
      let other = try front.shell("./pare doctor --model runs")
      #expect(other.output.contains("runs is no run folder: it holds no model.cfg"))
    }
  }
}
