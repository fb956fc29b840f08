internal import Glibc

/// CPU time of the process: what other processes do on the machine is not in it.
enum Stopwatch {
  static func cpuNanos(_ body: () -> Void) -> Int64 {
    let start = now
    body()
    return now - start
  }

  private static var now: Int64 {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}

extension String {
  func padded(to width: Int, left: Bool = false) -> String {
    let space = String(repeating: " ", count: max(0, width - count))
    return left ? space + self : self + space
  }
}

extension Double {
  /// With so many decimals.
  func fixed(_ decimals: Int) -> String {
    let scale = (0..<decimals).reduce(1.0) { scale, _ in scale * 10 }
    let whole = Int64((magnitude * scale).rounded())
    let divisor = Int64(scale)
    let fraction = decimals == 0 ? "" : "." + String(whole % divisor).leftZeros(decimals)
    return (self < 0 ? "-" : "") + "\(whole / divisor)" + fraction
  }
}

extension String {
  fileprivate func leftZeros(_ width: Int) -> String { String(repeating: "0", count: max(0, width - count)) + self }
}
