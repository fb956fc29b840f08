internal import GRPC
internal import HTTP2
internal import NIOCore
internal import Synchronization

/// A server's part of its sockets: counts bytes, calls and ends. The socket stays half open until the client has read the last status.
final class ServerSide: ConnectionSide {
  private let meters: TransportMeters
  private let record: ConnectionRecord
  private let readBuffer: ReadBuffer
  private var countedCalls = 0

  init(record: ConnectionRecord, meters: TransportMeters, readBuffer: ReadBuffer) {
    self.record = record
    self.readBuffer = readBuffer
    self.meters = meters
  }

  override var closeMode: CloseMode { .output }

  override func received(_ bytes: Int) {
    meters.bytesIn.wrappingAdd(UInt64(bytes), ordering: .relaxed)
    record.bytesIn.wrappingAdd(UInt64(bytes), ordering: .relaxed)
  }

  override func sent(_ bytes: Int) {
    meters.bytesOut.wrappingAdd(UInt64(bytes), ordering: .relaxed)
    record.bytesOut.wrappingAdd(UInt64(bytes), ordering: .relaxed)
  }

  override func flushed(_ connection: GRPCConnection, isGone: Bool) {
    let calls = isGone ? 0 : connection.openCalls
    guard calls != countedCalls else { return }
    meters.openCalls.wrappingAdd(calls - countedCalls, ordering: .relaxed)
    countedCalls = calls
    record.openCalls.store(calls, ordering: .relaxed)
  }

  override func used(_ buffer: ByteBuffer) { readBuffer.giveBack(buffer) }

  override func ended(_ end: ConnectionEnd) { meters.ended.count(end, peer: record.peer) }
}
