internal import Foundation

/// A server in a process of its own, for a measurement: its CPU time is its own.
final class BenchServer {
  let address: String
  private let process = Process()
  private let lifeline = Pipe()

  init(config: String?) throws {
    process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    var file: URL?
    if config == nil {
      let written = FileManager.default.temporaryDirectory.appendingPathComponent(
        "penstock-bench-\(UUID().uuidString).yaml")
      try "profiles: [{name: default, calendar: {preset: continuous}}]\n".write(
        to: written, atomically: true, encoding: .utf8)
      file = written
    }
    // Once it listens the server has read it; whatever ends this process then leaves nothing behind.
    defer { if let file { try? FileManager.default.removeItem(at: file) } }
    process.arguments = [
      "serve", "--listen", "127.0.0.1:0", "--until-input-ends", "--config", config ?? file?.path ?? "",
    ]
    // Held open for as long as this process lives: a measurement that is killed takes its server along.
    process.standardInput = lifeline
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    var text = ""
    while true {
      let part = output.fileHandleForReading.availableData
      text += String(decoding: part, as: UTF8.self)
      if let match = text.firstMatch(of: /listening on (\S+)\n/) {
        address = String(match.1)
        return
      }
      if part.isEmpty { throw CommandFailure(.failed, "the server for the measurement did not start: \(text)") }
    }
  }

  func stop() {
    process.terminate()
    process.waitUntilExit()
  }
}
