import NIOCore

/// A socket that takes nothing until it is told to, and notes how it is closed.
final class SlowSocket: ChannelOutboundHandler {
  typealias OutboundIn = ByteBuffer

  private var waiting: [EventLoopPromise<Void>] = []
  private(set) var isClosed = false
  /// Nothing more is written; what the peer sends still comes.
  private(set) var isShut = false

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    waiting.append(promise ?? context.eventLoop.makePromise())
  }

  func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
    if mode == .output {
      isShut = true
      promise?.succeed()
      return
    }
    isClosed = true
    // What waits is dropped, as NIO does it.
    for promise in waiting { promise.fail(ChannelError.ioOnClosedChannel) }
    waiting.removeAll()
    context.close(mode: mode, promise: promise)
  }

  func takeAll() {
    let taken = waiting
    waiting.removeAll()
    for promise in taken { promise.succeed() }
  }
}
