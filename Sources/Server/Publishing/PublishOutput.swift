internal import GRPC
internal import WireCodec

/// The way from a publish stream back to its client: a `Publish` call, or the publishing half of a `Session`.
protocol PublishOutput: AnyObject {
  /// False while the client leaves its responses unread.
  var isWritable: Bool { get }
  func send(_ acknowledgement: Acknowledgement)
  /// Ends the publishing, and with it the call unless something else still runs on it.
  func finish(_ status: Status)
  func pauseReceiving()
  func resumeReceiving()
}
