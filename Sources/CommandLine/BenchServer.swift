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
    let errors = Pipe()
    process.standardError = errors
    try process.run()
    var text = ""
    while true {
      let part = output.fileHandleForReading.availableData
      text += String(decoding: part, as: UTF8.self)
      if let match = text.firstMatch(of: /listening on (\S+)\n/) {
        address = String(match.1)
        // What it says from now on is of no interest, but must not fill the pipe.
        errors.fileHandleForReading.readabilityHandler = { _ = $0.availableData }
        return
      }
      if part.isEmpty {
        let reason = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        throw Self.failure(process.terminationStatus, reason + text)
      }
    }
  }

  /// As the server told it, with its code.
  private static func failure(_ code: Int32, _ text: String) -> CommandFailure {
    var reason = text.trimmingCharacters(in: .whitespacesAndNewlines)
    if reason.hasPrefix("penstock: ") { reason.removeFirst("penstock: ".count) }
    return CommandFailure(
      CommandFailure.Kind(rawValue: code) ?? .failed, "the server for the measurement did not start: \(reason)")
  }

  func stop() {
    process.terminate()
    process.waitUntilExit()
  }
}
