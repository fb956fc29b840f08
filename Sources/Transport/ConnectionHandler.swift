internal import GRPC
internal import HTTP2
internal import MarketData
internal import NIOCore

/// What a socket's owner counts and does at its end. The default is a client's: counts nothing.
class ConnectionSide {
  /// How a connection that is done leaves its socket.
  var closeMode: CloseMode { .all }

  func received(_ bytes: Int) {}

  /// What was read has been used.
  func used(_ buffer: ByteBuffer) {}

  func sent(_ bytes: Int) {}

  /// After each flush, and once more when the connection has gone: then `isGone`.
  func flushed(_ connection: GRPCConnection, isGone: Bool) {}

  /// The connection ends before its peer wants it to.
  func ended(_ end: ConnectionEnd) {}
}

/// Joins one socket to one `GRPCConnection`: bytes read go in, its output is written as one flush a read.
///
/// A socket that takes no more leaves the output where it is, in the connection, where flow control bounds it.
final class ConnectionHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private static let writeBytes = 128 << 10
  /// How long a peer has to read what was written last, and to close.
  private static let lastWriteTimeout = TimeAmount.seconds(5)

  private let connection: GRPCConnection
  private let side: ConnectionSide
  private let clock: SystemClock
  private var context: ChannelHandlerContext?
  private var timer: Scheduled<Void>?
  private var timerDeadline: MonotonicNanos?
  /// Closes the socket whatever its peer does.
  private var lastTimer: Scheduled<Void>?
  private var isReading = false
  /// Something is written that the socket has not been asked to send.
  private var hasUnsent = false
  /// What is left is written, and nothing else is waited for.
  private var isFinishing = false
  private var isClosing = false
  private var hasToldEnd = false

  init(_ connection: GRPCConnection, side: ConnectionSide, clock: SystemClock) {
    self.connection = connection
    self.side = side
    self.clock = clock
    connection.onOutputReady = { [unowned self] in outputReady() }
  }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    if context.channel.isActive { flush() }
  }

  func channelActive(context: ChannelHandlerContext) { flush() }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let buffer = unwrapInboundIn(data)
    if !isClosing {
      side.received(buffer.readableBytes)
      isReading = true
      connection.receive(buffer.readableBytesSpan, now: clock.monotonicNow)
    }
    side.used(buffer)
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    isReading = false
    flush()
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if context.channel.isWritable { flush() }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    switch event {
    case is BeginDrain:
      connection.beginDrain()
      flush()
    case let finish as Finish:
      isFinishing = true
      let channel = context.channel
      lastTimer?.cancel()
      lastTimer = context.eventLoop.scheduleTask(in: finish.timeout) { channel.close(promise: nil) }
      flush()
    default: context.fireUserInboundEventTriggered(event)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  func channelInactive(context: ChannelHandlerContext) {
    timer?.cancel()
    lastTimer?.cancel()
    self.context = nil
    tellEnd()
    connection.connectionLost()
    side.flushed(connection, isGone: true)
  }

  func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

  /// Calls produce output outside a read: it is taken at the end of this turn of the loop, once.
  private func outputReady() {
    guard !isReading, let context else { return }
    context.eventLoop.assumeIsolated().execute { self.flush() }
  }

  /// Writes what there is.
  /// - Parameter flushing: whether the socket is asked to send each piece, too, or at the next `flush`.
  /// - Returns: whether all of it is written.
  @discardableResult
  func writeOut(flushing: Bool) -> Bool {
    guard let context, context.channel.isActive, !isClosing else { return false }
    while context.channel.isWritable {
      var buffer = context.channel.allocator.buffer(capacity: 4_096)
      let more = connection.takeOutput(upTo: Self.writeBytes) { bytes in
        bytes.withUnsafeBytes { _ = buffer.writeBytes($0) }
      }
      guard buffer.readableBytes > 0 else { return true }
      side.sent(buffer.readableBytes)
      context.write(wrapOutboundOut(buffer), promise: nil)
      if flushing { context.flush() } else { hasUnsent = true }
      if !more { return true }
    }
    return false
  }

  private func flush() {
    guard let context, context.channel.isActive, !isClosing else { return }
    let isAllWritten = writeOut(flushing: true)
    // What a client wrote message by message may be all there is: no further write asks the socket to send it.
    if hasUnsent {
      hasUnsent = false
      context.flush()
    }
    // A write may have emptied the socket and called this function from within it, or failed and ended the connection.
    guard !isClosing, self.context != nil else { return }
    side.flushed(connection, isGone: false)
    let isOver = connection.ending != nil || connection.wantsToClose
    // A peer that has said nothing for so long takes nothing either.
    if connection.ending?.reason == .keepalive { return context.close(promise: nil) }
    // A peer that reads nothing keeps the socket full: once the connection is over it is not waited for, whatever it has not taken.
    if isAllWritten ? isOver || isFinishing : isOver && !context.channel.isWritable {
      return closeBehindWrites(context)
    }
    armTimer(context)
  }

  /// Tells every call that its connection is gone, and ends it on the peer's word, or by itself after a while.
  private func closeBehindWrites(_ context: ChannelHandlerContext) {
    isClosing = true
    timer?.cancel()
    tellEnd()
    connection.connectionLost()
    side.flushed(connection, isGone: true)
    let timer = context.closeBehindWrites(side.closeMode, within: Self.lastWriteTimeout)
    // The time that a going server leaves is the shorter one.
    if isFinishing { timer.cancel() } else { lastTimer = timer }
  }

  private func tellEnd() {
    guard !hasToldEnd, let end = connection.ending else { return }
    hasToldEnd = true
    side.ended(end)
  }

  private func armTimer(_ context: ChannelHandlerContext) {
    guard let deadline = connection.nextDeadline else { return }
    if let timerDeadline, timerDeadline <= deadline { return }
    timer?.cancel()
    timerDeadline = deadline
    let wait = max(0, deadline.nanoseconds &- clock.monotonicNow.nanoseconds)
    timer = context.eventLoop.assumeIsolated().scheduleTask(in: .nanoseconds(wait)) {
      self.timerDeadline = nil
      self.connection.advance(to: self.clock.monotonicNow)
      self.flush()
    }
  }
}

/// GOAWAY: no new calls, those that are open go on.
struct BeginDrain: Sendable {}

/// The server goes: what is written goes out, and the connection ends.
struct Finish: Sendable {
  var timeout: TimeAmount
}
