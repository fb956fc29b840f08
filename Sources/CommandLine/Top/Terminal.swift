internal import Dispatch
internal import Foundation
internal import Synchronization

/// The terminal of a full-screen command: raw mode and the alternate screen from `enter()` to `leave()`.
///
/// A terminal left raw is unusable, so `leave()` also runs at every `exit` and at signals that end the process.
enum Terminal {
  /// Alternate screen, no cursor, no wrapping at the right edge.
  private static let entering = "\u{1B}[?1049h\u{1B}[?25l\u{1B}[?7l\u{1B}[2J"
  private static let leaving: [UInt8] = Array("\u{1B}[0m\u{1B}[?7h\u{1B}[?25h\u{1B}[?1049l".utf8)

  // Written by `enter()` before `isEntered`, read after it: the atomic orders the two.
  nonisolated(unsafe) private static var before = termios()
  private static let isEntered = Atomic(false)

  static var isUsable: Bool {
    isatty(STDIN_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
  }

  /// Columns and rows; 80×24 where the terminal does not tell.
  static var size: (width: Int, height: Int) {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else { return (80, 24) }
    return (Int(size.ws_col), Int(size.ws_row))
  }

  static func enter() {
    var attributes = termios()
    guard tcgetattr(STDIN_FILENO, &attributes) == 0 else { return }
    before = attributes
    isEntered.store(true, ordering: .releasing)
    restoreWhateverHappens()
    goRaw()
  }

  /// Again, after somebody stopped the process and let it go on: the shell has had the terminal meanwhile.
  static func goRaw() {
    guard isEntered.load(ordering: .acquiring) else { return }
    var attributes = before
    cfmakeraw(&attributes)
    tcsetattr(STDIN_FILENO, TCSANOW, &attributes)
    Output.write(entering, to: .standardOutput)
  }

  /// Only what a signal handler may do: an atomic and two system calls.
  static func leave() {
    guard isEntered.exchange(false, ordering: .acquiringAndReleasing) else { return }
    _ = write(STDOUT_FILENO, leaving, leaving.count)
    tcsetattr(STDIN_FILENO, TCSANOW, &before)
  }

  private static func restoreWhateverHappens() {
    atexit { Terminal.leave() }
    for number in [SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV] {
      signal(number) { number in
        Terminal.leave()
        signal(number, SIG_DFL)
        raise(number)
      }
    }
  }

  /// One frame: each line at its place, so that nothing depends on how a terminal treats its last column. It covers all of the screen, so
  /// that nothing has to be cleared, which would flicker.
  static func show(_ lines: [StyledLine], inColour: Bool) {
    var text = ""
    for (index, line) in lines.enumerated() { text += "\u{1B}[\(index + 1);1H" + line.rendered(inColour: inColour) }
    Output.write(text, to: .standardOutput)
  }
}

/// What a terminal's user does, as it happens: keys, a new size, a hang-up. Ends with its last reference.
final class TerminalInput: Sendable {
  enum Item: Sendable {
    case typed([UInt8])
    case resized
    /// The process was stopped and goes on.
    case continued
    case ended
  }

  // DispatchSource objects are thread-safe; they are only kept alive here.
  nonisolated(unsafe) private var sources: [any DispatchSourceProtocol] = []

  init(_ take: @escaping @Sendable (Item) -> Void) {
    let input = DispatchSource.makeReadSource(fileDescriptor: STDIN_FILENO, queue: .global())
    input.setEventHandler {
      var bytes = [UInt8](repeating: 0, count: 256)
      let count = read(STDIN_FILENO, &bytes, bytes.count)
      guard count > 0 else {
        input.cancel()
        return take(.ended)
      }
      take(.typed(Array(bytes.prefix(count))))
    }
    input.resume()
    sources.append(input)
    for (number, item) in [(SIGWINCH, Item.resized), (SIGCONT, .continued), (SIGHUP, .ended), (SIGQUIT, .ended)] {
      if number == SIGHUP || number == SIGQUIT { signal(number, SIG_IGN) }
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { take(item) }
      source.resume()
      sources.append(source)
    }
  }
}
