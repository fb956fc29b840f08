internal import GRPC
internal import NIOCore
internal import Transport
internal import WireCodec

/// The responses of one call, for one task to iterate over.
///
/// A task that falls behind stops the server: the call receives no more, HTTP/2's window closes, and the server's policy for slow
/// consumers decides. The call is cancelled when nobody iterates any longer.
struct ResponseStream<Response: Sendable>: AsyncSequence, Sendable {
  enum Element: Sendable {
    case response(Response)
    /// The last one.
    case ended(Status)
  }

  typealias Watermarks = NIOAsyncSequenceProducerBackPressureStrategies.HighLowWatermark
  typealias Producer = NIOAsyncSequenceProducer<Element, Watermarks, ResponseFlow>

  private let producer: Producer

  /// Starts a call with one request.
  /// - Parameter read: on the event loop; nil for what is no response.
  init(
    _ path: String, _ request: [UInt8], on transport: ClientTransport,
    _ read: @escaping @Sendable (ResponseDecoder, RawSpan) -> Response?
  ) {
    let flow = ResponseFlow(transport)
    // A response of events has up to 128 KiB: 64 of them are some megabytes.
    let made = Producer.makeSequence(
      backPressureStrategy: Watermarks(lowWatermark: 16, highWatermark: 64), finishOnDeinit: true, delegate: flow)
    producer = made.sequence
    let source = made.source
    transport.perform { connection in
      let call = connection.start(path, handler: Handler(source, flow, read))
      flow.call = call
      call.send(request)
      call.halfClose()
    }
  }

  func makeAsyncIterator() -> Producer.AsyncIterator { producer.makeAsyncIterator() }

  private final class Handler: ClientCallHandler {
    private let source: Producer.Source
    private let flow: ResponseFlow
    private let read: @Sendable (ResponseDecoder, RawSpan) -> Response?
    private let decoder = ResponseDecoder()

    init(
      _ source: Producer.Source, _ flow: ResponseFlow,
      _ read: @escaping @Sendable (ResponseDecoder, RawSpan) -> Response?
    ) {
      self.source = source
      self.flow = flow
      self.read = read
    }

    override func onMessage(_ message: RawSpan) {
      guard let response = read(decoder, message) else { return }
      // `produceMore` comes by way of the event loop, and so behind this.
      if source.yield(.response(response)) == .stopProducing { flow.call?.pauseReceiving() }
    }

    override func onEnd(_ status: Status, trailers: Metadata) {
      _ = source.yield(.ended(status))
      source.finish()
    }
  }
}

/// What the iterating task says to the call.
final class ResponseFlow: NIOAsyncSequenceProducerDelegate {
  private let transport: ClientTransport
  private let box: NIOLoopBoundBox<ClientCall?>

  init(_ transport: ClientTransport) {
    self.transport = transport
    box = .makeEmptyBox(valueType: ClientCall.self, eventLoop: transport.eventLoop)
  }

  /// On the event loop only.
  var call: ClientCall? {
    get { box.value }
    set { box.value = newValue }
  }

  func produceMore() { transport.perform { _ in self.call?.resumeReceiving() } }

  func didTerminate() {
    transport.perform { _ in
      self.call?.cancel()
      self.call = nil
    }
  }
}
