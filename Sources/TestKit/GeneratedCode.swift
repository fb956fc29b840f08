package import Foundation

/// Whether the committed code of proto/TREE was made from the protos that lie beside it.
package enum GeneratedCode {
  /// The repository's root, found from this file.
  package static var root: URL {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  }

  /// What is stale, in words; empty when all is as recorded in proto/TREE.sha256.
  package static func staleness(tree: String) throws -> String {
    let proto = root.appendingPathComponent("proto")
    let recorded = try String(contentsOf: proto.appendingPathComponent("\(tree).sha256"), encoding: .utf8)
    let names = recorded.split(separator: "\n").compactMap { $0.split(separator: " ").last.map(String.init) }
    var found: [String] = []
    let files = FileManager.default.enumerator(atPath: proto.appendingPathComponent(tree).path)
    while let name = files?.nextObject() as? String { if name.hasSuffix(".proto") { found.append("\(tree)/\(name)") } }
    guard names == found.sorted() else {
      return "proto/\(tree) holds \(found.sorted()), the code was made from \(names)"
    }
    let check = try run("/usr/bin/env", ["sha256sum", "--check", "--quiet", "\(tree).sha256"], in: proto)
    return check.status == 0 ? "" : check.output
  }

  /// What `scripts/generate-protos.sh --check` says: status 0 = the same, 1 = other code, 3 = other tool versions, 127 = no tools.
  package static func regenerate(tree: String) throws -> (status: Int32, output: String) {
    try run("/bin/sh", ["scripts/generate-protos.sh", "--check", tree], in: root)
  }

  private static func run(_ tool: String, _ arguments: [String], in folder: URL) throws -> (
    status: Int32, output: String
  ) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: tool)
    process.arguments = arguments
    process.currentDirectoryURL = folder
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
  }
}
