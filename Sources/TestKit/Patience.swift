import MarketData

/// How long a threaded test waits for another thread: the bound is for broken code, which then fails the test instead of hanging it.
///
/// ```
///   let patience = Patience()
///   while received < 50, !patience.isOver { … }
///   #expect(received == 50)
/// ```
package struct Patience {
  private let end: Int64

  /// - Parameter seconds: far more than a loaded machine under a sanitizer needs.
  package init(seconds: Int64 = 120) { end = SystemClock().monotonicNow.nanoseconds + seconds * 1_000_000_000 }

  package var isOver: Bool { SystemClock().monotonicNow.nanoseconds > end }
}
