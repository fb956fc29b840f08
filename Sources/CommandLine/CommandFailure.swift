internal import ArgumentParser
internal import DataFiles
internal import Foundation

/// Why a command ends without having done its work: one clear message and an exit code of sysexits.h.
package struct CommandFailure: Error, CustomStringConvertible {
  package enum Kind: Int32, Sendable {
    case usage = 64
    case badData = 65
    case noInput = 66
    case serverUnreachable = 69
    case failed = 70
    case outputFailed = 74
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

extension CommandFailure {
  /// Of a data file that cannot be opened, or whose header is of no kind.
  static func opening(_ path: String, _ error: any Error) -> CommandFailure {
    switch error {
    case let error as DataFileError: reading(error)
    case let bad as BadRow:
      CommandFailure(.badData, "\(path)\(bad.line > 1 ? " line \(bad.line)" : ""): \(bad.message)")
    default: CommandFailure(.badData, "\(path): \(error)")
    }
  }

  static func reading(_ error: DataFileError) -> CommandFailure {
    switch error {
    case .cannotOpen, .cannotRead: CommandFailure(.noInput, "\(error)")
    case .notUTF8, .corrupt, .truncated, .lineTooLong, .notText, .backwards, .tooLong:
      CommandFailure(.badData, "\(error)")
    }
  }
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
