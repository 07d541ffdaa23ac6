import ArgumentParsing
import Foundation
import Testing

@Suite struct CompletionTests {
  /// What bash offers for a line whose last word is being typed.
  private func bash(_ words: [String]) throws -> [String] {
    let script = Root.completionScript(for: .bash)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/bash")
    process.arguments =
      [
        "--norc", "-c",
        """
        eval "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _root
        printf '%s\\n' "${COMPREPLY[@]}"
        """, script,
      ] + words
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    return String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  @Test(arguments: [
    (["root", ""], ["learn", "convert", "set"]),
    (["root", "le"], ["learn"]),
    (["root", "set", ""], ["import"]),
    (["root", "set", "import", ""], ["voc"]),
    (["root", "learn", "--precision", ""], ["fp32", "bf16", "fp16"]),
    (["root", "learn", "--precision", "b"], ["bf16"]),
    (["root", "learn", "--em"], ["--ema"]),
    (["root", "learn", "--no-"], ["--no-ema", "--no-mosaic"]),
    (["root", "learn", "--epochs", ""], []),
    (["root", "convert", "--"], ["--count", "--help"]),
  ])
  func `bash offers what fits`(words: [String], offers: [String]) throws {
    #expect(try bash(words) == offers)
  }

  @Test func `zsh gets a function for each command`() {
    let script = SetCommand.completionScript(for: .zsh)
    #expect(
      script == #"""
        #compdef set
        # Completion of set for zsh.
        _set() {
          local curcontext="$curcontext" state line
          _arguments -C -s -S \
            '(-h --help)'{-h,--help}'[Show help information.]' \
            '(-): :->command' \
            '(-)*:: :->argument'
          case $state in
            command)
              local -a commands=(
                'import:Reads a set of pictures.'
              )
              _describe command commands ;;
            argument)
              case $words[1] in
                import) _set_import ;;
              esac ;;
          esac
        }
        _set_import() {
          local curcontext="$curcontext" state line
          _arguments -C -s -S \
            '(-h --help)'{-h,--help}'[Show help information.]' \
            ':The format.:(voc)'
        }
        _set "$@"
        """#)
    let convert = Convert.completionScript(for: .zsh)
    #expect(convert.contains(#"':The file to read.:_files -g "*.cfg"'"#))
  }

  @Test func `fish gets a line for each option`() {
    let script = SetCommand.completionScript(for: .fish)
    #expect(
      script == """
        # Completion of set for fish.
        function _set_at
          set -l command set
          set -l words (commandline -opc)
          for word in $words[2..-1]
            switch "$command $word"
              case 'set import'
                set command "$command $word"
            end
          end
          test "$command" = "$argv"
        end
        complete -c set -n "_set_at set" -f -a 'import' -d 'Reads a set of pictures.'
        complete -c set -n "_set_at set" -s h -l help -d 'Show help information.'
        complete -c set -n "_set_at set import" -f -a 'voc'
        complete -c set -n "_set_at set import" -s h -l help -d 'Show help information.'
        """)
  }

  @Test func `scripts are printed by a hidden option of the root`() {
    for arguments in [
      ["--generate-completion-script", "bash"], ["--generate-completion-script=bash"],
    ] {
      let error = #expect(throws: (any Error).self) { try Root.parseAsRoot(arguments) }
      #expect(error.map { Root.fullMessage(for: $0) } == Root.completionScript(for: .bash))
      #expect(error.map { Root.exitCode(for: $0) } == .success)
    }
    #expect(
      complaint("--generate-completion-script", "tcsh").text.hasPrefix(
        "Error: Can't generate completion scripts for 'tcsh'. "
          + "Please use --generate-completion-script with one of: bash zsh fish\n"))
  }
}
