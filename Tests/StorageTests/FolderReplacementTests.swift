import Foundation
import Glibc
import Testing

@testable import Storage

/// A folder of its own for a test.
private func withFolder(_ body: (String) throws -> Void) throws {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
    "pare-storage-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { removeTree(folder.path) }
  try body(folder.path)
}

private func put(_ text: String, _ path: String) throws {
  try makeFolders(parentFolder(of: path))
  try Data(text.utf8).write(to: URL(filePath: path))
}

private func text(_ path: String) -> String? { try? String(contentsOfFile: path, encoding: .utf8) }

/// Everything below a folder that a person would see.
private func tree(_ path: String) throws -> [String] {
  var names: [String] = []
  try walk(SystemPath(path)) { names.append($0.text) }
  return names.filter { !$0.hasPrefix(".pare") }
}

@Suite struct FolderReplacementTests {
  @Test func `a new folder has nothing until all is written`() throws {
    try withFolder { root in
      let path = root + "/a/b"
      let folder = try FolderReplacement(path, replaces: false)
      try put("1", folder.workingPath + "/x")
      #expect(try tree(path).isEmpty)
      try folder.commit()
      #expect(folder.workingPath == path && text(path + "/x") == "1")
    }
  }

  @Test func `what is given up leaves nothing, not even folders`() throws {
    try withFolder { root in
      do {
        let folder = try FolderReplacement(root + "/a/b", replaces: false)
        try put("1", folder.workingPath + "/deep/x")
      }
      #expect(try namesInFolder(root).isEmpty)
    }
  }

  @Test func `a folder that is replaced keeps what pare did not write`() throws {
    try withFolder { root in
      let path = root + "/out"
      do {
        let first = try FolderReplacement(path, replaces: false)
        try put("old", first.workingPath + "/model.cfg")
        try put("old", first.workingPath + "/labels/a.txt")
        try put("old", first.workingPath + "/odd%\nname")
        try first.commit()
      }
      try put("mine", path + "/notes.txt")
      try put("mine", path + "/labels/extra/c.txt")
      do {
        let given = try FolderReplacement(path, replaces: true)
        try put("new", given.workingPath + "/model.cfg")
        #expect(text(path + "/model.cfg") == "old")
      }
      #expect(text(path + "/model.cfg") == "old" && text(path + "/labels/a.txt") == "old")
      do {
        let second = try FolderReplacement(path, replaces: true)
        try put("new", second.workingPath + "/model.cfg")
        try put("new", second.workingPath + "/labels/b.txt")
        try second.commit()
      }
      #expect(
        try tree(path) == ["labels/b.txt", "labels/extra/c.txt", "model.cfg", "notes.txt"])
      #expect(text(path + "/model.cfg") == "new" && text(path + "/notes.txt") == "mine")
      #expect(try namesInFolder(root) == ["out"])
    }
  }

  @Test func `a folder without a list loses only what is named as pare's`() throws {
    try withFolder { root in
      let path = root + "/out"
      try put("old", path + "/last.safetensors")
      try put("mine", path + "/notes.txt")
      do {
        let folder = try FolderReplacement(
          path, replaces: true, owning: { $0 == "last.safetensors" })
        try put("new", folder.workingPath + "/model.cfg")
        try folder.commit(later: ["events.*"])
      }
      #expect(try tree(path) == ["model.cfg", "notes.txt"])
      try put("later", path + "/events.1")
      do {
        let folder = try FolderReplacement(path, replaces: true)
        try put("new", folder.workingPath + "/model.cfg")
        try folder.commit()
      }
      #expect(try tree(path) == ["model.cfg", "notes.txt"])
    }
  }

  @Test func `a full folder is refused unless it may be replaced`() throws {
    try withFolder { root in
      try put("mine", root + "/out/notes.txt")
      #expect(throws: StorageError.notEmpty(path: root + "/out")) {
        try FolderReplacement(root + "/out", replaces: false)
      }
      #expect(throws: StorageError.notAFolder(path: root + "/out/notes.txt")) {
        try FolderReplacement(root + "/out/notes.txt", replaces: true)
      }
      #expect(try namesInFolder(root + "/out") == ["notes.txt"])
    }
  }

  @Test func `a file that pare did not write is not written over`() throws {
    try withFolder { root in
      let path = root + "/out"
      try put("mine", path + "/labels/a.txt")
      try put("mine", path + "/model.cfg/x")
      for name in ["labels/a.txt", "model.cfg"] {
        let folder = try FolderReplacement(path, replaces: true)
        let refusal = StorageError.notOurs(path: "\(path)/\(name)", isFolder: name == "model.cfg")
        #expect(throws: refusal) { try folder.requireOwn([name]) }
        #expect(throws: refusal) { try folder.commit(later: [name]) }
        try put("new", folder.workingPath + "/" + name)
        #expect(throws: refusal) { try folder.commit() }
      }
      #expect(text(path + "/labels/a.txt") == "mine" && text(path + "/model.cfg/x") == "mine")
      // What it wrote itself it replaces, in a folder of both.
      for contents in ["1", "2"] {
        let folder = try FolderReplacement(path, replaces: true)
        try put(contents, folder.workingPath + "/labels/b.txt")
        try folder.commit()
        #expect(text(path + "/labels/b.txt") == contents)
      }
      #expect(try tree(path) == ["labels/a.txt", "labels/b.txt", "model.cfg/x"])
    }
  }

  // What is asked for before a set is replaced: links of it, and what they lead to.
  @Test func `what would go is found by its name and by what it leads to`() throws {
    try withFolder { root in
      let path = root + "/set"
      do {
        let folder = try FolderReplacement(path, replaces: false)
        try makeFolders(folder.workingPath + "/images")
        #expect(symlink(root + "/original.jpg", folder.workingPath + "/images/a.jpg") == 0)
        try folder.commit()
      }
      try put("x", root + "/original.jpg")
      #expect(symlink(path + "/images/a.jpg", root + "/link.jpg") == 0)
      try put("mine", path + "/images/b.jpg")
      let folder = try FolderReplacement(path, replaces: true)
      let inside = root + "/set/../set/images/a.jpg"
      #expect(folder.firstRemoved(of: [root + "/original.jpg", inside]) == inside)
      #expect(folder.firstRemoved(of: [path + "/images/b.jpg", root + "/link.jpg"]) == nil)
    }
  }

  @Test func `a folder that grows lists each file before it is written`() throws {
    try withFolder { root in
      let path = root + "/out"
      do {
        let folder = try FolderReplacement(path, replaces: false, grows: true)
        try put("1", folder.place(for: "a.jpg"))
        try put("1", folder.place(for: "labels/a.txt"))
        try put("2", folder.place(for: "a.jpg"))
        // Seen at once, and known as ours even if the process ends here.
        #expect(text(path + "/a.jpg") == "2")
        #expect(text(path + "/.pare.files") == "a.jpg\nlabels/a.txt\n")
        // A file that somebody else puts there meanwhile.
        try put("mine", path + "/b.jpg")
        #expect(throws: StorageError.notOurs(path: path + "/b.jpg", isFolder: false)) {
          try folder.place(for: "b.jpg")
        }
      }
      do {
        // Now it holds something: the old results stay until the new ones are whole.
        let folder = try FolderReplacement(path, replaces: true, grows: true)
        #expect(throws: StorageError.notOurs(path: path + "/b.jpg", isFolder: false)) {
          try folder.requireOwn(["c.jpg", "b.jpg"])
        }
        try put("3", folder.place(for: "c.jpg"))
        #expect(text(path + "/a.jpg") == "2" && text(path + "/c.jpg") == nil)
        try folder.commit()
      }
      #expect(try tree(path) == ["b.jpg", "c.jpg"])
    }
  }

  @Test func `a folder that did not grow leaves nothing`() throws {
    try withFolder { root in
      do { _ = try FolderReplacement(root + "/a/b", replaces: false, grows: true) }
      #expect(try namesInFolder(root).isEmpty)
      do {
        // Room was made for a file that could not be written.
        let folder = try FolderReplacement(root + "/a/b", replaces: false, grows: true)
        _ = try folder.place(for: "labels/x/1.txt")
        try folder.commit()
      }
      #expect(try namesInFolder(root).isEmpty)
    }
  }

  // "café" in Latin-1: E9 alone is not UTF-8.
  @Test func `files whose names are not UTF-8 stay, and are written out`() throws {
    try withFolder { root in
      let path = root + "/out"
      do {
        let folder = try FolderReplacement(path, replaces: false)
        try put("old", folder.workingPath + "/model.cfg")
        try folder.commit()
      }
      let name = SystemPath(path) / SystemPath(Array("caf".utf8) + [0xE9])
      let descriptor = name.withCString { open($0, O_WRONLY | O_CREAT, 0o666) }
      #expect(descriptor >= 0)
      try writeAll([0x78], to: descriptor)
      close(descriptor)
      #expect(isWrittenOut(path + "/caf\\xE9") && !isWrittenOut(path + "/caf\\xE8"))
      do {
        let folder = try FolderReplacement(path, replaces: true)
        try put("new", folder.workingPath + "/model.cfg")
        try folder.commit()
      }
      #expect(try tree(path) == ["caf\\xE9", "model.cfg"])
      #expect(name.status?.st_size == 1)
      // A folder of nothing else is not empty.
      unlink(path + "/model.cfg")
      #expect(throws: StorageError.notEmpty(path: path)) {
        try FolderReplacement(path, replaces: false)
      }
    }
  }

  @Test func `bytes that are no text are written out one by one`() {
    #expect(writtenOut([0x61, 0xE9, 0x62]) == "a\\xE9b")
    #expect(writtenOut([0xC3, 0xA9, 0xFF, 0x00]) == "\u{E9}\\xFF\0")
    #expect(writtenOut([0xE2, 0x82]) == "\\xE2\\x82")
    #expect(writtenOut("a\\xE9".utf8.map { $0 }) == "a\\xE9")
  }

  // A link stays a link, and its folder changes.
  @Test func `a link to a folder is followed`() throws {
    try withFolder { root in
      try makeFolders(root + "/real")
      #expect(symlink(root + "/real", root + "/link") == 0)
      do {
        let folder = try FolderReplacement(root + "/link", replaces: false)
        try put("1", folder.workingPath + "/x")
        try folder.commit()
      }
      #expect(text(root + "/real/x") == "1")
      #expect(
        try FileManager.default.destinationOfSymbolicLink(atPath: root + "/link") == root + "/real")
    }
  }
}

@Suite struct FolderLockTests {
  // Who has it is another open file, in this process or in another one.
  @Test func `whether somebody writes in a folder is seen without taking its lock`() throws {
    try withFolder { root in
      #expect(!FolderLock.isHeld(root))
      let lock = try FolderLock(root)
      #expect(FolderLock.isHeld(root))
      // It was not lost by the look.
      #expect(FolderLock.isHeld(root))
      lock.release()
      #expect(!FolderLock.isHeld(root))
      // What a killed process leaves is a file that nobody has locked.
      try put("1\npare train\n", root + "/" + FolderLock.fileName)
      #expect(!FolderLock.isHeld(root))
    }
  }

  // flock belongs to an open file, so two locks of one process stand for two processes.
  @Test func `a second writer is refused by process`() throws {
    try withFolder { root in
      let first = try FolderLock(root)
      let error = #expect(throws: StorageError.self) { try FolderLock(root) }
      guard case .inUse(let path, let process, _) = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(path == root && process == getpid())
      first.release()
      #expect(try namesInFolder(root).isEmpty)
      _ = try FolderLock(root)
    }
  }

  @Test func `the lock of a process that has ended is free`() throws {
    try withFolder { root in
      try put("999999999\npare train\n", root + "/" + FolderLock.fileName)
      let lock = try FolderLock(root)
      #expect(text(root + "/" + FolderLock.fileName)?.hasPrefix("\(getpid())\n") == true)
      lock.release()
    }
  }
}

@Suite struct TemporaryNamesTests {
  @Test func `what processes left that have ended goes, other files stay`() throws {
    try withFolder { root in
      // Linux has no process numbers above 2²².
      try put("x", root + "/.pare-99999999-0.partial")
      try put("x", root + "/.pare-99999998-3.partial/deep/y")
      try put("x", root + "/.pare-\(getpid())-7.partial")
      try put("x", root + "/.pare-1-0.partial")
      try put("x", root + "/.pare-a-0.partial")
      try put("x", root + "/notes.partial")
      TemporaryNames.sweep(root)
      #expect(
        try namesInFolder(root)
          == [
            ".pare-1-0.partial", ".pare-\(getpid())-7.partial", ".pare-a-0.partial",
            "notes.partial",
          ].sorted())
    }
  }

  // Where the system cannot swap two folders, one waits aside.
  @Test func `a folder that waited aside goes back when nothing took its place`() throws {
    try withFolder { root in
      try put("old", root + "/.pare-99999999-my-run.old/x")
      try put("old", root + "/.pare-99999999-other.old/x")
      try put("new", root + "/other/x")
      TemporaryNames.sweep(root)
      #expect(try namesInFolder(root) == ["my-run", "other"])
      #expect(text(root + "/my-run/x") == "old" && text(root + "/other/x") == "new")
    }
  }

  @Test func `a file that is not committed leaves nothing`() throws {
    try withFolder { root in
      do {
        let file = try AtomicFile(root + "/a")
        try file.write([1, 2])
      }
      #expect(try namesInFolder(root).isEmpty)
      let file = try AtomicFile(root + "/a")
      try file.write([1, 2])
      try file.commit()
      #expect(try namesInFolder(root) == ["a"])
    }
  }
}
