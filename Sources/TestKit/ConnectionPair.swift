package import GRPC
package import MarketData

/// A gRPC client and a server connection joined back to back in memory, on one manual clock.
package final class ConnectionPair {
  package let server: GRPCServerConnection
  package let client: GRPCClientConnection
  package var now = MonotonicNanos(0)
  /// Bytes that crossed, each way.
  package private(set) var bytesToServer = 0
  package private(set) var bytesToClient = 0
  /// Largest piece that one `receive` gets; 0 = all that there is.
  package var pieceBytes = 0

  package init(
    _ dispatcher: any CallDispatcher, server: GRPCServerConfiguration = GRPCServerConfiguration(),
    client: GRPCClientConfiguration = GRPCClientConfiguration()
  ) {
    self.server = GRPCServerConnection(configuration: server, dispatcher: dispatcher, peer: "memory")
    self.client = GRPCClientConnection(configuration: client)
  }

  /// Carries bytes both ways until neither side has any.
  package func pump() {
    while carryToServer() || carryToClient() {}
  }

  /// - Returns: whether anything crossed.
  @discardableResult
  package func carryToServer() -> Bool {
    var bytes: [UInt8] = []
    while client.takeOutput(into: &bytes) {}
    bytesToServer += bytes.count
    for piece in pieces(bytes) { server.receive(bytes.span.bytes.extracting(piece), now: now) }
    return !bytes.isEmpty
  }

  @discardableResult
  package func carryToClient() -> Bool {
    var bytes: [UInt8] = []
    while server.takeOutput(into: &bytes) {}
    bytesToClient += bytes.count
    for piece in pieces(bytes) { client.receive(bytes.span.bytes.extracting(piece), now: now) }
    return !bytes.isEmpty
  }

  /// Steps the clock and lets both sides notice.
  package func advance(by nanos: Int64) {
    now = MonotonicNanos(now.nanoseconds + nanos)
    server.advance(to: now)
    client.advance(to: now)
  }

  private func pieces(_ bytes: [UInt8]) -> [Range<Int>] {
    guard pieceBytes > 0 else { return bytes.isEmpty ? [] : [0..<bytes.count] }
    return stride(from: 0, to: bytes.count, by: pieceBytes).map { $0..<min($0 + pieceBytes, bytes.count) }
  }
}
