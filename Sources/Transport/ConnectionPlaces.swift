internal import HTTP2
internal import NIOCore

/// Who may hold how many connections. Pure: the caller locks, closes and counts.
///
/// - Invariant: `total` is the sum of `held`, and no address is kept that holds none.
struct ConnectionPlaces {
  let max: Int
  let maxPerAddress: Int
  /// The last places, for addresses that hold no connection yet: an admin gets in when others have taken the rest.
  let reserve: Int
  private(set) var total = 0
  private var held: [PeerAddress: Int] = [:]

  init(max: Int, maxPerAddress: Int) {
    self.max = max
    self.maxPerAddress = maxPerAddress
    reserve = Swift.min(16, max / 16)
  }

  /// Takes a place.
  /// - Returns: why there is none; nil when it is taken.
  mutating func take(_ address: PeerAddress) -> ConnectionEnd? {
    let mine = held[address] ?? 0
    if mine >= maxPerAddress {
      return ConnectionEnd(
        .maxConnectionsPerAddress, "limits.max_connections_per_address (\(maxPerAddress)) is reached")
    }
    if total >= max { return ConnectionEnd(.maxConnections, "limits.max_connections (\(max)) is reached") }
    if total >= max - reserve, mine > 0 {
      return ConnectionEnd(
        .maxConnections,
        "the last \(reserve) of limits.max_connections (\(max)) are for addresses without a connection")
    }
    held[address] = mine + 1
    total += 1
    return nil
  }

  mutating func giveBack(_ address: PeerAddress) {
    guard let mine = held[address] else { return }
    held[address] = mine > 1 ? mine - 1 : nil
    total -= 1
  }
}

/// A host, as far as its address tells: an IPv4 address, or the network of 64 bits that an IPv6 host has to itself.
struct PeerAddress: Hashable {
  /// An address as `inet_ntop` writes it, or a network; empty for what is no IP socket, all of which count together.
  private let text: String

  init(_ address: SocketAddress?) { self.init(address?.ipAddress ?? "") }

  init(_ address: String) {
    if !address.contains(":") {
      text = address
    } else if address.contains("."), let last = address.split(separator: ":").last {
      text = String(last)  // an IPv4 client of a listener for both
    } else {
      text = Self.network(address)
    }
  }

  /// The first four of an IPv6 address's eight groups.
  private static func network(_ address: String) -> String {
    let head = address.split(separator: ":", omittingEmptySubsequences: false).prefix { !$0.isEmpty }
    let isCut = head.count < 8
    let groups = address.split(separator: ":").count
    var all = head.map(String.init)
    if isCut {
      all += Array(repeating: "0", count: max(0, 8 - groups))
      all += address.split(separator: ":").dropFirst(head.count).map(String.init)
    }
    return all.prefix(4).joined(separator: ":")
  }
}
