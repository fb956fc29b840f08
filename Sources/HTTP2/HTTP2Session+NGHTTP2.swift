internal import CNghttp2

// How nghttp2's session is made, fed and emptied.
extension HTTP2Session {
  /// The client's beginning; its first frame that is more than settings makes nghttp2's session.
  func open(_ bytes: UnsafeRawBufferPointer) {
    guard var opening else { return }
    self.opening = nil  // so that its buffer is not copied
    let (taken, outcome) = opening.receive(bytes) { Self.greeting(configuration) }
    state.pointee.output.append(opening.answers)
    opening.answers = []
    self.opening = opening
    if leavesWhenOpened, opening.isGreeted { return takeOver(bytes.rebased(from: taken)) }
    switch outcome {
    case .waits: break
    case .needsSession: takeOver(bytes.rebased(from: taken))
    case .stranger(let answer, let end): self.end(end, answer: answer.isEmpty ? nil : answer)
    }
  }

  /// From now on nghttp2's session decides. It is told what has been heard and answered without it; what it says to that is known.
  func takeOver(_ rest: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0)) {
    guard let opening else { return }
    self.opening = nil
    makeSession()
    drop()
    opening.kept.withUnsafeBytes { kept in
      feed(UnsafeRawBufferPointer(rebasing: kept[..<opening.digested]))
      drop()
      take(kept.rebased(from: opening.digested))
    }
    take(rest)
    if leavesWhenOpened {
      leavesWhenOpened = false
      goAway()
    }
  }

  /// Feeds bytes up to the first frame that breaks a rule which nghttp2 does not watch.
  func take(_ bytes: UnsafeRawBufferPointer) {
    guard state.pointee.isServer else { return feed(bytes) }
    var walked = 0
    var fed = 0
    while !isIgnoringInput, let breach = state.pointee.walk.next(in: bytes, from: &walked) {
      let start = max(fed, breach.start)
      feed(UnsafeRawBufferPointer(rebasing: bytes[fed..<start]))
      fed = start
      if breach.unlessOpen, state.pointee.stream(breach.stream) != nil { continue }
      return end(breach.end)
    }
    feed(bytes.rebased(from: fed))
  }

  private func feed(_ bytes: UnsafeRawBufferPointer) {
    guard !isIgnoringInput, !bytes.isEmpty else { return }
    let consumed = nghttp2_session_mem_recv(
      state.pointee.handle, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count)
    if consumed < 0 { end(Int32(truncatingIfNeeded: consumed)) }
  }

  var wantsToWrite: Bool {
    state.pointee.handle.map { nghttp2_session_want_write($0) != 0 } ?? false
  }

  /// Moves nghttp2's frames to the output.
  /// - Returns: whether it has no more for now.
  func gather(upTo limit: Int) -> Bool {
    guard let handle = state.pointee.handle, ending == nil || ending?.code != nil else { return true }
    while state.pointee.output.count < limit {
      var bytes: UnsafePointer<UInt8>?
      let size = nghttp2_session_mem_send(handle, &bytes)
      if size < 0 {
        end(Int32(truncatingIfNeeded: size))
        return true
      }
      if size == 0 { return state.pointee.output.count < limit }
      state.pointee.output.append(UnsafeRawBufferPointer(start: bytes, count: size))
    }
    return false
  }

  /// Drops nghttp2's frames that the opening has said already.
  private func drop() {
    guard let handle = state.pointee.handle, !isIgnoringInput else { return }
    while true {
      var bytes: UnsafePointer<UInt8>?
      let size = nghttp2_session_mem_send(handle, &bytes)
      if size < 0 { return end(Int32(truncatingIfNeeded: size)) }
      if size == 0 { return }
      let frame = UnsafeRawBufferPointer(start: bytes, count: size)
      let isKnown = size > 3 && (frame[3] == FrameBytes.settings || frame[3] == FrameBytes.windowUpdate)
      if !isKnown { state.pointee.output.append(frame) }
    }
  }

  func makeSession() {
    state.pointee.handle = makeHandle(role: role, state: state, configuration: configuration, memory: memory)
    guard let handle = state.pointee.handle else { return end(NGHTTP2_ERR_NOMEM.rawValue) }
    let values = Self.settings(configuration, isServer: state.pointee.isServer)
    let entries = values.map { nghttp2_settings_entry(settings_id: Int32($0.id), value: $0.value) }
    let flags = UInt8(NGHTTP2_FLAG_NONE.rawValue)
    check(nghttp2_submit_settings(handle, flags, entries, entries.count))
    check(nghttp2_session_set_local_window_size(handle, flags, 0, Int32(configuration.connectionWindow)))
  }

  private static func settings(_ configuration: HTTP2Configuration, isServer: Bool) -> [(id: UInt16, value: UInt32)] {
    let maxStreams: UInt16 = 3
    let initialWindow: UInt16 = 4
    let maxFrame: UInt16 = 5
    let maxHeaderList: UInt16 = 6
    let enablePush: UInt16 = 2
    let values = [
      (maxStreams, UInt32(configuration.maxConcurrentStreams)), (initialWindow, UInt32(configuration.streamWindow)),
      (maxFrame, UInt32(configuration.maxFrameSize)), (maxHeaderList, UInt32(configuration.maxHeaderListBytes)),
    ]
    return isServer ? values : values + [(enablePush, 0)]  // only a client may send ENABLE_PUSH
  }

  /// What a server says first, as nghttp2 would: its settings, and the connection's window where it is not HTTP/2's 65,535 bytes.
  private static func greeting(_ configuration: HTTP2Configuration) -> [UInt8] {
    let payload = settings(configuration, isServer: true).flatMap { value in
      [UInt8(value.id >> 8), UInt8(value.id & 0xFF)] + FrameBytes.bigEndian(value.value)
    }
    let more = configuration.connectionWindow - 65_535
    let window =
      more <= 0
      ? [] : FrameBytes.header(length: 4, kind: FrameBytes.windowUpdate) + FrameBytes.bigEndian(UInt32(more))
    return FrameBytes.header(length: payload.count, kind: FrameBytes.settings) + payload + window
  }

  /// nghttp2 gave up.
  func end(_ code: Int32) {
    switch code {
    case NGHTTP2_ERR_NOMEM.rawValue: end(ConnectionEnd(.noMemory, "no memory"))
    case NGHTTP2_ERR_BAD_CLIENT_MAGIC.rawValue: end(ConnectionEnd(.notHTTP2, "not HTTP/2's connection preface"))
    case NGHTTP2_ERR_FLOODED.rawValue:
      end(ConnectionEnd(.unreadAnswers, diagnosis ?? "too many frames whose answers are not read"))
    case NGHTTP2_ERR_TOO_MANY_CONTINUATIONS.rawValue:
      end(ConnectionEnd(.continuationFrames, "too many CONTINUATION frames behind one HEADERS frame"))
    default: end(ConnectionEnd(.internalError, diagnosis ?? "internal error \(code)"))
    }
  }

  /// nghttp2 would send GOAWAY with an error.
  func nghttp2Ends(_ code: UInt32, _ text: String) {
    let reason = EndReason(nghttp2: code)
    var text = text
    if text.isEmpty, reason == .headerCompression {
      text = "a header block cannot be decoded: it is broken, or a field in it is longer than 65,536 bytes"
    }
    if text.isEmpty { text = diagnosis ?? "the peer broke HTTP/2's rules" }
    end(ConnectionEnd(reason, text, code: HTTP2ErrorCode(rawValue: code)))
  }
}

extension UnsafeRawBufferPointer {
  func rebased(from offset: Int) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: self[offset...]) }
}
