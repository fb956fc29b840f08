package import GRPC
package import MarketData

/// A client that says exact frames to a gRPC server connection and shows the exact frames that come back.
package final class ScriptedPeer {
  package let server: GRPCServerConnection
  package var now = MonotonicNanos(0)
  /// Everything that the server has sent, in order.
  package private(set) var heard: [Frame] = []
  private let inflater = HeaderInflater()
  private var blocks: [Int: [(name: String, value: String)]] = [:]

  /// - Parameter greets: sends preface and SETTINGS, and takes what the server says to them.
  package init(
    _ dispatcher: any CallDispatcher, _ configuration: GRPCServerConfiguration = GRPCServerConfiguration(),
    greets: Bool = true
  ) {
    server = GRPCServerConnection(configuration: configuration, dispatcher: dispatcher, peer: "scripted")
    if greets {
      send(bytes: Frame.preface + Frame.settings().bytes + Frame.settingsAck.bytes)
      listen()
    }
  }

  package func send(_ frames: Frame...) { send(bytes: frames.flatMap(\.bytes)) }

  package func send(bytes: [UInt8]) { server.receive(bytes.span.bytes, now: now) }

  /// Takes what the server has to send.
  /// - Returns: the frames that are new.
  @discardableResult
  package func listen() -> [Frame] {
    var bytes: [UInt8] = []
    while server.takeOutput(into: &bytes) {}
    let fresh = Frame.parse(bytes)
    for frame in fresh {
      if frame.kind == Frame.Kind.headers { blocks[heard.count] = inflater.inflate(frame.payload) }
      heard.append(frame)
    }
    return fresh
  }

  package static func request(_ path: String, _ more: [(String, String)] = []) -> [(String, String)] {
    [
      (":method", "POST"), (":scheme", "http"), (":path", path), (":authority", "test"), ("te", "trailers"),
      ("content-type", "application/grpc"),
    ] + more
  }

  /// Every header block of a stream, in order.
  package func headers(_ stream: UInt32) -> [[String: String]] {
    heard.indices.filter { heard[$0].kind == Frame.Kind.headers && heard[$0].stream == stream }.map { index in
      Dictionary((blocks[index] ?? []).map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
    }
  }

  /// `grpc-status` of a stream's last header block.
  package func status(_ stream: UInt32) -> Int? { headers(stream).last?["grpc-status"].flatMap { Int($0) } }

  package func message(_ stream: UInt32) -> String { headers(stream).last?["grpc-message"] ?? "" }

  /// RST_STREAM's code.
  package func resetCode(_ stream: UInt32) -> UInt32? {
    heard.last { $0.kind == Frame.Kind.reset && $0.stream == stream }?.number
  }

  package var goAwayCode: UInt32? { heard.last { $0.kind == Frame.Kind.goAway }?.number }

  /// What GOAWAY says beside its code.
  package var goAwayText: String? {
    heard.last { $0.kind == Frame.Kind.goAway }.map { String(decoding: $0.payload.dropFirst(8), as: UTF8.self) }
  }

  /// What a WINDOW_UPDATE frames of a stream sum up to.
  package func windowReturned(_ stream: UInt32) -> Int {
    heard.filter { $0.kind == Frame.Kind.windowUpdate && $0.stream == stream }.reduce(0) { $0 + Int($1.number) }
  }
}
