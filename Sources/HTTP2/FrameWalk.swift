/// Walks the headers of a client's frames, ahead of nghttp2, which passes over frames on streams that it has forgotten.
///
/// A frame on a stream that the client itself has ended or reset is STREAM_CLOSED, one that opens a lower stream than one before
/// PROTOCOL_ERROR (RFC 9113 §5.1, §5.1.1). Frames on a stream that *we* have reset are under way, and pass: nghttp2 ignores them.
/// Only frame headers decide, so that a read's frames are judged before nghttp2 sees the first of them.
///
/// - Cost: a dozen instructions a DATA frame of the stream before, some fifty any other; no allocation. Plain value in the session's raw memory.
struct FrameWalk {
  struct Breach: Equatable {
    /// Where in the bytes the frame begins; negative when its header began in an earlier read.
    var start: Int
    var stream: Int32
    var end: ConnectionEnd
    /// The stream is older than what is remembered: a breach only if nghttp2 does not know it as open.
    var unlessOpen = false
  }

  /// Bytes of the frame under way that are still to come.
  private var payloadLeft = 0
  /// The beginning of a header that two reads share.
  private var torn: (UInt64, UInt8) = (0, 0)
  private var tornBytes = 0
  private var streams = StreamMemory()
  /// The stream of the last DATA frame, while it is known as open; 0 = none.
  private var lastOpen: UInt32 = 0

  init() {}

  /// The next breach among the bytes from `offset` on; nil when there is none, and all of them have been walked.
  /// - Parameter offset: moves behind the frame header that was judged, or to the end.
  mutating func next(in bytes: UnsafeRawBufferPointer, from offset: inout Int) -> Breach? {
    while true {
      let skipped = min(payloadLeft, bytes.count - offset)
      payloadLeft -= skipped
      offset += skipped
      if payloadLeft == 0 { passData(in: bytes, &offset) }
      guard offset < bytes.count else { return nil }
      var start = offset
      var head: (UInt64, UInt8)
      if tornBytes == 0, bytes.count - offset >= FrameBytes.headerBytes {
        head = (bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self).bigEndian, bytes[offset + 8])
        offset += FrameBytes.headerBytes
      } else {
        start -= tornBytes
        while tornBytes < FrameBytes.headerBytes {
          guard offset < bytes.count else { return nil }
          if tornBytes < 8 { torn.0 = torn.0 << 8 | UInt64(bytes[offset]) } else { torn.1 = bytes[offset] }
          tornBytes += 1
          offset += 1
        }
        head = torn
        torn = (0, 0)
        tornBytes = 0
      }
      payloadLeft = Int(head.0 >> 40)
      let kind = UInt8(truncatingIfNeeded: head.0 >> 32)
      let flags = UInt8(truncatingIfNeeded: head.0 >> 24)
      let id = (UInt32(truncatingIfNeeded: head.0) << 8 | UInt32(head.1)) & 0x7FFF_FFFF
      if var breach = judge(kind, ends: flags & FrameBytes.endStream != 0, id) {
        breach.start = start
        return breach
      }
    }
  }

  /// Passes over whole headers of DATA frames of `lastOpen` that do not end it, and their payloads. They mostly follow one another, and one that
  /// carries a single tick costs little elsewhere: judging each would be a twentieth of it.
  @inline(__always)
  private mutating func passData(in bytes: UnsafeRawBufferPointer, _ offset: inout Int) {
    guard lastOpen != 0, tornBytes == 0, let base = bytes.baseAddress else { return }
    // The header from its second byte on, as it lies in memory: two bytes of the length, kind, flags, stream.
    let compared = UInt64(bigEndian: 0x0000_FF00_7FFF_FFFF | UInt64(FrameBytes.endStream) << 32)
    let expected = UInt64(bigEndian: UInt64(FrameBytes.data) << 40 | UInt64(lastOpen))
    let lastHeader = bytes.count - FrameBytes.headerBytes
    var position = offset
    while position <= lastHeader {
      let header = base + position  // within the bytes, as just compared
      guard header.loadUnaligned(fromByteOffset: 1, as: UInt64.self) & compared == expected else { break }
      // A length has 24 bits: no sum of it and a place in the bytes overflows.
      position &+= FrameBytes.headerBytes &+ Int(UInt32(bigEndian: header.loadUnaligned(as: UInt32.self)) >> 8)
    }
    payloadLeft = max(0, position - bytes.count)
    offset = min(position, bytes.count)
  }

  private mutating func judge(_ kind: UInt8, ends: Bool, _ id: UInt32) -> Breach? {
    guard id & 1 == 1 else { return nil }  // the connection's, or none that a client may use: nghttp2's to judge
    let what: String
    switch kind {
    case FrameBytes.headers:
      if id > streams.last {
        streams.open(id)
        return noteEnd(ends, id)
      }
      what = "HEADERS"
    case FrameBytes.data:
      guard id <= streams.last else { return nil }
      what = "DATA"
    case FrameBytes.reset:
      return noteEnd(true, id)
    default: return nil
    }
    var breach = Breach(start: 0, stream: Int32(bitPattern: id), end: ConnectionEnd(.closedStream, ""))
    switch streams.state(of: id) {
    case .open:
      if kind == FrameBytes.data { lastOpen = id }
      return noteEnd(ends, id)
    case .ended:
      breach.end = ConnectionEnd(.closedStream, "\(what) on stream \(id), which its client has ended")
    case .skipped:
      breach.end = ConnectionEnd(.protocolError, "\(what) on stream \(id) after stream \(streams.last)")
    case .forgotten:
      guard kind == FrameBytes.headers else { return nil }
      breach.end = ConnectionEnd(.protocolError, "\(what) on stream \(id) after stream \(streams.last)")
      breach.unlessOpen = true
    }
    return breach
  }

  private mutating func noteEnd(_ ends: Bool, _ id: UInt32) -> Breach? {
    guard ends else { return nil }
    streams.end(id)
    if lastOpen == id { lastOpen = 0 }
    return nil
  }
}

/// How the client left its newest streams. A stream that we have reset counts as open, since its client may not know yet.
struct StreamMemory {
  enum State: Equatable {
    case open
    /// By END_STREAM or RST_STREAM of the client.
    case ended
    /// Never opened, though a later one was.
    case skipped
    /// Older than what is remembered.
    case forgotten
  }

  /// Streams remembered: a client has some hundred calls at once, and tests of the rules use the last one.
  static let capacity = 256

  /// The highest stream opened; 0 before the first.
  private(set) var last: UInt32 = 0
  // A bit a stream at (id / 2) % capacity.
  private var opened: SIMD4<UInt64> = .zero
  private var ended: SIMD4<UInt64> = .zero

  init() {}

  /// - Parameter id: odd and above `last`.
  mutating func open(_ id: UInt32) {
    var skipped = last == 0 ? 1 : last + 2
    if id - skipped >= 2 * UInt32(Self.capacity) {
      opened = .zero
      ended = .zero
    } else {
      while skipped < id {
        set(skipped, opened: false)
        skipped += 2
      }
    }
    set(id, opened: true)
    last = id
  }

  mutating func end(_ id: UInt32) {
    guard state(of: id) == .open else { return }
    let place = place(of: id)
    ended[place.word] |= place.bit
  }

  func state(of id: UInt32) -> State {
    guard id <= last else { return .skipped }
    guard last - id < 2 * UInt32(Self.capacity) else { return .forgotten }
    let place = place(of: id)
    if opened[place.word] & place.bit == 0 { return .skipped }
    return ended[place.word] & place.bit == 0 ? .open : .ended
  }

  private mutating func set(_ id: UInt32, opened isOpen: Bool) {
    let place = place(of: id)
    if isOpen { opened[place.word] |= place.bit } else { opened[place.word] &= ~place.bit }
    ended[place.word] &= ~place.bit
  }

  private func place(of id: UInt32) -> (word: Int, bit: UInt64) {
    let index = Int(id / 2) % Self.capacity
    return (index / 64, 1 << UInt64(index % 64))
  }
}
