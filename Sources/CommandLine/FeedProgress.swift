internal import Foundation
internal import MarketData

/// The bar that `feed` shows on a terminal: how much of the file, how fast, how long yet.
final class FeedProgress {
  private let total: Int?
  private let shows: Bool
  private let clock: any Clock
  private let start: Int64
  private var lastShown: Int64 = 0
  private(set) var seconds = 0.0

  init(path: String, shows: Bool, clock: any Clock) {
    let attributes = path == "-" ? nil : try? FileManager.default.attributesOfItem(atPath: path)
    total = (attributes?[.size] as? NSNumber)?.intValue
    self.shows = shows
    self.clock = clock
    start = clock.monotonicNow.nanoseconds
  }

  func show(sent: Int, bytesRead: Int, blockedBy: String?) {
    let now = clock.monotonicNow.nanoseconds
    seconds = Double(now - start) / 1e9
    guard shows, now - lastShown >= 100_000_000 else { return }
    lastShown = now
    let text = Self.text(sent: sent, bytesRead: bytesRead, total: total, seconds: seconds, blockedBy: blockedBy)
    Output.write("\r\u{1B}[K" + text, to: .standardError)
  }

  func end() {
    seconds = Double(clock.monotonicNow.nanoseconds - start) / 1e9
    if shows, lastShown > 0 { Output.write("\r\u{1B}[K", to: .standardError) }
  }

  static func text(sent: Int, bytesRead: Int, total: Int?, seconds: Double, blockedBy: String?) -> String {
    let rate = seconds > 0 ? Double(sent) / seconds : 0
    var text = ""
    if let total, total > 0 {
      let part = min(1, Double(bytesRead) / Double(total))
      let filled = Int(part * 24)
      text = "[" + String(repeating: "█", count: filled) + String(repeating: "·", count: 24 - filled) + "] "
      text += String(format: "%3.0f %%  ", part * 100)
      if part > 0, part < 1 { text += "\(Int((seconds / part - seconds).rounded(.up))) s left  " }
    }
    text += "\(sent) ticks, \(Int(rate)) a second"
    if let blockedBy { text += "  (waiting for channel \(blockedBy))" }
    return text
  }
}
