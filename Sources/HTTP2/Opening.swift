/// The beginning of a server's connection: the client's preface and settings, answered without nghttp2, whose session takes more memory than all
/// the rest of an idle connection.
///
/// Nothing is said before the preface has come. What nghttp2 has to be told later is kept, some hundred bytes at most; with the first
/// frame that is neither settings nor the connection's first window it takes over.
struct Opening {
  enum Outcome: Equatable {
    /// More bytes decide.
    case waits
    /// nghttp2 takes over, from `digested` on.
    case needsSession
    /// The peer speaks another protocol: what to answer, and why the connection ends.
    case stranger(answer: [UInt8], ConnectionEnd)
  }

  static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
  /// What is kept: a preface, settings of six values and a window take 100 bytes.
  private static let keptMax = 512

  /// What the client has sent.
  private(set) var kept: [UInt8] = []
  /// Bytes of `kept` whose answers are given.
  private(set) var digested = 0
  /// Whether the preface has come, and our settings are in `answers`.
  private(set) var isGreeted = false
  /// What is to be sent.
  var answers: [UInt8] = []
  private var hasSettings = false
  private var hasWindow = false

  init() {}

  /// - Parameter greeting: our SETTINGS, and the connection's window.
  /// - Returns: how many of the bytes were taken: where nghttp2 takes over, the rest is its own.
  mutating func receive(_ bytes: UnsafeRawBufferPointer, greeting: () -> [UInt8]) -> (taken: Int, Outcome) {
    let taken = min(bytes.count, Self.keptMax - kept.count)
    kept.append(contentsOf: bytes.prefix(taken))
    if !isGreeted {
      guard kept.starts(with: Self.preface) else {
        if Self.preface.starts(with: kept) { return (taken, .waits) }
        return (taken, Stranger.judge(kept, isAll: kept.count < Self.keptMax))
      }
      isGreeted = true
      digested = Self.preface.count
      answers += greeting()
    }
    while let frame = nextFrame() {
      guard digest(frame) else { return (taken, .needsSession) }
    }
    return (taken, kept.count == Self.keptMax ? .needsSession : .waits)
  }

  private struct Frame {
    var kind: UInt8
    var flags: UInt8
    var stream: Int
    var payload: ArraySlice<UInt8>
  }

  /// The frame at `digested`, as soon as it is whole; without its payload when it is none of ours.
  private func nextFrame() -> Frame? {
    let rest = kept[digested...]
    guard rest.count >= FrameBytes.headerBytes else { return nil }
    func number(_ range: Range<Int>) -> Int {
      range.reduce(0) { $0 << 8 | Int(rest[digested + $1]) }
    }
    let length = number(0..<3)
    var frame = Frame(
      kind: rest[digested + 3], flags: rest[digested + 4], stream: number(5..<9) & 0x7FFF_FFFF, payload: [])
    let mayWait =
      frame.kind == FrameBytes.settings || frame.kind == FrameBytes.windowUpdate || frame.kind == FrameBytes.ping
    guard mayWait, length <= Self.keptMax / 2 else {
      frame.kind = .max
      return frame
    }
    guard rest.count >= FrameBytes.headerBytes + length else { return nil }
    frame.payload = rest[(digested + FrameBytes.headerBytes)...].prefix(length)
    return frame
  }

  /// - Returns: false for a frame that nghttp2 has to judge.
  private mutating func digest(_ frame: Frame) -> Bool {
    let size = FrameBytes.headerBytes + frame.payload.count
    let isAnswer = frame.flags & FrameBytes.ack != 0
    guard frame.stream == 0, hasSettings || frame.kind == FrameBytes.settings else { return false }
    switch frame.kind {
    case FrameBytes.settings where isAnswer:
      guard frame.payload.isEmpty, hasSettings else { return false }
    case FrameBytes.settings:
      guard Self.areGood(settings: frame.payload) else { return false }
      hasSettings = true
      answers += FrameBytes.header(length: 0, kind: FrameBytes.settings, flags: FrameBytes.ack)
    case FrameBytes.windowUpdate:
      // One alone cannot overflow.
      guard !hasWindow, frame.payload.count == 4 else { return false }
      let size = frame.payload.reduce(0) { $0 << 8 | Int($1) } & 0x7FFF_FFFF
      guard size > 0, size <= 0x7FFF_FFFF - 65_535 else { return false }
      hasWindow = true
    case FrameBytes.ping where isAnswer && frame.payload.count == 8:
      // The answer to our keepalive says nothing to nghttp2, and must not fill what is kept.
      kept.removeSubrange(digested..<digested + size)
      return true
    default: return false
    }
    digested += size
    return true
  }

  /// Values that no rule forbids (RFC 9113 §6.5.2); what is doubtful is nghttp2's to judge.
  private static func areGood(settings: ArraySlice<UInt8>) -> Bool {
    guard settings.count % 6 == 0 else { return false }
    var rest = settings
    while !rest.isEmpty {
      let id = rest.prefix(2).reduce(0) { $0 << 8 | Int($1) }
      let value = rest.dropFirst(2).prefix(4).reduce(0) { $0 << 8 | Int($1) }
      rest = rest.dropFirst(6)
      let isGood =
        switch id {
        case 2, 8, 9: value <= 1
        case 4: value <= 0x7FFF_FFFF
        case 5: (16_384...16_777_215).contains(value)
        default: true
        }
      guard isGood else { return false }
    }
    return true
  }
}
