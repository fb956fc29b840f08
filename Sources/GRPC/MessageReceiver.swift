/// Who hears a call's messages. A class, so that a message costs one virtual call (`open`, because
/// Swift lets no other class be subclassed from another target); everything on the connection's event loop.
open class MessageReceiver {
  package init() {}

  /// One complete message, in place: valid within this call, not retained.
  open func onMessage(_ message: RawSpan) {}

  /// Whether whole chunks come by `onMessages`: for calls of so many messages that each one's own delivery would count.
  open var takesRuns: Bool { false }

  /// Complete messages in place, one behind the other, each behind its prefix of `MessageStream.prefixBytes` (the length in network order at
  /// offset 1), all judged already. Only called where `takesRuns`; single messages still come by `onMessage`.
  /// - Returns: how many bytes were taken; fewer than there are only where the receiver has paused receiving.
  open func onMessages(_ run: RawSpan) -> Int { 0 }

  /// `queuedBytes` fell below the low-water mark after having been above the high-water mark.
  open func onWritable() {}
}

/// The server's side of one call; subclassed per method.
open class CallHandler: MessageReceiver {
  /// The client sends no further message; all that it sent have been delivered.
  open func onHalfClose() {}

  /// A message that cannot be taken, such as one above the limit: no further one is delivered.
  /// - Returns: true where the handler will end the call by `finish` with this status, soon: it has to say something before. Else it ends now.
  open func onRefusedMessage(_ status: Status) -> Bool { false }

  /// The call ended without the handler's `finish`: no more callbacks, nothing can be sent.
  open func onCancel(_ reason: CallEnd) {}
}

/// The client's side of one call; subclassed per use.
open class ClientCallHandler: MessageReceiver {
  open func onInitialMetadata(_ metadata: Metadata) {}

  /// The call is over; always the last callback, exactly once.
  open func onEnd(_ status: Status, trailers: Metadata) {}
}
