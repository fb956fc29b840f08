package import HTTP2
package import LockFree

package import struct MarketData.MonotonicNanos

/// Limits and times of a server's connections. Bytes and nanoseconds.
package struct GRPCServerConfiguration: GRPCConfiguration {
  package var http2 = HTTP2Configuration()
  /// Largest message that a client may send; beyond: RESOURCE_EXHAUSTED.
  package var maxMessageBytes = 4 << 20
  /// Shared by all connections of the process.
  package var pendingBytes = ByteBudget(limit: 256 << 20)
  package var keepaliveIntervalNanos: Int64?
  package var keepaliveTimeoutNanos: Int64 = 20_000_000_000
  /// A call that gets no byte of a message that has begun for so long ends with DEADLINE_EXCEEDED.
  package var idleMessageNanos: Int64 = 60_000_000_000

  package init() {}
}

/// Decides who serves a call.
package protocol CallDispatcher: AnyObject {
  /// The handler of a new call; nil for a method that does not exist. May finish the call itself, and then returns any or no handler.
  func accept(_ head: CallHead, call: ServerCall) -> CallHandler?

  /// Around everything by which a connection enters its calls: whoever gathers work over many messages, and over the streams of one read,
  /// finishes it in `turnEnded`, which comes whatever became of the calls.
  func turnBegan()
  func turnEnded()
}

extension CallDispatcher {
  package func turnBegan() {}
  package func turnEnded() {}
}

/// A server's side: the streams that its client opens become calls of the dispatcher's handlers.
package final class GRPCServerConnection: GRPCConnection {
  package let peer: String
  /// Handlers and data hang on the connection by this.
  let dispatcher: any CallDispatcher
  private var unfinished: UnfinishedMessages

  package init(
    configuration: GRPCServerConfiguration, dispatcher: any CallDispatcher, peer: String = "",
    now: MonotonicNanos = MonotonicNanos(0), memory: FaultyMemory? = nil
  ) {
    self.dispatcher = dispatcher
    self.peer = peer
    unfinished = UnfinishedMessages(idleNanos: configuration.idleMessageNanos)
    super.init(.server, configuration, now: now, memory: memory)
    session.makeStream = { [unowned self] in ServerCall(connection: self, limits: self.limits) }
  }

  override func turnBegan() { dispatcher.turnBegan() }

  override func turnEnded() { dispatcher.turnEnded() }

  package override var nextDeadline: MonotonicNanos? {
    guard let look = unfinished.nextLook else { return super.nextDeadline }
    return min(super.nextDeadline ?? look, look)
  }

  override func endIdleCalls() {
    let budget = limits.pendingBytes
    for (call, reason) in unfinished.look(now: now, spent: budget.nearlySpent) {
      switch reason {
      case .idle: call.refuse(.idleMessage(unfinished.idleNanos))
      case .budgetSpent(let refusal): call.refuse(.refused(refusal, budget, .messages))
      }
    }
  }

  // MARK: for calls

  func unfinishedGrew(_ call: MessageStream) { unfinished.grew(call, now: now) }

  func unfinishedEnded(_ call: MessageStream) { unfinished.remove(call) }
}
