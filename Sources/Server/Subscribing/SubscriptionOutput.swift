internal import GRPC
internal import LockFree

/// The way from a subscription to its client: a `Subscribe` call, or the subscribing half of a `Session`.
protocol SubscriptionOutput: AnyObject {
  /// The client's address.
  var peer: String { get }
  /// Its connection's part of the byte budget.
  var budget: BudgetHolder { get }
  /// False while the client leaves its events unread.
  var isWritable: Bool { get }
  /// Bytes that the client takes now beyond what is queued.
  var freeWindowBytes: Int { get }
  /// One encoded `SubscribeResponse`.
  /// - Parameter last: the last event that has been sent, this response included.
  func send(_ response: [UInt8], last: UInt64)
  /// Drops what has not begun to leave.
  /// - Parameter last: the last event that has been sent.
  /// - Returns: the last event that the client gets now.
  func discardQueue(last: UInt64) -> UInt64
  /// Ends behind what is queued. `onClosed` is called once, when nothing of the subscription is left.
  func finish(_ status: Status, trailers: Metadata, onClosed: @escaping () -> Void)
  /// Ends without waiting for what is queued, after `finish`.
  func reset()
}

/// How much of a subscription waits in its stream's queue.
enum SubscriptionQueue {
  /// From so many bytes on nothing is added. Without a window at most this and one response of as little lie in memory for a client.
  static let bytes = 4 << 10
  /// A response whatever the window: one that is larger waits until the window is known to take it.
  static let bytesAtOnce = 2 << 10
}
