import Darknet
import Foundation
import Testing
import _TestSupport

@Suite struct DataFileTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  @Test func `paths belong to the file's folder`() throws {
    try folder.write(
      """
      # cells
      classes = 3
      train  = lists/train.txt
      valid=./val.txt

      names = /etc/my names.names
      backup = backup/
      eval=coco
      test=
      """, to: "a.data")
    let data = try DataFile(contentsOf: folder.file("a.data"))
    #expect(data.classes == 3)
    #expect(data.train == folder.file("lists/train.txt").replacing("//", with: "/"))
    #expect(data.valid == folder.file("val.txt").replacing("//", with: "/"))
    #expect(data.names == "/etc/my names.names")
    #expect(data.test == nil)
    #expect(data.list(.test) == nil)
    #expect(data.others.map(\.key) == ["backup", "eval"])
  }

  @Test func `a file that is only in the current folder is meant, as in Darknet`() throws {
    // The tests run in the package's folder, where this file is.
    let data = try DataFile(
      parsing: "classes=1\ntrain=Package.swift\nvalid=none.txt", path: folder.file("a.data"))
    #expect(data.train?.hasSuffix("/Package.swift") == true)
    #expect(data.train?.hasPrefix(folder.path) == false)
    #expect(data.valid == folder.file("none.txt").replacing("//", with: "/"))
    try folder.write("", to: "Package.swift")
    let own = try DataFile(parsing: "classes=1\ntrain=Package.swift", path: folder.file("a.data"))
    #expect(own.train == folder.file("Package.swift").replacing("//", with: "/"))
  }

  @Test(arguments: [
    ("", "a.data: has no 'classes'"),
    ("train=x", "a.data: has no 'classes'"),
    ("classes=", "a.data: has no 'classes'"),
    ("classes=three", "a.data:1: 'classes=three' is not a whole number in 1...65536"),
    ("\nclasses=0", "a.data:2: 'classes=0' is not a whole number in 1...65536"),
    ("classes=-1", "a.data:1: 'classes=-1' is not a whole number in 1...65536"),
    ("classes=1e9", "a.data:1: 'classes=1e9' is not a whole number in 1...65536"),
    ("classes=3\ntrain.txt", "a.data:2: 'train.txt' is not key=value"),
    ("classes=3\n=x", "a.data:2: '=x' is not key=value"),
  ])
  func `mistakes are errors of one line`(text: String, message: String) {
    let error = #expect(throws: DataError.self) {
      try DataFile(parsing: text, path: "a.data")
    }
    #expect(error?.description == message)
  }

  @Test func `the folder of a data set is answered with the file in it`() throws {
    let path = folder.file("set")
    try makeFolder(path)
    func message(_ path: String) -> String? {
      #expect(throws: DataError.self) { try DataFile(contentsOf: path) }?.description
    }
    #expect(
      message(path)
        == "\(path): is a folder without a .data file; 'pare dataset import' makes one of labelled "
        + "pictures")
    for name in ["b.data", "a.data", "a.names"] {
      try DataFile(path: "\(path)/\(name)", classes: 1).write()
    }
    #expect(
      message(path + "/")
        == "\(path)/: is a folder; name the .data file in it: \(path)/a.data, \(path)/b.data")
  }

  @Test func `a data file is written and read back`() throws {
    let data = DataFile(
      path: folder.file("a.data"), classes: 2, train: "/a/train.txt", valid: "/a/val.txt",
      test: "/a/test.txt", names: "/a/a.names",
      others: [Configuration.Entry(key: "backup", value: "b")])
    try data.write()
    #expect(
      try String(decoding: folder.bytes(of: "a.data"), as: UTF8.self) == """
        classes=2
        train=/a/train.txt
        valid=/a/val.txt
        test=/a/test.txt
        names=/a/a.names
        backup=b

        """)
    #expect(try DataFile(contentsOf: folder.file("a.data")) == data)
  }

  @Test func `lists give absolute paths in order`() throws {
    try folder.write("\u{FEFF}b.jpg\r\n\r\n# no\r\nsub/a 1.jpg\r\n/x/c.png\r\n", to: "l.txt")
    let root = folder.path.replacing("//", with: "/")
    #expect(
      try Array(DataFile.pictures(inList: folder.file("l.txt")))
        == [root + "/b.jpg", root + "/sub/a 1.jpg", "/x/c.png"])
  }

  @Test func `a list that was written for the current folder is read there`() throws {
    try folder.write("Package.swift\nnone.jpg\n", to: "l.txt")
    let pictures = try DataFile.pictures(inList: folder.file("l.txt"))
    #expect(pictures.allSatisfy { !$0.hasPrefix(folder.path) })
    #expect(pictures[1] == pictures[0].replacing("Package.swift", with: "none.jpg"))
  }

  @Test(arguments: [
    ("trian=a.txt\n", "trian", "train"), ("train=a.txt\nvaild=b.txt\n", "vaild", "valid"),
    ("train=a.txt\nval=b.txt\n", "val", "valid"), ("train=a.txt\nname=c\n", "name", "names"),
  ])
  func `a key that is nearly one that is not there is refused`(
    lines: String, key: String, near: String
  ) throws {
    let error = #expect(throws: DataError.self) {
      try DataFile(parsing: "classes=2\n\(lines)", path: "a.data")
    }
    let line = lines.contains("train=") ? 3 : 2
    #expect(
      error?.description
        == "a.data:\(line): '\(key)' is no key of a .data file; did you mean '\(near)'?")
  }

  @Test func `keys of others, and those beside the right ones, stay`() throws {
    let data = try DataFile(
      parsing: "classes=2\ntrain=a\nvalid=b\nval=c\nbackup=d\neval=coco\nresults=e\n",
      path: "a.data")
    #expect(data.others.map(\.key) == ["val", "backup", "eval", "results"])
  }

  @Test func `a list that is not there is named as it is written, with the nearest one`() throws {
    try folder.write("a.jpg\n", to: "train.txt")
    try folder.write("classes=2\ntrain = trian.txt\nnames=./trian.txt\n", to: "a.data")
    let data = try DataFile(contentsOf: folder.file("a.data"))
    let error = #expect(throws: DataError.self) { try data.pictures(.train) }
    #expect(
      error?.description.hasPrefix(
        "\(folder.file("a.data")): 'train=trian.txt': there is no such file")
        == true && error?.description.hasSuffix("; did you mean 'train.txt'?") == true)
    let names = #expect(throws: DataError.self) { try data.classNames() }
    #expect(names?.description.hasSuffix("; did you mean './train.txt'?") == true)
  }

  @Test func `a folder in place of the file of its name leads there`() throws {
    let place = folder.file("set")
    try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
    try folder.write("classes=1\n", to: "set.data")
    try folder.write("[net]\n", to: "set.cfg")
    let data = #expect(throws: DataError.self) { try DataFile(contentsOf: place) }
    #expect(
      data?.description == "\(place): is a folder; did you mean '\(place).data' beside it?")
    let cfg = #expect(throws: ConfigurationError.self) {
      try Configuration(contentsOf: place + "/")
    }
    #expect(cfg?.description == "\(place)/: is a folder; did you mean '\(place).cfg' beside it?")
  }

  @Test func `what is missing is named`() throws {
    try folder.write("\n# nothing\n", to: "empty.txt")
    try folder.write("classes=2\ntrain=none.txt\nvalid=empty.txt\nnames=c.names\n", to: "a.data")
    try folder.write("a\nb\nc\n", to: "c.names")
    let data = try DataFile(contentsOf: folder.file("a.data"))
    let root = folder.path.replacing("//", with: "/")
    func message(_ body: () throws -> some Any) -> String? {
      do {
        _ = try body()
        return nil
      } catch { return "\(error)" }
    }
    #expect(
      message { try data.pictures(.train) }
        == "\(folder.file("a.data")): 'train=none.txt': there is no such file, looked for in \(root) and "
        + FileManager.default.currentDirectoryPath)
    #expect(
      message { try data.pictures(.valid) }
        == "\(root)/empty.txt: is empty; write pictures into it, one a line, or leave the line 'valid' "
        + "out of \(folder.file("a.data"))")
    #expect(
      message { try data.pictures(.test) } == "\(folder.file("a.data")): has no 'test'")
    #expect(
      message { try data.classNames() }
        == "\(root)/c.names: has 3 names, \(folder.file("a.data")) says 2 classes")
    #expect(
      message { try DataFile(contentsOf: folder.file("b.data")) }
        == "\(folder.file("b.data")): cannot be read: No such file or directory")
  }

  @Test(arguments: [
    ("/d/images/a.jpg", "/d/labels/a.txt"),
    ("/d/JPEGImages/a.jpg", "/d/labels/a.txt"),
    ("/images/x/images/sub/a.b.jpeg", "/images/x/labels/sub/a.b.txt"),
    ("/d/pictures/a.png", "/d/pictures/a.txt"),
    ("/d/myimages/a.png", "/d/myimages/a.txt"),
    ("/d/images2/images.png", "/d/images2/images.txt"),
    ("images/a", "labels/a.txt"),
    ("images", "images.txt"),
    ("/d/images/.jpg", "/d/labels/.jpg.txt"),
    ("/d/Images/a.jpg", "/d/Images/a.txt"),
  ])
  func `the label file of a picture`(picture: String, label: String) {
    #expect(DataFile.labelPath(forPicture: picture) == label)
  }
}

@Suite struct NamesFileTests {
  @Test func `one name a line, trimmed`() throws {
    let names = try NamesFile(parsing: "red cell \r\n# cell\nwhite;cell\n\n\n", path: "a.names")
    #expect(names.names == ["red cell", "# cell", "white;cell"])
    #expect(names.text == "red cell\n# cell\nwhite;cell\n")
  }

  @Test func `byte order marks are no part of the first name`() throws {
    let names = try NamesFile(parsing: "\u{FEFF} \u{FEFF}cat\ndog\n", path: "a.names")
    #expect(names.text == "cat\ndog\n")
  }

  @Test(arguments: [
    ("", "a.names: is empty"), ("\n \n", "a.names: is empty"),
    ("a\n\n\nb\n", "a.names:2: has no name, names after it would shift"),
  ])
  func `names that would shift are refused`(text: String, message: String) {
    let error = #expect(throws: DataError.self) {
      try NamesFile(parsing: text, path: "a.names")
    }
    #expect(error?.description == message)
  }

  @Test func `names are written and read back`() throws {
    let folder = try TemporaryFolder()
    let names = NamesFile(["a", "b c"])
    try names.write(to: folder.file("a.names"))
    #expect(try NamesFile(contentsOf: folder.file("a.names")) == names)
    #expect(throws: DataError.self) { try names.write(to: folder.file("no/a.names")) }
  }
}
