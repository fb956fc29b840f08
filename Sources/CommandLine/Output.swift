internal import Foundation

/// What a command says: results on standard output, everything else on standard error.
enum Output {
  /// One line of results, at once.
  static func line(_ text: String) { write(text + "\n", to: .standardOutput) }

  /// One line for the person at the terminal.
  static func note(_ text: String) { write(text + "\n", to: .standardError) }

  static func write(_ text: String, to file: FileHandle) {
    // A reader that went away ends the command by SIGPIPE, as it does for other tools; any other error leaves nothing to tell.
    try? file.write(contentsOf: Data(text.utf8))
  }

  static var isTerminal: Bool { isatty(1) == 1 }
  static var errorsAreTerminal: Bool { isatty(2) == 1 }

  /// Colour only where a person sees it and has not declined (no-color.org).
  static var wantsColour: Bool {
    isTerminal && (ProcessInfo.processInfo.environment["NO_COLOR"] ?? "").isEmpty
      && ProcessInfo.processInfo.environment["TERM"] != "dumb"
  }
}
