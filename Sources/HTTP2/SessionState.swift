internal import CNghttp2

/// What C callbacks reach of a stream: raw memory, so that the tick path pays a pointer and no object graph (test-tools.md: 2.5 ns
/// against 51 ns). Allocated and freed by its `HTTP2Stream`; nghttp2 holds its address only while the stream is open, and the session
/// retains the owner for that time.
struct StreamState {
  /// Nil once the stream is closed or was never opened: every verb is then a no-op.
  var session: UnsafeMutablePointer<SessionState>?
  var owner: Unmanaged<HTTP2Stream>
  var id: Int32 = 0
  var queue = ByteQueue()
  /// Bytes promised to nghttp2 by the read callback whose frame has not gone out yet.
  var committed = 0
  /// Stream-window bytes to return with the next flush.
  var windowToReturn = 0
  var nextTouched: UnsafeMutablePointer<StreamState>?
  var previousOpen: UnsafeMutablePointer<StreamState>?
  var nextOpen: UnsafeMutablePointer<StreamState>?
  var headerBytes = 0
  var isTouched = false
  var closedWhileTouched = false
  /// The data source waits for `nghttp2_session_resume_data`.
  var isDeferred = false
  /// A header block that opens our direction has been submitted.
  var headersSubmitted = false
  /// No byte follows what is queued: end the stream (client) or send the trailers (server) once it is out.
  var isFinishing = false
  var trailersSubmitted = false
  var remoteEnded = false
  /// The queue passed the high-water mark and has not been below the low-water mark since.
  var isAboveHighWater = false
  /// Bytes of the queue below which its owner is told.
  var queueMark = 0
  /// Both marks of a stream whose queue is kept short; 0 = the session's hold.
  var shortQueueBytes = 0

  init(owner: Unmanaged<HTTP2Stream>) { self.owner = owner }
}

/// What C callbacks reach of a connection; user_data of the nghttp2 session. Allocated and freed by its `HTTP2Session`.
struct SessionState {
  /// Nil while a server's connection is being opened, and without memory.
  var handle: OpaquePointer?
  /// Unretained: the session outlives every callback, which run inside its own methods only.
  var owner: Unmanaged<HTTP2Session>
  var isServer: Bool
  /// A DATA frame mostly follows one of the same stream, so the look-up by id is skipped.
  var lastID: Int32 = 0
  var lastStream: UnsafeMutablePointer<StreamState>?
  var firstTouched: UnsafeMutablePointer<StreamState>?
  var firstOpen: UnsafeMutablePointer<StreamState>?
  var openStreams = 0
  var connectionWindowToReturn = 0
  var output = ByteQueue()
  var outputLimit = Int.max
  var sendHighWater = 0
  var sendLowWater = 0
  var flood = FloodGuard()
  var walk = FrameWalk()
  /// Inside nghttp2's receive or send: no re-entry, streams are told later.
  var isInside = false
  var someBecameWritable = false

  init(owner: Unmanaged<HTTP2Session>, isServer: Bool) {
    self.owner = owner
    self.isServer = isServer
  }

  /// The stream with this id, or nil when it is closed or not ours to know.
  @inline(__always)
  mutating func stream(_ id: Int32) -> UnsafeMutablePointer<StreamState>? {
    if id == lastID, let lastStream { return lastStream }
    guard let raw = nghttp2_session_get_stream_user_data(handle, id) else { return nil }
    let found = raw.assumingMemoryBound(to: StreamState.self)  // the only user data that we ever set
    lastID = id
    lastStream = found
    return found
  }

  func highWater(of stream: UnsafeMutablePointer<StreamState>) -> Int {
    stream.pointee.shortQueueBytes > 0 ? stream.pointee.shortQueueBytes : sendHighWater
  }

  func lowWater(of stream: UnsafeMutablePointer<StreamState>) -> Int {
    stream.pointee.shortQueueBytes > 0 ? stream.pointee.shortQueueBytes : sendLowWater
  }

  mutating func touch(_ stream: UnsafeMutablePointer<StreamState>) {
    guard !stream.pointee.isTouched else { return }
    stream.pointee.isTouched = true
    stream.pointee.nextTouched = firstTouched
    firstTouched = stream
  }

  mutating func link(_ stream: UnsafeMutablePointer<StreamState>) {
    stream.pointee.nextOpen = firstOpen
    stream.pointee.previousOpen = nil
    firstOpen?.pointee.previousOpen = stream
    firstOpen = stream
    openStreams += 1
  }

  mutating func unlink(_ stream: UnsafeMutablePointer<StreamState>) {
    let previous = stream.pointee.previousOpen
    let next = stream.pointee.nextOpen
    if let previous { previous.pointee.nextOpen = next } else { firstOpen = next }
    next?.pointee.previousOpen = previous
    openStreams -= 1
    if lastStream == stream {
      lastStream = nil
      lastID = 0
    }
  }
}
