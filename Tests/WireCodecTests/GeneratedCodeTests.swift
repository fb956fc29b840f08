import Foundation
import Testing

/// The committed C code is that of the committed protos.
@Suite struct GeneratedCodeTests {
  private static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  private func run(_ command: String) throws -> (code: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", command]
    process.currentDirectoryURL = Self.root
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
  }

  @Test(arguments: ["penstock"])
  func theSourcesAreThoseThatTheCodeWasMadeFrom(tree: String) throws {
    let (code, output) = try run("cd proto && sha256sum --check --quiet \(tree).sha256")
    #expect(code == 0, "\(output)run `make proto`")
  }

  /// Exit code 3: the tools at hand are not those that made the code; 127: there are none.
  @Test func makingTheCodeAgainGivesTheSame() throws {
    let (code, output) = try run("command -v protoc-c >/dev/null || exit 127; sh scripts/generate-protos.sh --check")
    #expect([0, 3, 127].contains(code), "\(output)run `make proto`")
  }
}
