package import MarketData
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
    /// There are `max_publishers` names, and none of them may be forgotten yet.
    case tooMany(limit: Int, memoryNanos: Int64)
  }

  private let names: Mutex<PublisherNames<Stream>>

  /// - Parameter memoryNanos: how long a name is known after its last stream.
  package init(limit: Int, memoryNanos: Int64) {
    names = Mutex(PublisherNames(limit: limit, memoryNanos: memoryNanos))
  }

  package func claim(_ name: String, for stream: Stream, at now: MonotonicNanos) -> Claim {
    let (claim, displaced) = names.withLock { names -> (Claim, Stream?) in
      guard var entry = names.claim(name, at: now) else {
        return (.tooMany(limit: names.limit, memoryNanos: names.memoryNanos), nil)
      }
      defer { names.keep(name, entry, at: now) }
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
  /// - Parameter isForgotten: its publisher will not come back; unless another stream waits for the name, it goes.
  package func release(
    _ name: String, token: UInt64, processed: UInt64, at now: MonotonicNanos, isForgotten: Bool = false
  ) {
    let next = names.withLock { names -> (Stream, UInt64)? in
      // A displaced stream that gives up late finds a name that nobody holds any more: it is listed to be forgotten already, and once only.
      guard var entry = names[name], entry.holder != nil else { return nil }
      defer { names.keep(name, entry, at: now, isForgotten: isForgotten) }
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
