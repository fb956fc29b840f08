internal import GRPC
internal import NIOCore
internal import Server
internal import Transport

/// How commands reach a server, and what they say when they do not.
enum ServerConnection {
  /// A peer that says nothing at all for so long is asked whether it is there; it has 20 s to answer.
  private static let silenceNanos: Int64 = 10_000_000_000

  static func connect(_ address: ListenAddress, _ group: any EventLoopGroup) async throws -> ClientTransport {
    var configuration = GRPCClientConfiguration()
    configuration.keepaliveIntervalNanos = silenceNanos
    do {
      return try await ClientTransport.connect(
        host: address.host, port: address.port, group: group, configuration: configuration)
    } catch {
      throw CommandFailure(
        .serverUnreachable, "no server answers at \(address); start one with `penstock serve`, or name it with --server"
      )
    }
  }

  /// Why the first call on a first connection ended before anything came: trying again would not help.
  static func refusal(_ status: Status, _ address: ListenAddress) -> CommandFailure {
    switch status.code {
    // Ended after the call was begun, or before.
    case .unavailable
    where status.message == "connection lost" || status.message == "the connection takes no new call":
      CommandFailure(
        .serverUnreachable,
        "\(address) ended the connection without a word of gRPC: it is no gRPC server, or takes no more connections")
    case .unknown, .internalError, .unimplemented:
      CommandFailure(.serverUnreachable, "\(address) is no penstock server: \(status.message)")
    case .invalidArgument: CommandFailure(.usage, "the server refuses: \(status.message)")
    case .unavailable: CommandFailure(.serverUnreachable, "the server at \(address) is leaving: \(status.message)")
    default: CommandFailure(.failed, "the server refuses: \(status.message)")
    }
  }
}
