internal import NIOCore

extension ChannelHandlerContext {
  /// Closes once the socket has taken what is written, or when the timeout has passed: closing at once drops what it has not taken, and the
  /// last statuses with it.
  ///
  /// With `.output` the peer hears that nothing follows, and the connection ends when it closes, too: bytes that it still sends would otherwise be
  /// answered by a reset, on which it may throw away what it has not read. Whoever calls so throws away what is read from then on.
  /// - Returns: the timeout, to be cancelled when the channel has closed: until it fires it keeps the channel and all that belongs to it.
  func closeBehindWrites(_ mode: CloseMode, within timeout: TimeAmount) -> Scheduled<Void> {
    let channel = channel
    // Completes behind everything before it.
    writeAndFlush(NIOAny(channel.allocator.buffer(capacity: 0))).whenComplete { _ in
      channel.close(mode: mode, promise: nil)
    }
    return eventLoop.scheduleTask(in: timeout) { channel.close(promise: nil) }
  }
}
