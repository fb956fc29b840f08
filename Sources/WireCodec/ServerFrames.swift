/// Writes `ServerFrame` messages around responses that are already encoded.
package enum ServerFrames {
  package enum NoticeCode: UInt8, Sendable {
    case draining = 1
    case channelPaused = 2
    case channelResumed = 3
    case breakerOpened = 4
    case breakerClosed = 5
    case subscriptionEnded = 6
  }

  package static func ack(_ response: [UInt8]) -> [UInt8] { wrap(1, response) }
  package static func subscription(_ response: [UInt8]) -> [UInt8] { wrap(2, response) }
  package static func metrics(_ snapshot: [UInt8]) -> [UInt8] { wrap(3, snapshot) }

  package static func pong(token: UInt64) -> [UInt8] {
    var writer = WireWriter()
    writer.message(4) { $0.unsigned(1, token) }
    return writer.bytes
  }

  package static func notice(
    _ code: NoticeCode, detail: String, channel: String = "", subscriptionID: String = ""
  ) -> [UInt8] {
    var writer = WireWriter()
    writer.message(5) { inner in
      inner.enumeration(1, code.rawValue)
      inner.text(2, detail)
      inner.text(3, channel)
      inner.text(4, subscriptionID)
    }
    return writer.bytes
  }

  private static func wrap(_ number: Int, _ bytes: [UInt8]) -> [UInt8] {
    var writer = WireWriter(reserving: bytes.count + 8)
    writer.raw(number, bytes)
    return writer.bytes
  }
}
