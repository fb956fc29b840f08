package import Synchronization

/// One open connection, for whoever lists them; any thread.
package final class ConnectionRecord: Sendable {
  /// From 1, never given twice in a server's life.
  package let id: UInt64
  /// As calls name their peer: its address and port.
  package let peer: String
  package let bytesIn = Atomic<UInt64>(0)
  package let bytesOut = Atomic<UInt64>(0)
  package let openCalls = Atomic<Int>(0)

  init(id: UInt64, peer: String) {
    self.id = id
    self.peer = peer
  }
}
