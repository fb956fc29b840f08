internal import GRPC
internal import HTTP2
internal import MarketData
internal import NIOCore
internal import Synchronization

/// Joins one socket to one `GRPCServerConnection`: bytes read go in, its output is written as one flush a read.
///
/// A socket that takes no more leaves the output where it is, in the connection, where flow control bounds it.
final class ServerConnectionHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  struct BeginDrain: Sendable {}

  /// The server goes: what is written goes out, and the connection ends.
  struct Finish: Sendable {
    var timeout: TimeAmount
  }

  private static let writeBytes = 128 << 10
  /// So long a client has to read what was written last, and to close.
  private static let lastWriteTimeout = TimeAmount.seconds(5)

  private let connection: GRPCServerConnection
  private let meters: TransportMeters
  private let record: ConnectionRecord
  private let clock = SystemClock()
  private var context: ChannelHandlerContext?
  private var timer: Scheduled<Void>?
  private var timerDeadline: MonotonicNanos?
  private var isReading = false
  private var countedCalls = 0
  /// What is left is written, and nothing else is waited for.
  private var isFinishing = false
  private var isClosing = false

  init(
    configuration: GRPCServerConfiguration, dispatcher: any CallDispatcher, record: ConnectionRecord,
    meters: TransportMeters
  ) {
    connection = GRPCServerConnection(
      configuration: configuration, dispatcher: dispatcher, peer: record.peer, now: clock.monotonicNow)
    self.meters = meters
    self.record = record
    connection.onOutputReady = { [unowned self] in outputReady() }
  }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    if context.channel.isActive { flush() }
  }

  func channelActive(context: ChannelHandlerContext) { flush() }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let buffer = unwrapInboundIn(data)
    guard !isClosing else { return }
    meters.bytesIn.wrappingAdd(UInt64(buffer.readableBytes), ordering: .relaxed)
    record.bytesIn.wrappingAdd(UInt64(buffer.readableBytes), ordering: .relaxed)
    isReading = true
    connection.receive(buffer.readableBytesSpan, now: clock.monotonicNow)
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
      context.eventLoop.scheduleTask(in: finish.timeout) { channel.close(promise: nil) }
      flush()
    default: context.fireUserInboundEventTriggered(event)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  func channelInactive(context: ChannelHandlerContext) {
    timer?.cancel()
    self.context = nil
    connection.connectionLost()
    count()
  }

  func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

  /// Handlers produce output outside a read: it is taken at the end of this turn of the loop, once.
  private func outputReady() {
    guard !isReading, let context else { return }
    context.eventLoop.assumeIsolated().execute { self.flush() }
  }

  private func flush() {
    guard let context, !isClosing else { return }
    var isAllWritten = false
    while context.channel.isWritable {
      var buffer = context.channel.allocator.buffer(capacity: 4_096)
      let more = connection.takeOutput(upTo: Self.writeBytes) { bytes in
        bytes.withUnsafeBytes { _ = buffer.writeBytes($0) }
      }
      guard buffer.readableBytes > 0 else {
        isAllWritten = true
        break
      }
      meters.bytesOut.wrappingAdd(UInt64(buffer.readableBytes), ordering: .relaxed)
      record.bytesOut.wrappingAdd(UInt64(buffer.readableBytes), ordering: .relaxed)
      context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
      if !more {
        isAllWritten = true
        break
      }
    }
    // A write may have emptied the socket, and this function been called from within it.
    guard !isClosing else { return }
    count()
    if connection.fault == .keepaliveTimeout {
      // A client that has said nothing for so long takes nothing either.
      return context.close(promise: nil)
    }
    // Who floods and reads nothing does not take its GOAWAY.
    let isDone = isAllWritten || connection.fault != nil || (connection.wasFlooded && !context.channel.isWritable)
    if isDone, connection.wantsToClose || connection.wasFlooded || isFinishing { return closeBehindWrites(context) }
    armTimer()
  }

  /// Tells every call that its connection is gone, and ends it on the client's word, or by itself after a while.
  private func closeBehindWrites(_ context: ChannelHandlerContext) {
    isClosing = true
    timer?.cancel()
    if connection.wasFlooded { meters.flooded.wrappingAdd(1, ordering: .relaxed) }
    connection.connectionLost()
    count()
    context.closeBehindWrites(.output, within: Self.lastWriteTimeout)
  }

  private func count() {
    let calls = context == nil ? 0 : connection.openCalls
    guard calls != countedCalls else { return }
    meters.openCalls.wrappingAdd(calls - countedCalls, ordering: .relaxed)
    countedCalls = calls
    record.openCalls.store(calls, ordering: .relaxed)
  }

  private func armTimer() {
    guard let context, let deadline = connection.nextDeadline else { return }
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
