internal import Dispatch
internal import GRPC
internal import LockFree
internal import Synchronization
internal import Transport
internal import WireCodec

/// The connections of a server with what their calls are at, for admins.
final class SessionDirectory: Sendable {
  private struct Sources {
    weak var loops: Loops?
    weak var transport: ServerTransport?
  }

  /// What the subscriptions of one peer are at.
  struct Subscriptions: Sendable {
    /// Events of the log that they have not passed yet.
    var lag: UInt64 = 0
    /// Places of the log that they were told to have missed for being slow.
    var drops: UInt64 = 0
  }

  private let sources = Guarded(Sources())

  func connect(loops: Loops, transport: ServerTransport) {
    sources.withLock { $0 = Sources(loops: loops, transport: transport) }
  }

  /// - Parameter done: takes all connections in the order of their numbers, on a loop's thread or the caller's.
  func list(_ done: @escaping @Sendable ([AdminResponses.SessionInfo]) -> Void) {
    let sources = sources.withLock { $0 }
    guard let loops = sources.loops, let transport = sources.transport else { return done([]) }
    loops.gather(
      { $0.calls.subscriptionsByPeer },
      { all in
        let byPeer = all.reduce(into: [String: Subscriptions]()) { sums, more in
          for (peer, one) in more {
            sums[peer, default: Subscriptions()].lag += one.lag
            sums[peer, default: Subscriptions()].drops += one.drops
          }
        }
        done(transport.records.sorted { $0.id < $1.id }.map { Self.info($0, byPeer[$0.peer] ?? Subscriptions()) })
      })
  }

  private static func info(_ record: ConnectionRecord, _ subscriptions: Subscriptions) -> AdminResponses.SessionInfo {
    var info = AdminResponses.SessionInfo()
    info.id = "\(record.id)"
    info.peer = record.peer
    info.streams = UInt32(clamping: record.openCalls.load(ordering: .relaxed))
    info.lag = subscriptions.lag
    info.drops = subscriptions.drops
    info.bytesIn = record.bytesIn.load(ordering: .relaxed)
    info.bytesOut = record.bytesOut.load(ordering: .relaxed)
    return info
  }

  /// Closes a connection; its calls are lost, what they have published is completed all the same.
  /// - Returns: false where there is none of the number.
  func disconnect(_ id: String) -> Bool {
    guard let number = UInt64(id) else { return false }
    return sources.withLock { $0.transport }?.disconnect(number) ?? false
  }
}
