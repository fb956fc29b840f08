internal import GRPC

/// The way from a subscription to its client: a `Subscribe` call, or the subscribing half of a `Session`.
protocol SubscriptionOutput: AnyObject {
  /// The client's address.
  var peer: String { get }
  /// False while the client leaves its events unread.
  var isWritable: Bool { get }
  /// One encoded `SubscribeResponse`.
  func send(_ response: [UInt8])
  func finish(_ status: Status, trailers: Metadata)
}
