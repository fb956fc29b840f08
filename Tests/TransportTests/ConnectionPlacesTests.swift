import HTTP2
import NIOCore
import Testing

@testable import Transport

@Suite struct ConnectionPlacesTests {
  private func host(_ number: UInt32) -> PeerAddress { PeerAddress("10.0.0.\(number)") }

  /// Who holds what, and what the next connection of each hears.
  @Test func theLastPlacesAreForAddressesThatHoldNone() {
    var places = ConnectionPlaces(max: 64, maxPerAddress: 60)
    #expect(places.reserve == 4)
    for _ in 0..<60 { #expect(places.take(host(1)) == nil) }
    #expect(places.take(host(1))?.reason == .maxConnectionsPerAddress)
    #expect(places.take(host(2)) == nil)
    #expect(places.take(host(2))?.reason == .maxConnections)
    for other in 3...5 { #expect(places.take(host(UInt32(other))) == nil) }
    #expect(places.total == 64)
    #expect(places.take(host(6))?.reason == .maxConnections)
    places.giveBack(host(1))
    #expect(places.take(host(1))?.reason == .maxConnections)
    #expect(places.take(host(6)) == nil)
  }

  @Test func placesComeBack() {
    var places = ConnectionPlaces(max: 3, maxPerAddress: 2)
    for _ in 0..<100 {
      #expect(places.take(host(7)) == nil && places.take(host(7)) == nil)
      #expect(places.take(host(7))?.text == "limits.max_connections_per_address (2) is reached")
      places.giveBack(host(7))
      places.giveBack(host(7))
    }
    #expect(places.total == 0)
    places.giveBack(host(7))
    #expect(places.total == 0)
  }

  @Test func anAddressIsAHost() throws {
    func address(_ text: String) throws -> PeerAddress {
      PeerAddress(try SocketAddress(ipAddress: text, port: Int.random(in: 1...60_000)))
    }
    #expect(try address("127.0.0.1") == address("127.0.0.1"))
    #expect(try address("127.0.0.1") != address("127.0.0.2"))
    #expect(try address("::ffff:127.0.0.1") == address("127.0.0.1"))
    #expect(try address("2001:db8:1:2::1") == address("2001:db8:1:2:ffff::9"))
    #expect(try address("2001:db8:1:2::1") != address("2001:db8:1:3::1"))
    #expect(try address("::1") == address("::2"))
    #expect(try address("::1") != address("1::1"))
    #expect(try address("1:2:3:4:5:6:7:8") == address("1:2:3:4::"))
    #expect(try address("1::4:5:6:7:8") == address("1:0:0:4::9"))
    #expect(PeerAddress(nil as SocketAddress?) == PeerAddress(try SocketAddress(unixDomainSocketPath: "x")))
  }
}
