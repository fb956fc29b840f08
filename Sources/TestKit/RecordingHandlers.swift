public import GRPC
internal import HTTP2

/// A server's handler that writes down what it hears, and does what its closures say.
public final class RecordingHandler: CallHandler {
  package let call: ServerCall
  package private(set) var messages: [[UInt8]] = []
  package private(set) var halfClosed = false
  package private(set) var ends: [CallEnd] = []
  package private(set) var writables = 0
  package private(set) var refusals: [Status] = []
  /// The handler ends a call whose message was refused itself, later.
  package var keepsRefusedCalls = false
  package var whenMessage: (RecordingHandler, [UInt8]) -> Void = { _, _ in }
  package var whenHalfClosed: (RecordingHandler) -> Void = { _ in }
  package var whenWritable: (RecordingHandler) -> Void = { _ in }

  package init(_ call: ServerCall) { self.call = call }

  public override func onMessage(_ message: RawSpan) {
    let bytes = message.copied()
    messages.append(bytes)
    whenMessage(self, bytes)
  }

  public override func onHalfClose() {
    halfClosed = true
    whenHalfClosed(self)
  }

  public override func onRefusedMessage(_ status: Status) -> Bool {
    refusals.append(status)
    return keepsRefusedCalls
  }

  public override func onCancel(_ reason: CallEnd) { ends.append(reason) }

  public override func onWritable() {
    writables += 1
    whenWritable(self)
  }
}

/// A client's handler that writes down what it hears.
public final class RecordingClient: ClientCallHandler {
  package private(set) var initial: [Metadata] = []
  package private(set) var messages: [[UInt8]] = []
  package private(set) var ends: [(status: Status, trailers: Metadata)] = []
  package private(set) var writables = 0

  package override init() {}

  package var status: Status? { ends.first?.status }
  package var trailers: Metadata { ends.first?.trailers ?? [:] }

  public override func onInitialMetadata(_ metadata: Metadata) { initial.append(metadata) }
  public override func onMessage(_ message: RawSpan) { messages.append(message.copied()) }
  public override func onEnd(_ status: Status, trailers: Metadata) { ends.append((status, trailers)) }
  public override func onWritable() { writables += 1 }
}
