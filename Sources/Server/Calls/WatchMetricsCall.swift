internal import GRPC
internal import WireCodec

/// `WatchMetrics(WatchMetricsRequest) returns (stream MetricsSnapshot)`.
final class WatchMetricsCall: CallHandler {
  private let call: ServerCall
  private let loop: LoopContext
  private var watch: MetricsWatch?

  init(call: ServerCall, loop: LoopContext) {
    self.call = call
    self.loop = loop
  }

  override func onMessage(_ message: RawSpan) {
    guard watch == nil else {
      watch?.stop()
      watch = nil
      return call.finish(.secondRequest)
    }
    do {
      let interval = try loop.requests.watchMetrics(message)
      if let problem = MetricsWatch.problem(intervalMillis: interval) { return call.finish(problem) }
      if let refusal = loop.admission.watch(peer: call.head.peer) { return call.finish(refusal) }
      let call = call
      let watch = MetricsWatch(
        loop: loop, peer: call.head.peer, intervalMillis: interval, isWritable: { call.isWritable },
        send: { call.send($0.encoded) },
        finish: { call.finish($0) })
      self.watch = watch
      watch.start()
    } catch {
      call.finish(error.status)
    }
  }

  override func onHalfClose() {
    if watch == nil { call.finish(.noRequest) }
  }

  override func onCancel(_ reason: CallEnd) { watch?.stop() }
}
