internal import ArgumentParser
internal import GRPC
internal import MarketData
internal import NIOPosix
internal import Server
internal import Transport
internal import WireCodec

/// `--server`, for commands that speak to a running one.
struct ServerOption: ParsableArguments {
  @Option(name: .long, help: "The server's HOST:PORT.")
  var server = "127.0.0.1:7171"
}

/// One connection for calls with one answer each. A call that fails is a `CommandFailure` with the server's words.
final class AdminClient: Sendable {
  /// A drain may wait for a full ring; what takes longer than this is told, and goes on in the server.
  static let patienceNanos: Int64 = 60_000_000_000

  let transport: ClientTransport
  let address: ListenAddress
  let group: MultiThreadedEventLoopGroup

  /// On a connection that stands already.
  init(_ transport: ClientTransport, _ address: ListenAddress, _ group: MultiThreadedEventLoopGroup) {
    self.transport = transport
    self.address = address
    self.group = group
  }

  static func connect(_ option: ServerOption) async throws -> AdminClient {
    try await connect(ListenOption.parse(option.server), MultiThreadedEventLoopGroup(numberOfThreads: 1))
  }

  static func connect(_ address: ListenAddress, _ group: MultiThreadedEventLoopGroup) async throws -> AdminClient {
    AdminClient(try await ServerConnection.connect(address, group), address, group)
  }

  /// - Parameters:
  ///   - method: of `ChannelAdmin`, unless another service is named.
  ///   - patience: nanoseconds to wait for the answer.
  ///   - read: takes what is wanted of the answer, on the connection's event loop.
  func call<R: Sendable>(
    _ method: String, _ request: [UInt8], of service: String = "ChannelAdmin",
    within patience: Int64 = AdminClient.patienceNanos,
    _ read: @escaping @Sendable (ResponseDecoder, RawSpan) -> R?
  ) async throws -> R {
    let outcome = await withCheckedContinuation { (continuation: CheckedContinuation<Result<R, Status>, Never>) in
      transport.perform { connection in
        let now = SystemClock().monotonicNow
        let call = connection.start(
          "/penstock.v1.\(service)/\(method)", deadline: MonotonicNanos(now.nanoseconds + patience), now: now,
          handler: Handler(continuation, read))
        call.send(request)
        call.halfClose()
      }
    }
    switch outcome {
    case .success(let answer): return answer
    case .failure(let status): throw Self.failure(status, address)
    }
  }

  static func failure(_ status: Status, _ address: ListenAddress) -> CommandFailure {
    switch status.code {
    case .invalidArgument: CommandFailure(.usage, "the server refuses: \(status.message)")
    case .unavailable: CommandFailure(.serverUnreachable, "the server at \(address) is gone: \(status.message)")
    case .deadlineExceeded:
      CommandFailure(.failed, "the server has not answered within a minute; it may still do what was asked")
    case .unimplemented: CommandFailure(.failed, "the server at \(address) does not know this call: it is older")
    default: CommandFailure(.failed, status.message.isEmpty ? "\(status.code)" : status.message)
    }
  }

  private final class Handler<R: Sendable>: ClientCallHandler {
    private let continuation: CheckedContinuation<Result<R, Status>, Never>
    private let read: @Sendable (ResponseDecoder, RawSpan) -> R?
    private var found: R?

    init(
      _ continuation: CheckedContinuation<Result<R, Status>, Never>,
      _ read: @escaping @Sendable (ResponseDecoder, RawSpan) -> R?
    ) {
      self.continuation = continuation
      self.read = read
    }

    override func onMessage(_ message: RawSpan) { found = read(ResponseDecoder(), message) }

    override func onEnd(_ status: Status, trailers: Metadata) {
      if let found, status.code == .ok { return continuation.resume(returning: .success(found)) }
      let unread = Status(.internalError, "the server's answer cannot be read")
      continuation.resume(returning: .failure(status.code == .ok ? unread : status))
    }
  }
}
