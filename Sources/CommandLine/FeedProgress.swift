internal import Foundation
internal import MarketData
internal import Synchronization
internal import WireCodec

/// What `feed` shows while it runs: on a terminal a bar of how much of the file, how fast, how long yet; elsewhere a line when it has to wait.
final class FeedProgress: Sendable {
  /// A busy server makes its publishers wait again and again: one line of it is enough for some time.
  private static let waitingLineNanos: Int64 = 10_000_000_000

  private struct State {
    var sent = 0
    var bytesSent = 0
    var isShown = false
    var hasEnded = false
    var waitingSaid: Int64?
  }

  let words: String
  private let total: Int?
  private let showsBar: Bool
  private let clock: any Clock
  private let start: Int64
  private let write: @Sendable (String) -> Void
  private let state = Mutex(State())

  /// - Parameter words: what is sent, such as "ticks".
  init(
    path: String, words: String, showsBar: Bool, clock: any Clock,
    write: @escaping @Sendable (String) -> Void = { Output.write($0, to: .standardError) }
  ) {
    let attributes = path == "-" ? nil : try? FileManager.default.attributesOfItem(atPath: path)
    total = (attributes?[.size] as? NSNumber)?.intValue
    self.words = words
    self.showsBar = showsBar
    self.clock = clock
    self.write = write
    start = clock.monotonicNow.nanoseconds
  }

  var seconds: Double { Double(clock.monotonicNow.nanoseconds - start) / 1e9 }

  /// - Parameter bytesSent: of the file, those of the rows sent.
  func sent(_ count: Int, bytesSent: Int) {
    state.withLock { state in
      state.sent = count
      state.bytesSent = bytesSent
    }
  }

  /// Called again and again, also while nothing can be sent.
  func show(waitingFor blocked: Acknowledgement.Blocked?) {
    let seconds = seconds
    let now = clock.monotonicNow.nanoseconds
    state.withLock { state in
      guard !state.hasEnded else { return }
      if showsBar {
        state.isShown = true
        let text = Self.text(
          sent: state.sent, words: words, bytesSent: state.bytesSent, total: total, seconds: seconds,
          waitingFor: blocked)
        write("\r\u{1B}[K" + text)
      } else if let blocked, state.waitingSaid.map({ now - $0 >= Self.waitingLineNanos }) ?? true {
        state.waitingSaid = now
        write("\(Self.waiting(for: blocked)); \(state.sent) \(words) sent so far\n")
      }
    }
  }

  /// A line of its own, above the bar.
  func note(_ text: String) {
    state.withLock { state in
      write((state.isShown && !state.hasEnded ? "\r\u{1B}[K" : "") + text + "\n")
    }
  }

  func end() {
    state.withLock { state in
      if state.isShown, !state.hasEnded { write("\r\u{1B}[K") }
      state.hasEnded = true
    }
  }

  static func text(
    sent: Int, words: String, bytesSent: Int, total: Int?, seconds: Double, waitingFor blocked: Acknowledgement.Blocked?
  ) -> String {
    let rate = seconds > 0 ? Double(sent) / seconds : 0
    var text = ""
    if let total, total > 0 {
      let part = min(1, Double(bytesSent) / Double(total))
      let filled = Int(part * 24)
      text = "[" + String(repeating: "█", count: filled) + String(repeating: "·", count: 24 - filled) + "] "
      text += String(format: "%3.0f %%  ", part * 100)
      if part > 0, part < 1 { text += "\(Int((seconds / part - seconds).rounded(.up))) s left  " }
    }
    text += "\(sent) \(words), \(Int(rate)) a second"
    if let blocked { text += "  (\(waiting(for: blocked)))" }
    return text
  }

  private static func waiting(for blocked: Acknowledgement.Blocked) -> String {
    "waiting for channel \(Cells.tame(blocked.channel))"
      + (blocked.reason.isEmpty ? "" : ": \(Cells.tame(blocked.reason))")
  }
}
