internal import Foundation

/// What a command says: results on standard output, everything else on standard error.
enum Output {
  /// What a shell tells of a program that SIGPIPE ended.
  private static let readerIsGone: Int32 = 128 + SIGPIPE

  /// One line of results, at once.
  static func line(_ text: String) { write(text + "\n", to: .standardOutput) }

  /// One line for the person at the terminal.
  static func note(_ text: String) { write(text + "\n", to: .standardError) }

  /// Results that cannot be written end the process, with a reason, or without one where their reader has gone away (`| head`).
  static func write(_ text: String, to file: FileHandle) {
    let isResult = file.fileDescriptor == STDOUT_FILENO
    let failure = writeAll(Array(text.utf8), to: file.fileDescriptor)
    // Nobody is left to hear that standard error cannot be written.
    guard failure != 0, isResult else { return }
    // The NIO event loops ignore SIGPIPE, and so it comes as an error.
    if failure == EPIPE { Foundation.exit(readerIsGone) }
    note("penstock: cannot write to standard output: \(String(cString: strerror(failure)))")
    Foundation.exit(CommandFailure.Kind.outputFailed.rawValue)
  }

  /// - Returns: the error number; 0 = all is written.
  private static func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Int32 {
    var done = 0
    while done < bytes.count {
      let count = bytes[done...].withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
      if count >= 0 {
        done += count
      } else if errno == EAGAIN {
        // Somebody who shares the terminal has made it non-blocking.
        var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        poll(&entry, 1, 1_000)
      } else if errno != EINTR {
        return errno
      }
    }
    return 0
  }

  static var isTerminal: Bool { isatty(1) == 1 }
  static var errorsAreTerminal: Bool { isatty(2) == 1 }

  /// Colour only where a person sees it and has not declined (no-color.org).
  static var wantsColour: Bool {
    isTerminal && (ProcessInfo.processInfo.environment["NO_COLOR"] ?? "").isEmpty
      && ProcessInfo.processInfo.environment["TERM"] != "dumb"
  }
}
