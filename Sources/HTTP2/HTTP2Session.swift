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
  /// Why the connection cannot go on; nil while it can.
  package private(set) var fault: SessionFault?
  /// The peer sent GOAWAY: no new stream will be served.
  package internal(set) var peerIsLeaving = false
  /// A flood limit, ours or nghttp2's, was spent, and ended the connection.
  package var wasFlooded: Bool {
    if case .flooded = fault { return true }
    return hasSpentLimit
  }

  let state: UnsafeMutablePointer<SessionState>
  var diagnosis: String?
  private var hasSignalledOutput = false
  private var isLost = false
  private var lossIsPending = false
  private var isTerminated = false
  private var hasSpentLimit = false

  /// Cost: about 15 KiB of nghttp2 state. A failed allocation leaves a session whose `fault` is `.noMemory`.
  package init(role: Role, configuration: HTTP2Configuration = HTTP2Configuration(), memory: FaultyMemory? = nil) {
    self.configuration = configuration
    state = .allocate(capacity: 1)
    state.initialize(to: SessionState(owner: Unmanaged.passUnretained(self), isServer: role == .server))
    state.pointee.sendHighWater = configuration.sendHighWater
    state.pointee.sendLowWater = configuration.sendLowWater
    state.pointee.handle = makeHandle(role: role, state: state, configuration: configuration, memory: memory)
    if state.pointee.handle == nil { fault = .noMemory } else { announce() }
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

  /// Feeds what the socket gave. Streams hear of it within this call. Afterwards `fault` or `wantsToClose` may say that it is over.
  package func receive(_ bytes: RawSpan, now: MonotonicNanos) {
    precondition(!state.pointee.isInside, "a stream re-entered its session")
    guard !isOver else { return }
    state.pointee.isInside = true
    state.pointee.flood.begin(now: now.nanoseconds, interval: configuration.floodIntervalNanos)
    let consumed = bytes.withUnsafeBytes { buffer in
      nghttp2_session_mem_recv(
        state.pointee.handle, buffer.baseAddress?.assumingMemoryBound(to: UInt8.self), buffer.count)
    }
    if consumed < 0 { fail(Int32(truncatingIfNeeded: consumed)) }
    finishRead()
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
    guard fault == nil, !isLost else { return false }
    state.pointee.isInside = true
    state.pointee.outputLimit = limit
    var runsDry = false
    while state.pointee.output.count < limit {
      var bytes: UnsafePointer<UInt8>?
      let size = nghttp2_session_mem_send(state.pointee.handle, &bytes)
      if size < 0 {
        fail(Int32(truncatingIfNeeded: size))
        break
      }
      if size == 0 {
        runsDry = state.pointee.output.count < limit
        break
      }
      state.pointee.output.append(UnsafeRawBufferPointer(start: bytes, count: size))
    }
    let output = state.pointee.output.bytes
    let isEmpty = output.isEmpty
    if !isEmpty { body(output.bytes) }
    state.pointee.output.truncate(to: 0)
    finishRead()  // trailers or resets that went out may have closed streams
    if state.pointee.someBecameWritable { tellWritable() }
    state.pointee.isInside = false
    if lossIsPending {
      connectionLost()
      return false
    }
    let mayHaveMore = fault == nil && (!runsDry || nghttp2_session_want_write(state.pointee.handle) != 0)
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
    if fault != nil || isLost { return true }
    return nghttp2_session_want_read(state.pointee.handle) == 0 && nghttp2_session_want_write(state.pointee.handle) == 0
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
    let last = nghttp2_session_get_last_proc_stream_id(state.pointee.handle)
    check(nghttp2_submit_goaway(state.pointee.handle, UInt8(NGHTTP2_FLAG_NONE.rawValue), last, 0, nil, 0))
    outputArose()
  }

  /// GOAWAY with a reason, then the end: open streams do not go on.
  /// - Parameter reason: for whoever reads the peer's log; travels as GOAWAY's debug data.
  package func terminate(_ code: HTTP2ErrorCode, because reason: String = "") {
    guard !isOver else { return }
    isTerminated = true
    if !reason.isEmpty {
      // nghttp2's own GOAWAY, which ends the session, follows and takes no text.
      let last = nghttp2_session_get_last_proc_stream_id(state.pointee.handle)
      let text = Array(reason.utf8)
      let flags = UInt8(NGHTTP2_FLAG_NONE.rawValue)
      check(nghttp2_submit_goaway(state.pointee.handle, flags, last, code.rawValue, text, text.count))
    }
    check(nghttp2_session_terminate_session(state.pointee.handle, code.rawValue))
    outputArose()
  }

  /// A PING that the peer has to answer: any byte received afterwards shows that it lives.
  package func ping() {
    guard !isOver else { return }
    check(nghttp2_submit_ping(state.pointee.handle, UInt8(NGHTTP2_FLAG_NONE.rawValue), nil))
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

  /// Ends the connection for a reason that the layer above found.
  package func fail(_ reason: SessionFault) {
    if fault == nil { fault = reason }
  }

  // MARK: inside the target

  private var isOver: Bool { fault != nil || isLost || isTerminated }
  var isIgnoringInput: Bool { isOver }

  /// A verb's return code: a failed allocation ends the connection, everything else says that the stream or session is closing.
  func check(_ code: Int32) {
    if code == NGHTTP2_ERR_NOMEM.rawValue { fail(.noMemory) }
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
    state.pointee.connectionWindowToReturn += stream.pointee.heldConnectionWindow
    stream.pointee.heldConnectionWindow = 0
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

  /// A flood limit has been spent: GOAWAY with ENHANCE_YOUR_CALM, and nothing more is heard.
  func endFlood(_ limit: String) {
    diagnosis = "too many \(limit)"
    hasSpentLimit = true
    terminate(.enhanceYourCalm, because: "too many \(limit)")
  }

  private func announce() {
    let limits = [
      nghttp2_settings_entry(
        settings_id: Int32(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS.rawValue),
        value: UInt32(configuration.maxConcurrentStreams)),
      nghttp2_settings_entry(
        settings_id: Int32(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE.rawValue), value: UInt32(configuration.streamWindow)),
      nghttp2_settings_entry(
        settings_id: Int32(NGHTTP2_SETTINGS_MAX_FRAME_SIZE.rawValue), value: UInt32(configuration.maxFrameSize)),
      nghttp2_settings_entry(
        settings_id: Int32(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE.rawValue),
        value: UInt32(configuration.maxHeaderListBytes)),
      nghttp2_settings_entry(settings_id: Int32(NGHTTP2_SETTINGS_ENABLE_PUSH.rawValue), value: 0),
    ]
    let count = state.pointee.isServer ? limits.count - 1 : limits.count  // only a client may send ENABLE_PUSH
    let flags = UInt8(NGHTTP2_FLAG_NONE.rawValue)
    check(nghttp2_submit_settings(state.pointee.handle, flags, limits, count))
    check(
      nghttp2_session_set_local_window_size(state.pointee.handle, flags, 0, Int32(configuration.connectionWindow)))
  }

  private func fail(_ code: Int32) {
    switch code {
    case NGHTTP2_ERR_NOMEM.rawValue: fail(.noMemory)
    case NGHTTP2_ERR_BAD_CLIENT_MAGIC.rawValue: fail(.badClientMagic)
    case NGHTTP2_ERR_FLOODED.rawValue: fail(.flooded(diagnosis ?? "queued answers or CONTINUATION frames"))
    default: fail(.unexpected(code))
    }
  }

  /// After a read: each touched stream hears of its end, then returns its window with one call.
  private func finishRead() {
    while let stream = state.pointee.firstTouched {
      state.pointee.firstTouched = stream.pointee.nextTouched
      stream.pointee.nextTouched = nil
      stream.pointee.isTouched = false
      if stream.pointee.closedWhileTouched {
        stream.pointee.closedWhileTouched = false
        stream.pointee.owner.release()
        continue
      }
      let owner = stream.pointee.owner
      if stream.pointee.gotData {
        stream.pointee.gotData = false
        owner._withUnsafeGuaranteedRef { $0.onReadComplete() }  // open streams are retained by us
      }
      owner._withUnsafeGuaranteedRef { $0.flushWindow() }
    }
    flushConnectionWindow()
  }

  func flushConnectionWindow() {
    let size = state.pointee.connectionWindowToReturn
    guard size > 0 else { return }
    state.pointee.connectionWindowToReturn = 0
    check(nghttp2_session_consume_connection(state.pointee.handle, size))
  }

  private func tellWritable() {
    state.pointee.someBecameWritable = false
    var next = state.pointee.firstOpen
    while let stream = next {
      next = stream.pointee.nextOpen
      if stream.pointee.isAboveHighWater, stream.pointee.queue.count < state.pointee.sendLowWater {
        stream.pointee.isAboveHighWater = false
        stream.pointee.owner.takeUnretainedValue().onWritable()
      }
    }
  }
}
