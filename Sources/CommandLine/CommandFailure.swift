internal import ArgumentParser
internal import Foundation

/// Why a command ends without having done its work: one clear message and an exit code of sysexits.h.
package struct CommandFailure: Error, CustomStringConvertible {
  package enum Kind: Int32, Sendable {
    case usage = 64
    case badData = 65
    case noInput = 66
    case serverUnreachable = 69
    case failed = 70
    case badConfiguration = 78
    case interrupted = 130
  }

  package let kind: Kind
  package let message: String

  package init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }

  package var description: String { message }
}

/// The process's entry: runs a command and ends with its code.
package enum PenstockMain {
  package static func run() async -> Never {
    do {
      var command = try PenstockCommand.parseAsRoot()
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
      Foundation.exit(0)
    } catch let failure as CommandFailure {
      if !failure.message.isEmpty { Output.note("penstock: \(failure.message)") }
      Foundation.exit(failure.kind.rawValue)
    } catch {
      PenstockCommand.exit(withError: error)
    }
  }
}
