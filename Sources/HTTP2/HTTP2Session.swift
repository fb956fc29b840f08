internal import CNghttp2

package import struct MarketData.MonotonicNanos

/// One connection's HTTP/2 state on libnghttp2: bytes in, calls on streams and bytes out. No I/O; belongs to one event loop.
///
/// - Flow control is manual: the connection's window goes back when bytes are received, a stream's when its owner says so.
/// - Streams hear of everything inside `receive`, `takeOutput` and `connectionLost`; they never re-enter these.
/// - Whoever owns the transport calls `connectionLost` in the end, whatever happened before, so that every stream is told.
package final class HTTP2Session {
  package enum Role: Sendable { case client, server }

  package let configuration: HTTP2Configuration
  /// Makes the owner of a stream that the peer opens. Server only.
  package var makeStream: () -> HTTP2Stream? = { nil }
  /// Output arose outside `receive` and `takeOutput`; called once until `takeOutput` has run dry.
  package var onOutput: () -> Void = {}
  /// Why the connection ends before its peer wants it to; nil while it goes on, and when it ends in order. The first reason stays.
  package private(set) var ending: ConnectionEnd?
  /// The peer sent GOAWAY: no new stream will be served.
  package internal(set) var peerIsLeaving = false

  let state: UnsafeMutablePointer<SessionState>
  var diagnosis: String?
  private var hasSignalledOutput = false
  private var isLost = false
  private var lossIsPending = false
  /// What says the end to the peer, until it is handed out.
  private var farewell: [UInt8]?
  /// A server's connection before its client asks for anything; then nghttp2's session takes over.
  var opening: Opening?
  var leavesWhenOpened = false
  let role: Role
  let memory: FaultyMemory?

  /// Cost: nghttp2's state is some 20 KiB, for a server made with the first frame that needs it. A failed allocation ends the connection.
  package init(role: Role, configuration: HTTP2Configuration = HTTP2Configuration(), memory: FaultyMemory? = nil) {
    self.configuration = configuration
    self.role = role
    self.memory = memory
    state = .allocate(capacity: 1)
    state.initialize(to: SessionState(owner: Unmanaged.passUnretained(self), isServer: role == .server))
    state.pointee.sendHighWater = configuration.sendHighWater
    state.pointee.sendLowWater = configuration.sendLowWater
    if role == .server { opening = Opening() } else { makeSession() }
  }

  deinit {
    while let stream = state.pointee.firstOpen {
      state.pointee.unlink(stream)
      stream.pointee.session = nil
      stream.pointee.owner.release()
    }
    nghttp2_session_del(state.pointee.handle)  // takes nil
    state.pointee.output.free()
    state.deinitialize(count: 1)
    state.deallocate()
  }

  /// Feeds what the socket gave. Streams hear of it within this call. Afterwards `ending` or `wantsToClose` may say that it is over.
  package func receive(_ bytes: RawSpan, now: MonotonicNanos) {
    precondition(!state.pointee.isInside, "a stream re-entered its session")
    guard !isOver else { return }
    state.pointee.isInside = true
    state.pointee.flood.begin(now: now.nanoseconds, interval: configuration.floodIntervalNanos)
    bytes.withUnsafeBytes { buffer in
      if opening != nil { open(buffer) } else { take(buffer) }
    }
    returnWindows()
    state.pointee.isInside = false
    if lossIsPending { connectionLost() }
  }

  /// Hands framed bytes out, gathered, until about `limit` (one frame more at most) or nothing is left.
  ///
  /// Whoever stops calling stops the session: queues then grow by what streams enqueue only (they see `isWritable`), and by control
  /// answers up to nghttp2's and our flood limits.
  /// - Returns: whether more may be left: call again when the socket takes more.
  package func takeOutput(upTo limit: Int, _ body: (RawSpan) -> Void) -> Bool {
    precondition(!state.pointee.isInside, "a stream re-entered its session")
    guard !isLost, ending == nil || farewell != nil else { return false }
    state.pointee.isInside = true
    state.pointee.outputLimit = limit
    let runsDry = gather(upTo: limit)
    if let farewell {
      state.pointee.output.append(farewell)
      self.farewell = nil
    }
    let output = state.pointee.output.bytes
    let isEmpty = output.isEmpty
    if !isEmpty { body(output.bytes) }
    // An idle connection keeps no buffer.
    if state.pointee.openStreams == 0 { state.pointee.output.free() } else { state.pointee.output.truncate(to: 0) }
    returnWindows()  // trailers or resets that went out may have closed streams
    if state.pointee.someBecameWritable {
      tellWritable()
      // A stream that goes on being read returns its window in there: nothing else would send it until the next read.
      returnWindows()
    }
    state.pointee.isInside = false
    if lossIsPending {
      connectionLost()
      return false
    }
    let mayHaveMore = ending == nil && (!runsDry || wantsToWrite)
    // Whoever stops at an empty hand-out, too, has to hear of what comes next.
    if !mayHaveMore || isEmpty { hasSignalledOutput = false }
    return mayHaveMore
  }

  /// The transport is gone or about to go: every open stream hears `.connectionLost`. Idempotent.
  package func connectionLost() {
    if state.pointee.isInside {
      lossIsPending = true
      return
    }
    lossIsPending = false
    isLost = true
    while let stream = state.pointee.firstOpen { close(stream, .connectionLost) }
  }

  /// Nothing is left to read or to write: the transport flushes and closes.
  package var wantsToClose: Bool {
    if isLost { return true }
    if ending != nil { return farewell == nil }
    guard let handle = state.pointee.handle else { return false }
    return nghttp2_session_want_read(handle) == 0 && nghttp2_session_want_write(handle) == 0
  }

  package var openStreams: Int { state.pointee.openStreams }

  /// Bytes in the send queues of all open streams. Cost: O(open streams).
  package var queuedBytes: Int {
    var sum = 0
    var next = state.pointee.firstOpen
    while let stream = next {
      sum += stream.pointee.queue.count
      next = stream.pointee.nextOpen
    }
    return sum
  }

  /// GOAWAY naming the last stream that we serve: open streams go on, new ones are ignored.
  package func goAway() {
    guard !isOver else { return }
    if let opening {
      // Before the preface a client would not understand us; it hears of it with our settings.
      guard opening.isGreeted else {
        leavesWhenOpened = true
        return
      }
      takeOver()
    }
    guard let handle = state.pointee.handle else { return }
    let last = nghttp2_session_get_last_proc_stream_id(handle)
    check(nghttp2_submit_goaway(handle, UInt8(NGHTTP2_FLAG_NONE.rawValue), last, 0, nil, 0))
    outputArose()
  }

  /// Ends the connection: what the peer has to hear follows what is queued, and nothing more is heard. The one way in which a
  /// connection ends before its peer wants it to; a connection that ends already keeps its reason.
  /// - Parameter answer: instead of GOAWAY.
  package func end(_ end: ConnectionEnd, answer: [UInt8]? = nil) {
    guard !isOver else { return }
    ending = end
    var last: Int32 = 0
    if let handle = state.pointee.handle {
      last = nghttp2_session_get_last_proc_stream_id(handle)
      // Makes nghttp2 pass over the rest of the running read. Its own GOAWAY is never sent: `beforeFrameSent`.
      if let code = end.code { _ = nghttp2_session_terminate_session(handle, code.rawValue) }
    }
    farewell = answer ?? end.goAway(lastStream: last)
    outputArose()
  }

  /// A PING that the peer has to answer: any byte received afterwards shows that it lives.
  package func ping() {
    guard !isOver else { return }
    if let opening {
      guard opening.isGreeted else { return }
      state.pointee.output.append(FrameBytes.header(length: 8, kind: FrameBytes.ping) + [UInt8](repeating: 0, count: 8))
    } else {
      check(nghttp2_submit_ping(state.pointee.handle, UInt8(NGHTTP2_FLAG_NONE.rawValue), nil))
    }
    outputArose()
  }

  /// Client: opens a stream with a request; `stream` hears of everything that follows.
  /// - Returns: false when the connection takes no new stream.
  package func open(_ stream: HTTP2Stream, _ headers: [HeaderField]) -> Bool {
    guard !isOver, !peerIsLeaving else { return false }
    var source = nghttp2_data_provider()
    source.source.ptr = UnsafeMutableRawPointer(stream.state)
    source.read_callback = readStreamData
    let id = withNameValues(headers) { values, count in
      nghttp2_submit_request(state.pointee.handle, nil, values, count, &source, UnsafeMutableRawPointer(stream.state))
    }
    guard id > 0 else {
      check(id)
      return false
    }
    adopt(stream, id: id)
    stream.state.pointee.headersSubmitted = true
    outputArose()
    return true
  }

  // MARK: inside the target

  private var isOver: Bool { ending != nil || isLost }
  var isIgnoringInput: Bool { isOver }

  /// A verb's return code: a failed allocation ends the connection, everything else says that the stream or session is closing.
  func check(_ code: Int32) {
    if code == NGHTTP2_ERR_NOMEM.rawValue { end(code) }
  }

  func outputArose() {
    guard !state.pointee.isInside, !hasSignalledOutput else { return }
    hasSignalledOutput = true
    onOutput()
  }

  func adopt(_ stream: HTTP2Stream, id: Int32) {
    stream.state.pointee.session = state
    stream.state.pointee.id = id
    stream.state.pointee.owner = Unmanaged.passRetained(stream)
    state.pointee.link(stream.state)
  }

  func close(_ stream: UnsafeMutablePointer<StreamState>, _ end: StreamEnd) {
    state.pointee.unlink(stream)
    stream.pointee.session = nil
    stream.pointee.queue.free()
    let owner = stream.pointee.owner
    owner.takeUnretainedValue().onClose(end)
    if stream.pointee.isTouched {
      stream.pointee.closedWhileTouched = true  // the running read still holds its address
    } else {
      owner.release()
    }
  }

  /// After a read: each touched stream returns its window with one call, and the connection its own.
  private func returnWindows() {
    while let stream = state.pointee.firstTouched {
      state.pointee.firstTouched = stream.pointee.nextTouched
      stream.pointee.nextTouched = nil
      stream.pointee.isTouched = false
      if stream.pointee.closedWhileTouched {
        stream.pointee.closedWhileTouched = false
        stream.pointee.owner.release()
        continue
      }
      stream.pointee.owner._withUnsafeGuaranteedRef { $0.flushWindow() }  // open streams are retained by us
    }
    flushConnectionWindow()
  }

  func flushConnectionWindow() {
    let size = state.pointee.connectionWindowToReturn
    guard size > 0 else { return }
    state.pointee.connectionWindowToReturn = 0
    if let handle = state.pointee.handle { check(nghttp2_session_consume_connection(handle, size)) }
  }

  private func tellWritable() {
    state.pointee.someBecameWritable = false
    var next = state.pointee.firstOpen
    while let stream = next {
      next = stream.pointee.nextOpen
      if stream.pointee.isAboveHighWater, stream.pointee.queue.count < state.pointee.lowWater(of: stream) {
        stream.pointee.isAboveHighWater = false
        stream.pointee.owner.takeUnretainedValue().onWritable()
      }
    }
  }
}
