internal import CNghttp2

// nghttp2's callbacks: free functions of a few lines. `user` is the session's `SessionState`; they never re-enter the session's
// receive or send. Session and streams outlive every callback (see the two state structs), which is why no pointer here can dangle.

@inline(__always)
private func session(_ user: UnsafeMutableRawPointer?) -> UnsafeMutablePointer<SessionState> {
  user.unsafelyUnwrapped.assumingMemoryBound(to: SessionState.self)  // set once, by makeHandle
}

private func onDataChunk(
  _: OpaquePointer?, _: UInt8, id: Int32, bytes: UnsafePointer<UInt8>?, count: Int, user: UnsafeMutableRawPointer?
) -> Int32 {
  let session = session(user)
  session.pointee.connectionWindowToReturn += count
  guard let stream = session.pointee.stream(id) else { return 0 }
  let span = UnsafeRawBufferPointer(start: bytes, count: count).bytes
  stream.pointee.owner._withUnsafeGuaranteedRef { $0.onData(span) }  // open streams are retained by the session
  return 0
}

private func onFrame(_: OpaquePointer?, frame: UnsafePointer<nghttp2_frame>?, user: UnsafeMutableRawPointer?) -> Int32 {
  guard let frame else { return 0 }
  let header = frame.pointee.hd
  // DATA that carries something and ends nothing has been heard by `onDataChunk`. Nearly every frame is that: passing it on would cost a message
  // of its own frame twenty instructions.
  if UInt32(header.type) == NGHTTP2_DATA.rawValue, header.flags & FrameBytes.endStream == 0,
    header.length > frame.pointee.data.padlen
  {
    return 0
  }
  return hear(frame, session(user))
}

@inline(never)
private func hear(_ frame: UnsafePointer<nghttp2_frame>, _ session: UnsafeMutablePointer<SessionState>) -> Int32 {
  let header = frame.pointee.hd
  let endsStream = header.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0
  switch UInt32(header.type) {
  case NGHTTP2_DATA.rawValue:
    if endsStream {
      guard let stream = session.pointee.stream(header.stream_id) else { return 0 }
      stream.pointee.remoteEnded = true
      stream.pointee.owner.takeUnretainedValue().onEndStream()
    } else if header.length <= frame.pointee.data.padlen {
      session.pointee.flood.emptyDataFrames += 1
      checkFlood(session)
    }
  case NGHTTP2_HEADERS.rawValue:
    if let stream = session.pointee.stream(header.stream_id) { deliverHeaders(stream, session, endsStream) }
  case NGHTTP2_PING.rawValue:
    guard header.flags & UInt8(NGHTTP2_FLAG_ACK.rawValue) == 0 else { return 0 }
    session.pointee.flood.pingReceived()
    checkFlood(session)
  case NGHTTP2_SETTINGS.rawValue:
    guard header.flags & UInt8(NGHTTP2_FLAG_ACK.rawValue) == 0 else { return 0 }
    session.pointee.flood.controlFrames += 1
    checkFlood(session)
  case NGHTTP2_PRIORITY.rawValue:
    session.pointee.flood.controlFrames += 1
    checkFlood(session)
  case NGHTTP2_RST_STREAM.rawValue:
    session.pointee.flood.faultyFrames += 1
    checkFlood(session)
  case NGHTTP2_GOAWAY.rawValue:
    session.pointee.owner.takeUnretainedValue().peerIsLeaving = true
  default: break
  }
  return 0
}

/// A frame that nghttp2 answers by RST_STREAM: refused streams and malformed headers come here.
private func onInvalidFrame(
  _: OpaquePointer?, _: UnsafePointer<nghttp2_frame>?, _: Int32, user: UnsafeMutableRawPointer?
) -> Int32 {
  let session = session(user)
  session.pointee.flood.faultyFrames += 1
  checkFlood(session)
  return 0
}

private func checkFlood(_ session: UnsafeMutablePointer<SessionState>) {
  let owner = session.pointee.owner.takeUnretainedValue()
  if !owner.isIgnoringInput, let end = session.pointee.flood.end(owner.configuration) { owner.end(end) }
}

private func deliverHeaders(
  _ stream: UnsafeMutablePointer<StreamState>, _ session: UnsafeMutablePointer<SessionState>, _ endsStream: Bool
) {
  let owner = stream.pointee.owner.takeUnretainedValue()
  let headers = owner.incomingHeaders
  owner.incomingHeaders = []
  let limit = session.pointee.owner.takeUnretainedValue().configuration.maxHeaderListBytes
  let tooLarge = stream.pointee.headerBytes > limit
  stream.pointee.headerBytes = 0
  if endsStream { stream.pointee.remoteEnded = true }
  owner.onHeaders(headers, endStream: endsStream, tooLarge: tooLarge)
}

private func onBeginHeaders(
  _ handle: OpaquePointer?, frame: UnsafePointer<nghttp2_frame>?, user: UnsafeMutableRawPointer?
) -> Int32 {
  guard let frame, frame.pointee.headers.cat == NGHTTP2_HCAT_REQUEST else { return 0 }
  let session = session(user)
  let owner = session.pointee.owner.takeUnretainedValue()
  let id = frame.pointee.hd.stream_id
  guard !owner.isIgnoringInput, let stream = owner.makeStream() else {
    return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue  // resets this stream
  }
  owner.adopt(stream, id: id)
  nghttp2_session_set_stream_user_data(handle, id, UnsafeMutableRawPointer(stream.state))
  return 0
}

private func onHeader(
  _: OpaquePointer?, frame: UnsafePointer<nghttp2_frame>?, name: UnsafePointer<UInt8>?, nameCount: Int,
  value: UnsafePointer<UInt8>?, valueCount: Int, _: UInt8, user: UnsafeMutableRawPointer?
) -> Int32 {
  let session = session(user)
  guard let frame, let stream = session.pointee.stream(frame.pointee.hd.stream_id) else { return 0 }
  stream.pointee.headerBytes += nameCount + valueCount + 32
  let owner = stream.pointee.owner.takeUnretainedValue()
  // Beyond the limit nothing is kept; the block is still read to its end, or the compression state would be lost.
  guard stream.pointee.headerBytes <= session.pointee.owner.takeUnretainedValue().configuration.maxHeaderListBytes
  else {
    return 0
  }
  let name = String(decoding: UnsafeBufferPointer(start: name, count: nameCount), as: UTF8.self)
  let value = String(decoding: UnsafeBufferPointer(start: value, count: valueCount), as: UTF8.self)
  owner.incomingHeaders.append(HeaderField(name, value))
  return 0
}

private func onStreamClose(_ handle: OpaquePointer?, id: Int32, code: UInt32, user: UnsafeMutableRawPointer?) -> Int32 {
  let session = session(user)
  guard let stream = session.pointee.stream(id) else { return 0 }
  nghttp2_session_set_stream_user_data(handle, id, nil)  // nghttp2 may remember closed streams for a while
  let end: StreamEnd = code == 0 ? .complete : .reset(HTTP2ErrorCode(rawValue: code) ?? .internalError)
  session.pointee.owner.takeUnretainedValue().close(stream, end)
  return 0
}

/// nghttp2 ends the connection itself: `takeOutput` says so, with the reason in words, which nghttp2 mostly leaves out.
private func beforeFrameSent(
  _: OpaquePointer?, frame: UnsafePointer<nghttp2_frame>?, user: UnsafeMutableRawPointer?
) -> Int32 {
  guard let frame, UInt32(frame.pointee.hd.type) == NGHTTP2_GOAWAY.rawValue, frame.pointee.goaway.error_code != 0 else {
    return 0
  }
  let goAway = frame.pointee.goaway
  let text = UnsafeRawBufferPointer(start: goAway.opaque_data, count: goAway.opaque_data_len)
  session(user).pointee.owner.takeUnretainedValue().nghttp2Ends(
    goAway.error_code, String(decoding: text, as: UTF8.self))
  return NGHTTP2_ERR_CANCEL.rawValue
}

/// A server that has said all ends a stream whose client still sends: RST_STREAM without error (RFC 9113 §8.1).
private func onFrameSent(
  _ handle: OpaquePointer?, frame: UnsafePointer<nghttp2_frame>?, user: UnsafeMutableRawPointer?
) -> Int32 {
  guard let frame, UInt32(frame.pointee.hd.type) == NGHTTP2_HEADERS.rawValue,
    frame.pointee.hd.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0
  else { return 0 }
  let session = session(user)
  let id = frame.pointee.hd.stream_id
  guard session.pointee.isServer, let stream = session.pointee.stream(id), !stream.pointee.remoteEnded else { return 0 }
  let flags = UInt8(NGHTTP2_FLAG_NONE.rawValue)
  return nghttp2_submit_rst_stream(handle, flags, id, HTTP2ErrorCode.noError.rawValue)
}

/// A response or trailers that nghttp2 cannot send (a block above its 64 KiB): without them the stream would hang, so it is reset.
private func onFrameNotSent(
  _ handle: OpaquePointer?, frame: UnsafePointer<nghttp2_frame>?, _: Int32, user: UnsafeMutableRawPointer?
) -> Int32 {
  guard let frame, UInt32(frame.pointee.hd.type) == NGHTTP2_HEADERS.rawValue else { return 0 }
  let session = session(user)
  let id = frame.pointee.hd.stream_id
  guard session.pointee.isServer, session.pointee.stream(id) != nil else { return 0 }
  let flags = UInt8(NGHTTP2_FLAG_NONE.rawValue)
  return nghttp2_submit_rst_stream(handle, flags, id, HTTP2ErrorCode.internalError.rawValue)
}

/// nghttp2 asks how much of a stream's queue the next DATA frame shall carry; `sendStreamData` then writes it without a copy between.
func readStreamData(
  _: OpaquePointer?, _: Int32, _: UnsafeMutablePointer<UInt8>?, limit: Int, flags: UnsafeMutablePointer<UInt32>?,
  source: UnsafeMutablePointer<nghttp2_data_source>?, _: UnsafeMutableRawPointer?
) -> Int {
  guard let source, let flags, let raw = source.pointee.ptr else { return Int(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue) }
  let stream = raw.assumingMemoryBound(to: StreamState.self)
  let queued = stream.pointee.queue.count
  if queued == 0, stream.pointee.trailersSubmitted || !stream.pointee.isFinishing {
    stream.pointee.isDeferred = true
    return Int(NGHTTP2_ERR_DEFERRED.rawValue)
  }
  let size = min(queued, limit)
  stream.pointee.committed = size
  if size > 0 { flags.pointee |= UInt32(NGHTTP2_DATA_FLAG_NO_COPY.rawValue) }
  if size == queued, stream.pointee.isFinishing {
    flags.pointee |= UInt32(NGHTTP2_DATA_FLAG_EOF.rawValue)
    let owner = stream.pointee.owner.takeUnretainedValue()
    if stream.pointee.session?.pointee.isServer == true {
      flags.pointee |= UInt32(NGHTTP2_DATA_FLAG_NO_END_STREAM.rawValue)
      owner.sendTrailers(owner.pendingTrailers)
    }
  }
  return size
}

/// Writes one DATA frame into the gathered output: its 9 bytes of header and the head of the stream's queue.
private func sendStreamData(
  _: OpaquePointer?, _: UnsafeMutablePointer<nghttp2_frame>?, head: UnsafePointer<UInt8>?, count: Int,
  source: UnsafeMutablePointer<nghttp2_data_source>?, user: UnsafeMutableRawPointer?
) -> Int32 {
  let session = session(user)
  guard session.pointee.output.count < session.pointee.outputLimit else { return NGHTTP2_ERR_WOULDBLOCK.rawValue }
  guard let source, let raw = source.pointee.ptr else { return NGHTTP2_ERR_CALLBACK_FAILURE.rawValue }
  let stream = raw.assumingMemoryBound(to: StreamState.self)
  let queued = stream.pointee.queue.bytes
  guard queued.count >= count else { return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue }
  session.pointee.output.append(UnsafeRawBufferPointer(start: head, count: 9))
  session.pointee.output.append(UnsafeRawBufferPointer(rebasing: queued[..<count]))
  stream.pointee.queue.removeFirst(count)
  stream.pointee.committed = 0
  if stream.pointee.queue.count < stream.pointee.queueMark {
    stream.pointee.owner._withUnsafeGuaranteedRef { $0.onQueueBelowMark() }  // open streams are retained by the session
  }
  session.pointee.flood.dataSent()
  if stream.pointee.shortQueueBytes > 0 { stream.pointee.queue.giveBack(above: 2 * stream.pointee.shortQueueBytes) }
  if stream.pointee.isAboveHighWater, stream.pointee.queue.count < session.pointee.lowWater(of: stream) {
    session.pointee.someBecameWritable = true
  }
  return 0
}

/// Frames as large as the peer takes them (nghttp2's own default stops at 16 KiB).
private func frameLength(
  _: OpaquePointer?, _: UInt8, _: Int32, sessionWindow: Int32, streamWindow: Int32, maxFrame: UInt32,
  _: UnsafeMutableRawPointer?
) -> Int {
  min(Int(sessionWindow), Int(streamWindow), Int(maxFrame), 64 << 10)
}

private func onError(
  _: OpaquePointer?, _: Int32, text: UnsafePointer<CChar>?, count: Int, user: UnsafeMutableRawPointer?
) -> Int32 {
  let bytes = UnsafeRawBufferPointer(start: text, count: count)
  session(user).pointee.owner.takeUnretainedValue().diagnosis = String(decoding: bytes, as: UTF8.self)
  return 0
}

/// A session with our callbacks and options, or nil without memory.
func makeHandle(
  role: HTTP2Session.Role, state: UnsafeMutablePointer<SessionState>, configuration: HTTP2Configuration,
  memory: FaultyMemory?
) -> OpaquePointer? {
  var callbacks: OpaquePointer?
  var options: OpaquePointer?
  guard nghttp2_session_callbacks_new(&callbacks) == 0, nghttp2_option_new(&options) == 0 else {
    nghttp2_session_callbacks_del(callbacks)
    return nil
  }
  defer {
    nghttp2_session_callbacks_del(callbacks)
    nghttp2_option_del(options)
  }
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, onDataChunk)
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, onFrame)
  nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(callbacks, onInvalidFrame)
  nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, onBeginHeaders)
  nghttp2_session_callbacks_set_on_header_callback(callbacks, onHeader)
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, onStreamClose)
  nghttp2_session_callbacks_set_before_frame_send_callback(callbacks, beforeFrameSent)
  nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, onFrameSent)
  nghttp2_session_callbacks_set_on_frame_not_send_callback(callbacks, onFrameNotSent)
  nghttp2_session_callbacks_set_send_data_callback(callbacks, sendStreamData)
  nghttp2_session_callbacks_set_data_source_read_length_callback(callbacks, frameLength)
  nghttp2_session_callbacks_set_error_callback2(callbacks, onError)
  nghttp2_option_set_no_auto_window_update(options, 1)
  nghttp2_option_set_no_closed_streams(options, 1)
  // nghttp2's own limits of unread answers and of resets lie above ours, which say why they end a connection, and in which time. (Its
  // default ends a connection at the thousandth cancelled call.)
  let resets = UInt64(2 * configuration.maxFaultyFrames)
  nghttp2_option_set_stream_reset_rate_limit(options, resets, resets)
  nghttp2_option_set_max_outbound_ack(options, 2 * (configuration.maxControlFrames + FloodGuard.explainedPingsMax))
  var handle: OpaquePointer?
  let user = UnsafeMutableRawPointer(state)
  let code = withMemory(memory) { allocator in
    role == .server
      ? nghttp2_session_server_new3(&handle, callbacks, user, options, allocator)
      : nghttp2_session_client_new3(&handle, callbacks, user, options, allocator)
  }
  return code == 0 ? handle : nil
}
