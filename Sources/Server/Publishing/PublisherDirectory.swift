internal import Synchronization

/// The named publishers: what each has had processed, and which stream speaks for it now.
///
/// One live stream a name. A newer stream takes over: the older is told to end, and only when its last marker is out does the newer learn where
/// to resume, so that no request is processed twice. Any thread; a mutex guards it, since a name is claimed once a stream.
/// - Source: contract.md, "Publisher identity". Without a store it holds for one server life.
package final class PublisherDirectory: Sendable {
  /// A stream that holds or wants a name: how to reach it on its own event loop.
  package struct Stream: Sendable {
    package let token: UInt64
    /// The name is the stream's, and requests up to the sequence have been processed.
    package let granted: @Sendable (UInt64) -> Void
    /// A newer stream wants the name: end, and `release` when settled.
    package let takenOver: @Sendable () -> Void

    package init(
      token: UInt64, granted: @escaping @Sendable (UInt64) -> Void, takenOver: @escaping @Sendable () -> Void
    ) {
      self.token = token
      self.granted = granted
      self.takenOver = takenOver
    }
  }

  package enum Claim: Equatable {
    /// The name is free: requests up to the sequence have been processed.
    case granted(resume: UInt64)
    /// An older stream is ending; `Stream.granted` follows.
    case waiting
    /// There are `max_publishers` names already.
    case tooMany(limit: Int)
  }

  private struct Entry {
    var processed: UInt64 = 0
    var holder: Stream?
    var waiting: Stream?
  }

  private let entries: Mutex<[String: Entry]>
  private let limit: Int

  package init(limit: Int) {
    self.limit = limit
    self.entries = Mutex([:])
  }

  package func claim(_ name: String, for stream: Stream) -> Claim {
    let (claim, displaced) = entries.withLock { entries -> (Claim, Stream?) in
      guard entries[name] != nil || entries.count < limit else { return (.tooMany(limit: limit), nil) }
      var entry = entries[name] ?? Entry()
      defer { entries[name] = entry }
      guard let holder = entry.holder else {
        entry.holder = stream
        return (.granted(resume: entry.processed), nil)
      }
      // The holder hears of the first who wants its name; a later one displaces the one that still waits.
      let displaced = entry.waiting ?? holder
      entry.waiting = stream
      return (.waiting, displaced)
    }
    displaced?.takenOver()
    return claim
  }

  /// Gives the name back: everything up to `processed` is done. Also withdraws a claim that still waits.
  package func release(_ name: String, token: UInt64, processed: UInt64) {
    let next = entries.withLock { entries -> (Stream, UInt64)? in
      guard var entry = entries[name] else { return nil }
      defer { entries[name] = entry }
      if entry.waiting?.token == token { entry.waiting = nil }
      guard entry.holder?.token == token else { return nil }
      entry.processed = max(entry.processed, processed)
      entry.holder = entry.waiting
      entry.waiting = nil
      return entry.holder.map { ($0, entry.processed) }
    }
    if let (stream, resume) = next { stream.granted(resume) }
  }

  /// Whether a name is well formed: 1 to 64 of a-z, 0-9, `-`, `_`, `.`.
  package static func isValid(_ name: String) -> Bool {
    (1...64).contains(name.utf8.count)
      && name.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): true
        default: false
        }
      }
  }
}
