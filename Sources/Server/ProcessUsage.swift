internal import Foundation

/// What the operating system counts for this process.
enum ProcessUsage {
  /// User and system time of all threads, in seconds.
  static var cpuSeconds: Double {
    var usage = rusage()
    // RUSAGE_SELF, which Swift imports as an enumeration and the function takes as a number.
    guard getrusage(0, &usage) == 0 else { return 0 }
    func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
    return seconds(usage.ru_utime) + seconds(usage.ru_stime)
  }

  /// Resident memory, in bytes: the second figure of `/proc/self/statm`, which counts pages.
  static var residentBytes: UInt64 {
    guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .ascii) else { return 0 }
    let fields = text.split(separator: " ")
    guard fields.count > 1, let pages = UInt64(fields[1]) else { return 0 }
    return pages * UInt64(sysconf(Int32(_SC_PAGESIZE)))
  }
}
