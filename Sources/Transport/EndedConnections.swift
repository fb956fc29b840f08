package import HTTP2
internal import Synchronization

/// Counts the connections that ended before their peers wanted it, by reason, with the last of each in words.
package final class EndedConnections: Sendable {
  package struct Entry: Sendable, Equatable {
    package var reason: EndReason
    package var count: UInt64
    package var lastPeer: String
    package var lastText: String

    package var name: String { reason.rawValue }
  }

  private let entries = Mutex<[EndReason: Entry]>([:])

  package init() {}

  package func count(_ end: ConnectionEnd, peer: String) {
    entries.withLock { entries in
      let before = entries[end.reason]?.count ?? 0
      entries[end.reason] = Entry(reason: end.reason, count: before + 1, lastPeer: peer, lastText: end.text)
    }
  }

  /// Every reason that has ended a connection, in the order of `EndReason`.
  package var all: [Entry] {
    let entries = entries.withLock { $0 }
    return EndReason.allCases.compactMap { entries[$0] }
  }
}
