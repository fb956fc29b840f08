internal import GRPC
internal import Synchronization

/// A `SharedLimit` for all event loops, with the words for who is refused, and how many were. Any thread.
///
/// - Cost: a mutex a call that begins or ends.
final class CallSlots: Sendable {
  private let limit: Mutex<SharedLimit>
  private let total: Int
  private let share: Int
  private let sharePercent: Int
  /// What is limited, such as "publishing calls", and the key of its limit, where there is one.
  private let calls: String
  private let key: String?
  /// Calls refused because all were taken, and because their connection had its share.
  private let refusedFull = Atomic<UInt64>(0)
  private let refusedShare = Atomic<UInt64>(0)

  init(_ calls: String, total: Int, key: String? = nil, sharePercent: Int) {
    let limit = SharedLimit(total: total, sharePercent: sharePercent)
    self.calls = calls
    self.key = key
    self.total = total
    self.share = limit.share
    self.sharePercent = sharePercent
    self.limit = Mutex(limit)
  }

  var count: Int { limit.withLock { $0.count } }

  var refusals: (full: UInt64, share: UInt64) {
    (refusedFull.load(ordering: .relaxed), refusedShare.load(ordering: .relaxed))
  }

  /// Takes a slot for a connection, or says why there is none.
  /// - Parameter replacesOne: one of the connection's ends when this one begins.
  func take(for peer: String, replacesOne: Bool = false) -> Status? {
    switch limit.withLock({ $0.take(for: peer, replacesOne: replacesOne) }) {
    case nil: return nil
    case .full:
      refusedFull.wrappingAdd(1, ordering: .relaxed)
      return Status(
        .resourceExhausted,
        key.map { "limits.\($0): \(total) \(calls) are open" }
          ?? "\(total) \(calls) are open; at most so many are at once")
    case .shareTaken:
      refusedShare.wrappingAdd(1, ordering: .relaxed)
      return Status(
        .resourceExhausted,
        "limits.share_pct: this connection has \(share) of the \(total) \(calls) that may be open at once\(key.map { " (limits.\($0))" } ?? ""); one connection may have \(sharePercent) % of them"
      )
    }
  }

  func giveBack(by peer: String) { limit.withLock { $0.giveBack(by: peer) } }
}
