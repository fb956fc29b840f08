import Foundation
import Testing

/// What reviews should not have to say: imports point down, nothing unfinished, no broken links, no stray unsafe code.
@Suite struct TidyTests {
  private static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  private static func files(_ folders: [String], suffixes: [String]) -> [(path: String, text: String)] {
    folders.flatMap { folder -> [(String, String)] in
      let base = root.appendingPathComponent(folder)
      let found = FileManager.default.enumerator(atPath: base.path)?.compactMap { $0 as? String } ?? []
      return found.filter { path in suffixes.contains { path.hasSuffix($0) } }.compactMap { path in
        guard let text = try? String(contentsOf: base.appendingPathComponent(path), encoding: .utf8) else { return nil }
        return ("\(folder)/\(path)", text)
      }
    }
  }

  /// Who may know whom, from the ground up.
  private static let below: [String: Set<String>] = [
    "LockFree": [], "MarketData": [], "DataFiles": ["MarketData"], "Settings": ["MarketData"],
    "Detection": ["MarketData", "Settings"], "Channels": ["LockFree", "MarketData", "Settings", "Detection", "Events"],
    "Events": ["LockFree", "MarketData"], "HTTP2": ["MarketData"], "GRPC": ["HTTP2", "LockFree", "MarketData"],
    "WireCodec": ["LockFree", "MarketData", "Settings", "Detection", "Channels", "Events"],
    "Transport": ["GRPC", "HTTP2", "MarketData"],
    "Server": [
      "Transport", "GRPC", "HTTP2", "WireCodec", "Channels", "Events", "Detection", "Settings", "MarketData",
      "LockFree",
    ],
    "CommandLine": [
      "Server", "Transport", "GRPC", "WireCodec", "DataFiles", "Channels", "Events", "Detection", "Settings",
      "MarketData", "LockFree",
    ],
  ]

  /// What every target may use.
  private static let system: Set<String> = ["Foundation", "Glibc", "Synchronization", "Dispatch"]

  /// C modules and packages, each with the targets that may use it.
  private static let homes: [String: Set<String>] = [
    "CZlib": ["DataFiles"], "CNghttp2": ["HTTP2"], "CGRPCProto": ["GRPC"], "CPenstockProto": ["WireCodec"],
    "CProtobufC": ["WireCodec", "GRPC"], "CMessageDigest": ["WireCodec"], "CMalloc": ["Server"],
    "NIOCore": ["Transport", "Server", "CommandLine"], "NIOPosix": ["Transport", "Server", "CommandLine"],
    "Yams": ["Server"], "ArgumentParser": ["CommandLine"], "Logging": ["Server", "CommandLine"],
    "Histogram": ["CommandLine"],
  ]

  @Test func importsPointDown() {
    for (path, text) in Self.files(["Sources"], suffixes: [".swift"]) {
      let target = String(path.split(separator: "/")[1])
      guard let allowed = Self.below[target] else { continue }
      for line in text.split(separator: "\n") {
        guard
          let module = line.firstMatch(of: /^(?:package |public |internal )?import (?:struct |class |enum )?(\w+)/)?.1
        else { continue }
        let name = String(module)
        let mayImport =
          if let homes = Self.homes[name] { homes.contains(target) } else {
            allowed.contains(name) || Self.system.contains(name)
          }
        #expect(mayImport, "\(path) imports \(name)")
        #expect(!line.hasPrefix("import ") || target == "penstock", "\(path): '\(line)' says no access level")
      }
    }
  }

  @Test func nothingIsLeftUnfinished() {
    // Spelt in pieces, so that this file does not find itself.
    let words = ["TO" + "DO", "FIX" + "ME", "X" + "XX", "not impl" + "emented"]
    let folders = ["Sources", "Tests", "clients", "scripts", "proto", "docs"]
    for (path, text) in Self.files(folders, suffixes: [".swift", ".py", ".sh", ".proto", ".md"])
    where !path.contains("python/penstock/v1/") {
      for word in words {
        let isFound = text.contains(word)
        #expect(!isFound, "\(path) contains \(word)")
      }
      #expect(!path.hasSuffix("Placeholder.swift"), "\(path) holds nothing")
    }
  }

  /// Pointers live in these targets; elsewhere a file needs a reason.
  @Test func unsafePointersStayAtHome() {
    let homes = ["LockFree", "HTTP2", "WireCodec"]
    // zlib's buffers; the engine's pages, which check each number.
    let reasons = ["Sources/DataFiles/Inflater.swift", "Sources/Detection/Pages.swift"]
    for (path, text) in Self.files(["Sources"], suffixes: [".swift"]) {
      let target = String(path.split(separator: "/")[1])
      guard !homes.contains(target), !reasons.contains(path), Self.below[target] != nil else { continue }
      // A Bool of its own: a failure would print the whole file.
      let isUnsafe = text.contains(/Unsafe(Mutable)?(Raw)?(Buffer)?Pointer/)
      #expect(!isUnsafe, "\(path) uses unsafe pointers")
    }
  }

  @Test func filesHoldOneIdea() {
    for (path, text) in Self.files(["Sources"], suffixes: [".swift"]) {
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false).count
      #expect(lines <= 450, "\(path) has \(lines) lines")
    }
  }

  @Test func linksInDocumentsLeadSomewhere() {
    let documents =
      Self.files(["docs", "clients"], suffixes: [".md"])
      + ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"].compactMap { name in
        (try? String(contentsOf: Self.root.appendingPathComponent(name), encoding: .utf8)).map { (name, $0) }
      }
    #expect(documents.count >= 6)
    for (path, text) in documents {
      let folder = Self.root.appendingPathComponent(path).deletingLastPathComponent()
      for link in text.matches(of: /\]\(([^)#]+)[^)]*\)/).map({ String($0.1) }) where !link.contains("://") {
        #expect(
          FileManager.default.fileExists(atPath: folder.appendingPathComponent(link).path), "\(path) links to \(link)")
      }
    }
  }

  @Test func everyTargetHasItsTests() throws {
    for target in Self.below.keys {
      let folder = Self.root.appendingPathComponent("Tests/\(target)Tests")
      let found = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      #expect(found.contains { $0.hasSuffix(".swift") }, "\(target) has no tests")
    }
  }
}
