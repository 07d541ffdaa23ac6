/// How a shell completes a value.
public struct CompletionKind: Sendable, Hashable {
  enum Kind: Hashable {
    case standard
    case file(extensions: [String])
    case directory
    case list([String])
  }
  var kind: Kind
  /// What is in each of the folders that are meant; nothing where any folder will do.
  private var contents: [String] = []

  init(kind: Kind) { self.kind = kind }

  /// Whether it is for files with some endings, that of `path` among them.
  func takesFile(_ path: String) -> Bool {
    guard case .file(let extensions) = kind else { return false }
    return extensions.contains { path.hasSuffix("." + $0) }
  }

  /// Whether it is for folders with something in them that this one has too.
  func takesFolder(with names: [String]) -> Bool {
    kind == .directory && !contents.isEmpty && contents.allSatisfy(names.contains)
  }

  /// Nothing in particular.
  public static var `default`: CompletionKind { CompletionKind(kind: .standard) }
  /// Files, of any kind or with one of the extensions (without their dot).
  public static func file(extensions: [String] = []) -> CompletionKind {
    CompletionKind(kind: .file(extensions: extensions))
  }
  /// Folders.
  public static var directory: CompletionKind { CompletionKind(kind: .directory) }
  /// Folders that hold files of these names.
  package static func directory(holding names: String...) -> CompletionKind {
    var completion = directory
    completion.contents = names
    return completion
  }
  /// One of these words.
  public static func list(_ words: [String]) -> CompletionKind {
    CompletionKind(kind: .list(words))
  }
}

/// A shell that completion scripts are written for.
public struct CompletionShell: RawRepresentable, Hashable, CaseIterable, Sendable {
  /// The shell's name.
  public var rawValue: String

  /// A supported shell; `nil` for any other name.
  public init?(rawValue: String) {
    guard ["bash", "zsh", "fish"].contains(rawValue) else { return nil }
    self.rawValue = rawValue
  }

  private init(_ name: String) { rawValue = name }

  /// GNU Bash.
  public static let bash = CompletionShell("bash")
  /// Z shell.
  public static let zsh = CompletionShell("zsh")
  /// Fish.
  public static let fish = CompletionShell("fish")

  /// Every supported shell.
  public static var allCases: [CompletionShell] { [.bash, .zsh, .fish] }

  func script(for root: CommandNode) -> String {
    switch self {
    case .zsh: zshScript(root)
    case .fish: fishScript(root)
    default: bashScript(root)
    }
  }
}

/// A command and what is below it, as completion needs them.
struct CommandNode {
  struct Entry {
    var names: [String]
    var abstract: String
    var completion: CompletionKind
    var isFlag: Bool
    var isRepeating: Bool
  }

  /// Names from the root down: `["pare", "dataset", "split"]`.
  var path: [String]
  var abstract: String
  var options: [Entry]
  var positionals: [Entry]
  var children: [CommandNode]

  init(_ command: any ParsableCommand.Type, below parents: [String] = []) {
    let configuration = command.configuration
    path = parents + [command.resolvedName]
    abstract = configuration.abstract
    let definitions = ArgumentSet(command.init()).definitions
    let visible = definitions.filter { $0.help.visibility == .default }
    func entry(_ definition: ArgumentDefinition) -> Entry {
      Entry(
        names: (definition.names + definition.inverseNames).map(\.synopsis),
        abstract: definition.help.abstract, completion: definition.completion,
        isFlag: definition.isFlag, isRepeating: definition.isRepeating)
    }
    options = visible.filter { !$0.isPositional }.map(entry)
    positionals = visible.filter(\.isPositional).map(entry)
    if parents.isEmpty, !configuration.version.isEmpty {
      options.append(.flag(["--version"], "Show the version."))
    }
    options.append(.flag(["-h", "--help"], "Show help information."))
    let path = path
    children = configuration.subcommands.filter { $0.configuration.shouldDisplay }
      .map { CommandNode($0, below: path) }
  }

  var name: String { path[path.count - 1] }

  /// A name for shell functions: `_pare_dataset_split`.
  var functionName: String {
    "_" + path.joined(separator: "_").map { $0.isLetter || $0.isNumber ? String($0) : "_" }.joined()
  }

  /// This command and everything below it.
  var all: [CommandNode] { [self] + children.flatMap(\.all) }
}

extension CommandNode.Entry {
  fileprivate static func flag(_ names: [String], _ abstract: String) -> Self {
    Self(
      names: names, abstract: abstract, completion: .default, isFlag: true, isRepeating: false)
  }
}
