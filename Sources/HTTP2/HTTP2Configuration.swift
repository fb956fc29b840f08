/// Limits and sizes of one HTTP/2 connection. Bytes unless the name says otherwise.
package struct HTTP2Configuration: Sendable, Equatable {
  /// Receive window of each stream (SETTINGS_INITIAL_WINDOW_SIZE). 1 MiB measured best on loopback (architecture.md).
  package var streamWindow = 1 << 20
  /// Receive window of the connection; returned on receipt, so that no stream can starve another.
  package var connectionWindow = 4 << 20
  /// Largest frame payload that we accept, 16,384 to 16,777,215 (RFC 9113 §4.2).
  package var maxFrameSize = 64 << 10
  /// Streams that a peer may hold open at once.
  package var maxConcurrentStreams = 1_000
  /// Sum over a header block's fields of name + value + 32 (RFC 9113 §6.5.2).
  package var maxHeaderListBytes = 16 << 10
  /// Bytes of a send queue at which a stream counts as not writable, and below which `onWritable` follows.
  package var sendHighWater = 256 << 10
  package var sendLowWater = 64 << 10
  /// What a peer may do for nothing within one `floodIntervalNanos`; beyond, the connection ends with ENHANCE_YOUR_CALM.
  /// nghttp2 1.52 itself ends CONTINUATION floods, not these.
  package var floodIntervalNanos: Int64 = 10_000_000_000
  /// SETTINGS and PRIORITY frames an interval, and PINGs beyond the DATA frames that were sent before them.
  package var maxControlFrames = 1_000
  /// DATA frames without a byte and without END_STREAM an interval.
  package var maxEmptyDataFrames = 1_000
  /// Frames an interval that made us answer RST_STREAM: refused streams, malformed headers, streams reset by the peer.
  package var maxFaultyFrames = 10_000

  package init() {}
}

/// Error codes of RST_STREAM and GOAWAY (RFC 9113 §7).
public enum HTTP2ErrorCode: UInt32, Sendable {
  case noError = 0
  case protocolError, internalError, flowControlError, settingsTimeout, streamClosed, frameSizeError, refusedStream
  case cancel, compressionError, connectError, enhanceYourCalm, inadequateSecurity, http11Required
}
