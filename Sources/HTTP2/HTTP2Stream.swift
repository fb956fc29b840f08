internal import CNghttp2

/// Who ended a stream.
public enum StreamEnd: Sendable, Equatable {
  /// Both directions ended as the protocol wants it.
  case complete
  /// RST_STREAM from the peer, or from us on its protocol error.
  case reset(HTTP2ErrorCode)
  /// The connection went away, or a GOAWAY left this stream out.
  case connectionLost
}

/// One HTTP/2 stream: what happened to it comes in by the overridable methods, what shall happen goes out by the others.
///
/// Subclassed rather than wrapped: one virtual call per DATA chunk is all that the tick path pays (`open`, because Swift lets no other
/// class be subclassed from another target). All methods belong to the connection's
/// event loop. The overridable ones run inside the session's `receive`, `takeOutput` or `connectionLost`; they may call every verb below.
open class HTTP2Stream {
  /// Owned: freed in `deinit`, which cannot run while nghttp2 knows the address, because the session retains open streams.
  let state: UnsafeMutablePointer<StreamState>
  var incomingHeaders: [HeaderField] = []
  var pendingTrailers: [HeaderField] = []

  package init() {
    state = .allocate(capacity: 1)
    state.initialize(to: StreamState(owner: Unmanaged.passUnretained(self)))
  }

  deinit {
    state.pointee.queue.free()
    state.deinitialize(count: 1)
    state.deallocate()
  }

  // MARK: what a subclass hears

  /// A complete header block: request, response or trailers. `tooLarge`: it passed the limit and is cut there.
  open func onHeaders(_ headers: [HeaderField], endStream: Bool, tooLarge: Bool) {}

  /// DATA bytes, in place: valid within this call only. Return their window with `returnWindow`.
  open func onData(_ bytes: RawSpan) {}

  /// The peer's direction ended after DATA (headers that end a stream say so themselves).
  open func onEndStream() {}

  /// The stream is gone; nothing follows, and every verb is a no-op from now on.
  open func onClose(_ end: StreamEnd) {}

  /// `sendQueueBytes` fell below the low-water mark after having been above the high-water mark.
  open func onWritable() {}

  /// `sendQueueBytes` fell below `queueMark`. Inside nghttp2's send: nothing may be sent or ended in here.
  open func onQueueBelowMark() {}

  // MARK: what a subclass does

  package var id: Int32 { state.pointee.id }
  package var isOpen: Bool { state.pointee.session != nil }
  package var sendQueueBytes: Int { state.pointee.queue.count }
  package var hasSendRoom: Bool { isOpen && !state.pointee.isAboveHighWater }
  package var remoteEnded: Bool { state.pointee.remoteEnded }
  /// Where `onQueueBelowMark` is told; 0 = nowhere.
  package var queueMark: Int {
    get { state.pointee.queueMark }
    set { state.pointee.queueMark = newValue }
  }

  /// As if the queue were at the high-water mark: no more room until it is below the low-water mark, which `onWritable` tells.
  package func stopSending() { state.pointee.isAboveHighWater = true }

  /// Bytes at the head of the queue that are promised to a frame.
  package var committedBytes: Int { state.pointee.committed }

  /// What the peer takes now, of the stream's window and the connection's, beyond what is queued.
  package var freeWindowBytes: Int {
    guard let session = state.pointee.session else { return 0 }
    let handle = session.pointee.handle
    let window = min(
      nghttp2_session_get_stream_remote_window_size(handle, state.pointee.id),
      nghttp2_session_get_remote_window_size(handle))
    return max(0, Int(window) - state.pointee.queue.count)
  }

  /// Makes the stream unwritable from so many queued bytes on, and keeps little memory for its queue: for streams of which there are many.
  package func keepQueueShort(_ bytes: Int) { state.pointee.shortQueueBytes = bytes }

  /// Drops what is queued but for the first bytes, which the peer would miss: the rest of a message that is partly out.
  package func discardQueue(keeping bytes: Int) {
    state.pointee.queue.truncate(to: max(bytes, state.pointee.committed))
  }

  /// Queues one framed message (flag byte, big-endian length, body) behind what is queued; one copy.
  package func enqueue(flag: UInt8, body: RawSpan) {
    guard state.pointee.session != nil, !state.pointee.isFinishing else { return }
    body.withUnsafeBytes { bytes in
      state.pointee.queue.append(flag: flag, length: UInt32(truncatingIfNeeded: bytes.count), body: bytes)
    }
    didEnqueue()
  }

  /// Gives stream window back to the peer: now, or with the running read's one flush.
  package func returnWindow(_ bytes: Int) {
    guard bytes > 0, let session = state.pointee.session else { return }
    state.pointee.windowToReturn += bytes
    if session.pointee.isInside {
      session.pointee.touch(state)
    } else {
      flushWindow()
      session.pointee.owner.takeUnretainedValue().outputArose()
    }
  }

  /// Server: the response's first header block. With `endStream` it is also the last.
  package func submitResponse(_ headers: [HeaderField], endStream: Bool) {
    guard let session = state.pointee.session, !state.pointee.headersSubmitted else { return }
    state.pointee.headersSubmitted = true
    state.pointee.trailersSubmitted = endStream
    let owner = session.pointee.owner.takeUnretainedValue()
    var source = nghttp2_data_provider()
    source.source.ptr = UnsafeMutableRawPointer(state)
    source.read_callback = readStreamData
    let code = withNameValues(headers) { values, count in
      endStream
        ? nghttp2_submit_response(session.pointee.handle, state.pointee.id, values, count, nil)
        : nghttp2_submit_response(session.pointee.handle, state.pointee.id, values, count, &source)
    }
    owner.check(code)
    owner.outputArose()
  }

  /// Server: trailers, sent when everything queued is out. With `discardingQueue` at once, dropping what is not yet framed.
  package func submitTrailers(_ trailers: [HeaderField], discardingQueue: Bool = false) {
    guard let session = state.pointee.session, state.pointee.headersSubmitted, !state.pointee.isFinishing else {
      return
    }
    state.pointee.isFinishing = true
    if discardingQueue { state.pointee.queue.truncate(to: state.pointee.committed) }
    if state.pointee.queue.isEmpty {
      // The data source stays deferred: trailers are HEADERS, which no window holds back, and need no empty DATA frame before them.
      sendTrailers(trailers)
    } else {
      pendingTrailers = trailers
    }
    session.pointee.owner.takeUnretainedValue().outputArose()
  }

  /// Client: no more messages; END_STREAM follows what is queued.
  package func endSending() {
    guard let session = state.pointee.session, !state.pointee.isFinishing else { return }
    state.pointee.isFinishing = true
    resumeIfDeferred()
    session.pointee.owner.takeUnretainedValue().outputArose()
  }

  /// Ends the stream at once with RST_STREAM.
  package func reset(_ code: HTTP2ErrorCode) {
    guard let session = state.pointee.session else { return }
    state.pointee.isFinishing = true
    state.pointee.queue.truncate(to: state.pointee.committed)
    let owner = session.pointee.owner.takeUnretainedValue()
    let flags = UInt8(NGHTTP2_FLAG_NONE.rawValue)
    owner.check(nghttp2_submit_rst_stream(session.pointee.handle, flags, state.pointee.id, code.rawValue))
    owner.outputArose()
  }

  // MARK: inside the target

  func sendTrailers(_ trailers: [HeaderField]) {
    guard let session = state.pointee.session, !state.pointee.trailersSubmitted else { return }
    state.pointee.trailersSubmitted = true
    let code = withNameValues(trailers) { nghttp2_submit_trailer(session.pointee.handle, state.pointee.id, $0, $1) }
    session.pointee.owner.takeUnretainedValue().check(code)
  }

  func flushWindow() {
    guard let session = state.pointee.session, state.pointee.windowToReturn > 0 else { return }
    let size = state.pointee.windowToReturn
    state.pointee.windowToReturn = 0
    // Refused only for streams that nghttp2 has closed meanwhile: nothing is owed then.
    _ = nghttp2_session_consume_stream(session.pointee.handle, state.pointee.id, size)
  }

  private func didEnqueue() {
    guard let session = state.pointee.session else { return }
    if state.pointee.queue.count >= session.pointee.highWater(of: state) { state.pointee.isAboveHighWater = true }
    resumeIfDeferred()
    session.pointee.owner.takeUnretainedValue().outputArose()
  }

  private func resumeIfDeferred() {
    guard state.pointee.isDeferred, let session = state.pointee.session else { return }
    state.pointee.isDeferred = false
    // Refused only when the stream is closing: harmless.
    _ = nghttp2_session_resume_data(session.pointee.handle, state.pointee.id)
  }
}
