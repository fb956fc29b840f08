package import Foundation

/// The files that lie beside the project, in `../shared`: real market data and the events it must give.
///
/// They are not part of the repository: a test that needs them asks `isPresent` and skips with a clear word where they are absent.
package enum SharedFiles {
  private static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("shared")

  package static var isPresent: Bool {
    FileManager.default.fileExists(atPath: root.appendingPathComponent("data").path)
  }

  package static func data(_ name: String) -> URL { root.appendingPathComponent("data").appendingPathComponent(name) }

  /// Of rules 2.
  package static func golden(_ name: String) -> URL {
    root.appendingPathComponent("golden-2").appendingPathComponent(name)
  }

  /// The text of a gzip'd file, by the system's gzip.
  package static func gunzip(_ file: URL) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/gzip")
    process.arguments = ["-dc", file.path]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let bytes = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: bytes, as: UTF8.self)
  }
}
