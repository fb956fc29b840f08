internal import NIOCore

extension ChannelHandlerContext {
  /// Closes once the socket has taken what is written, or when the timeout has passed: closing at once drops what it has not taken, and the
  /// last statuses with it.
  func closeBehindWrites(within timeout: TimeAmount) {
    let channel = channel
    // Completes behind everything before it.
    writeAndFlush(NIOAny(channel.allocator.buffer(capacity: 0))).whenComplete { _ in channel.close(promise: nil) }
    eventLoop.scheduleTask(in: timeout) { channel.close(promise: nil) }
  }
}
