internal import HTTP2

package import struct MarketData.MonotonicNanos

/// What a call's request headers say.
package struct CallHead: Sendable, Equatable {
  /// `/package.Service/Method`.
  package var path: String
  package var service: String
  package var method: String
  package var authority: String
  package var metadata: Metadata
  package var deadline: MonotonicNanos?
  /// Whom the transport named, for people to read.
  package var peer: String

  package init(
    path: String, authority: String = "", metadata: Metadata = [:], deadline: MonotonicNanos? = nil, peer: String = ""
  ) {
    self.path = path
    let parts = path.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: true)
    service = parts.first.map(String.init) ?? ""
    method = parts.count > 1 ? String(parts[1]) : ""
    self.authority = authority
    self.metadata = metadata
    self.deadline = deadline
    self.peer = peer
  }
}

/// Why a request never becomes a call.
enum RequestRefusal: Error, Equatable {
  /// Answered by an HTTP status alone: the client does not speak gRPC.
  case http(status: Int, fields: [HeaderField])
  /// Answered by a gRPC status in a header block that is also the trailers.
  case status(Status, fields: [HeaderField])
}

extension CallHead {
  /// Reads a request's header block (gRPC over HTTP/2, "Requests"). `te: trailers` is not insisted on, as other servers do.
  init(request fields: [HeaderField], now: MonotonicNanos, peer: String) throws(RequestRefusal) {
    var path = ""
    var method = ""
    var authority = ""
    var host: String?
    var contentType: String?
    var encoding = "identity"
    var timeout: String?
    for field in fields {
      switch field.name {
      case ":path": path = field.value
      case ":method": method = field.value
      case ":authority": authority = field.value
      case "host": host = field.value
      case "content-type": contentType = field.value
      case "grpc-encoding": encoding = field.value
      case "grpc-timeout": timeout = field.value
      default: break
      }
    }
    // Who routes by one of the two would take the request for another server's (RFC 9113 §8.3.1).
    if authority.isEmpty { authority = host ?? "" }
    if let host, host != authority { throw .http(status: 400, fields: []) }
    guard method == "POST" else { throw .http(status: 405, fields: [HeaderField("allow", "POST")]) }
    guard let contentType, Self.isGRPC(contentType) else { throw .http(status: 415, fields: []) }
    guard encoding == "identity" else {
      throw .status(
        Status(.unimplemented, "grpc-encoding \(encoding) is not known here; known: identity"),
        fields: [HeaderField("grpc-accept-encoding", "identity")])
    }
    var deadline: MonotonicNanos?
    if let timeout {
      guard let nanos = Timeout.parse(timeout) else {
        throw .status(Status(.internalError, "malformed grpc-timeout \(timeout)"), fields: [])
      }
      let (moment, overflow) = now.nanoseconds.addingReportingOverflow(nanos)
      deadline = overflow ? nil : MonotonicNanos(moment)
    }
    let metadata: Metadata
    do { metadata = try Metadata(received: fields) } catch { throw .status(error, fields: []) }
    self.init(path: path, authority: authority, metadata: metadata, deadline: deadline, peer: peer)
  }

  /// `application/grpc`, `application/grpc+proto`, either with parameters.
  private static func isGRPC(_ contentType: String) -> Bool {
    let type = contentType.split(separator: ";", maxSplits: 1).first.map { $0.lowercased() } ?? ""
    let trimmed = type.split(separator: " ").joined()
    return trimmed == "application/grpc" || trimmed == "application/grpc+proto"
  }
}
